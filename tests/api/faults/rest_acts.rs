//! Requests of programs that write, for the table in `acts.rs`.

use serde_json::{Value, json};

use crate::support::{Program, User, text};

/// What a request of a program needs, and what it leaves.
pub struct ProgramAct {
    pub secret: String,
    pub id: String,
    pub body: Value,
    pub rows: String,
}

/// The scopes of the program.
const SCOPES: [&str; 2] = ["messages:write", "contacts:write"];

/// Creates what an unsent request needs. `unique` ends with a number.
pub async fn prepare(owner: &User, route: &str, unique: &str) -> ProgramAct {
    let Program { secret, .. } = owner.program(&SCOPES).await;
    let number: String = unique.chars().filter(char::is_ascii_digit).collect();
    let phone = format!("+1555{number:0>7}");
    let (id, body, rows) = match route {
        "POST /api/v1/contacts" => {
            let body = json!({ "firstName": unique, "phone": phone, "email": format!("{unique}@example.com") });
            (String::new(), body, format!("contacts WHERE first_name = '{unique}'"))
        }
        "PATCH /api/v1/contacts/{id}" => {
            let id = text(&owner.contact("Jane", "Doe", &phone).await["id"]);
            (id, json!({ "company": unique }), format!("contacts WHERE company = '{unique}'"))
        }
        "POST /api/v1/messages" => {
            owner.contact("Jane", "Doe", &phone).await;
            let body =
                json!({ "contact": { "phone": phone }, "direction": "inbound", "externalId": unique, "body": "Hello" });
            (String::new(), body, format!("messages WHERE external_id = '{unique}'"))
        }
        "PATCH /api/v1/messages/{id}/delivery" => {
            let channel = text(&owner.contact("Jane", "Doe", &phone).await["channelId"]);
            let id = text(&owner.send(&channel, unique, &[]).await.ok()["id"]);
            let body = json!({ "status": "sent", "externalId": unique });
            (id, body, "messages WHERE id = {id} AND delivery_status = 'sent'".to_owned())
        }
        _ => panic!("nobody knows what {route} needs"),
    };
    ProgramAct { secret, id, body, rows }
}
