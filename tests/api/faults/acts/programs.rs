//! The requests of programs, under `/api/v1`.

use serde_json::{Value, json};

use super::{Again, CHANNEL_ALIVE, LIVE_FILE, LIVE_MESSAGE, SESSIONS, World};
use crate::support::{PASSWORD, User, text};
use Again::{Refused, Same, Twice};

/// Requests with statements of their own. What follows the path only tells two requests of one route apart.
#[rustfmt::skip]
pub const OWN: &[(&str, Again)] = &[
    ("POST /api/v1/contacts", Same),
    ("PATCH /api/v1/contacts/{id}", Same),
    ("POST /api/v1/messages", Same),
    ("POST /api/v1/messages to a new contact", Same),
    ("POST /api/v1/messages with a key", Same),
    ("POST /api/v1/messages/with-attachment with a key", Same),
    ("PATCH /api/v1/messages/{id}/delivery", Same),
    ("POST /api/v1/attachments/upload", Twice),
];

/// Requests with the statements of requests of the app.
#[rustfmt::skip]
pub const SHARED: &[(&str, Again)] = &[
    ("POST /api/v1/auth/login", Twice),
    ("POST /api/v1/auth/logout", Same),
    ("POST /api/v1/access-tokens", Twice),
    ("DELETE /api/v1/access-tokens/{id}", Refused(404)),
    ("POST /api/v1/messages/with-attachment", Twice),
    ("PATCH /api/v1/messages/{id}", Same),
    ("DELETE /api/v1/messages/{id}", Refused(404)),
    ("POST /api/v1/attachments/presign", Twice),
    ("POST /api/v1/attachments/{id}/complete", Same),
    ("POST /api/v1/attachments/{id}/fail", Same),
    ("DELETE /api/v1/attachments/{id}", Refused(404)),
    ("POST /api/v1/buckets", Refused(409)),
    ("PATCH /api/v1/buckets/{id}", Same),
    ("DELETE /api/v1/buckets/{id}", Refused(404)),
    ("POST /api/v1/file-requests", Twice),
    ("POST /api/v1/file-requests/{id}/revoke", Same),
    ("POST /api/v1/webhooks", Twice),
    ("PATCH /api/v1/webhooks/{id}", Same),
    ("DELETE /api/v1/webhooks/{id}", Refused(404)),
    ("POST /api/v1/webhooks/{id}/rotate-secret", Twice),
    ("POST /api/v1/webhooks/{id}/test", Twice),
    ("POST /api/v1/webhooks/{id}/deliveries/{delivery}/resend", Same),
];

const SCOPES: [&str; 8] = [
    "messages:write",
    "contacts:write",
    "attachments:write",
    "attachments:read",
    "attachments:delete",
    "buckets:write",
    "requests:write",
    "webhooks:write",
];

/// What a request of a program needs, and what it leaves.
pub struct ProgramAct {
    /// The token; `None`: the request has none.
    pub secret: Option<String>,
    pub id: String,
    pub body: Value,
    pub rows: String,
}

impl World<'_> {
    /// Creates what an unsent request needs. `unique` ends with a number.
    pub(super) async fn program_act(&self, route: &'static str, unique: &str) -> ProgramAct {
        let owner = &self.owner;
        let secret = self.program.get_or_init(|| owner.program(&SCOPES)).await.secret.clone();
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
            "POST /api/v1/messages" | "POST /api/v1/messages to a new contact" => {
                if !route.ends_with("contact") {
                    owner.contact("Jane", "Doe", &phone).await;
                }
                let body = json!({ "contact": { "phone": phone }, "direction": "inbound", "externalId": unique, "body": "Hello" });
                (String::new(), body, format!("messages WHERE external_id = '{unique}'"))
            }
            "POST /api/v1/messages with a key" => {
                let body = json!({ "bucketId": self.general, "body": unique });
                (String::new(), body, format!("messages WHERE body = '{unique}'"))
            }
            "POST /api/v1/messages/with-attachment" | "POST /api/v1/messages/with-attachment with a key" => {
                let body = json!({ "bucketId": self.general, "body": unique, "file": unique });
                (String::new(), body, format!("messages WHERE body = '{unique}'"))
            }
            "PATCH /api/v1/messages/{id}/delivery" => {
                let channel = text(&owner.contact("Jane", "Doe", &phone).await["channelId"]);
                let id = text(&owner.send(&channel, unique, &[]).await.ok()["id"]);
                let body = json!({ "status": "sent", "externalId": unique });
                (id, body, "messages WHERE id = {id} AND delivery_status = 'sent'".to_owned())
            }
            "POST /api/v1/attachments/upload" => {
                let name = format!("{unique}.txt");
                let rows = format!("attachments WHERE file_name = '{name}' AND status = 'complete'");
                (String::new(), json!({ "file": unique, "filename": name }), rows)
            }
            "PATCH /api/v1/messages/{id}" => {
                let id = text(&owner.send(&self.general, "Hello", &[]).await.ok()["id"]);
                (id, json!({ "body": unique }), format!("messages WHERE body = '{unique}'"))
            }
            "DELETE /api/v1/messages/{id}" => (self.sent(unique).await.1, Value::Null, LIVE_MESSAGE.to_owned()),
            "DELETE /api/v1/attachments/{id}" => (self.sent(unique).await.0, Value::Null, LIVE_FILE.to_owned()),
            "POST /api/v1/attachments/presign" => {
                let body = json!({ "filename": format!("{unique}.txt"), "fileSize": 3, "contentType": "text/plain" });
                (String::new(), body, format!("attachments WHERE file_name = '{unique}.txt'"))
            }
            "POST /api/v1/attachments/{id}/complete" => {
                let id = owner.stage(&self.general, "a.txt", "text/plain", b"abc").await.id;
                (id, Value::Null, "attachments WHERE id = {id} AND status = 'complete'".to_owned())
            }
            "POST /api/v1/attachments/{id}/fail" => {
                let id = owner.presign(&self.general, "a.txt", "text/plain", b"abc").await.id;
                (id, json!({ "reason": "Gave up" }), "attachments WHERE id = {id} AND status = 'failed'".to_owned())
            }
            "POST /api/v1/buckets" => {
                (String::new(), json!({ "name": unique }), format!("channels WHERE name = '{unique}'"))
            }
            "PATCH /api/v1/buckets/{id}" => {
                let id = self.made("/api/buckets", json!({ "name": format!("old {unique}") })).await;
                (id, json!({ "name": unique }), format!("channels WHERE name = '{unique}'"))
            }
            "DELETE /api/v1/buckets/{id}" => {
                let id = self.made("/api/buckets", json!({ "name": unique })).await;
                (id, Value::Null, CHANNEL_ALIVE.to_owned())
            }
            "POST /api/v1/file-requests" => {
                let body = json!({ "channelId": self.general, "note": unique });
                (String::new(), body, format!("messages WHERE body = '{unique}' AND file_request_id IS NOT NULL"))
            }
            "POST /api/v1/file-requests/{id}/revoke" => {
                let id = self.made("/api/file-requests", json!({ "channelId": self.general })).await;
                (id, Value::Null, "file_requests WHERE id = {id} AND revoked_at IS NULL".to_owned())
            }
            _ if route.contains("/webhooks") => {
                let (_, id, body, rows) = self.webhook_act(route, unique).await;
                (id, body, rows)
            }
            _ => return self.log_in_act(route, unique).await,
        };
        ProgramAct { secret: Some(secret), id, body, rows }
    }

    /// Does the same for the requests of a log-in.
    async fn log_in_act(&self, route: &'static str, unique: &str) -> ProgramAct {
        let user = self.colleague(unique).await;
        let credentials = json!({ "email": user.email, "password": PASSWORD });
        if route == "POST /api/v1/auth/login" {
            let rows = SESSIONS.to_owned();
            return ProgramAct { secret: None, id: user.member_id, body: credentials, rows };
        }
        let tokens = User::new(&self.app.base).post("/api/v1/auth/login", credentials).await.ok();
        let secret = Some(text(&tokens["accessToken"]));
        let new = json!({ "name": unique, "scopes": ["messages:read"] });
        let (id, body, rows) = match route {
            "POST /api/v1/auth/logout" => {
                let body = json!({ "refreshToken": tokens["refreshToken"] });
                return ProgramAct { secret: None, id: user.member_id, body, rows: SESSIONS.to_owned() };
            }
            "POST /api/v1/access-tokens" => (String::new(), new, format!("access_tokens WHERE name = '{unique}'")),
            "DELETE /api/v1/access-tokens/{id}" => {
                let rows = "access_tokens WHERE id = {id} AND revoked_at IS NULL".to_owned();
                (text(&user.access_token(new).await["id"]), Value::Null, rows)
            }
            _ => panic!("nobody knows what {route} needs"),
        };
        ProgramAct { secret, id, body, rows }
    }
}
