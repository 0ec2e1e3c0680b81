//! Programs that write for the same contact, with the same external id, or about the same message.

use serde_json::{Value, json};

use super::{ORGANIZATION, assert_outcome, is_reversed, rounds};
use crate::support::{Answer, Program, TestApp, meet, meet_in_order, on_both_engines, text};

on_both_engines![
    two_calls_for_one_phone_create_one_contact,
    a_contact_and_a_message_for_one_phone_create_one_contact,
    two_messages_for_one_phone_create_one_contact,
    an_external_id_that_arrives_twice_is_one_message,
    an_external_id_for_two_conversations_is_one_message,
    an_external_id_of_a_report_and_a_message_is_used_once,
    reports_about_one_message_are_stored_in_their_order,
];

const SCOPES: [&str; 4] = ["messages:read", "messages:write", "contacts:read", "contacts:write"];
const CHANNEL: &str = "SELECT 1 FROM channels WHERE id = {id}";
const MESSAGE: &str = "SELECT 1 FROM messages WHERE id = {id}";

fn call(
    program: &Program,
    method: &'static str,
    path: &str,
    body: Value,
) -> impl Future<Output = Answer> + Send + 'static + use<> {
    let (program, path) = (program.clone(), path.to_owned());
    async move { program.call(method, &path, Some(body)).await }
}

/// Returns two notations of a phone number that no other round has.
fn phones(round: usize) -> (String, String) {
    (format!("+1 (555) {round:07}"), format!("001555{round:07}"))
}

fn inbound(phone: &str, external_id: Option<&str>) -> Value {
    let contact = json!({ "phone": phone });
    json!({ "contact": contact, "direction": "inbound", "externalId": external_id, "body": "Hello" })
}

/// Returns the number of contacts with a phone, and of their phones.
async fn found(program: &Program, phone: &str) -> (usize, usize) {
    let found = program.get(&format!("/contacts?phone={phone}")).await.ok();
    let contacts = found["contacts"].as_array().expect("a list").clone();
    let phones = contacts.iter().map(|contact| contact["phones"].as_array().expect("a list").len()).sum();
    (contacts.len(), phones)
}

async fn two_calls_for_one_phone_create_one_contact(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&SCOPES).await;
    for round in 0..rounds() {
        let (one, other) = phones(round);
        let is_reversed = is_reversed(round);
        let answers = meet_in_order(
            &app,
            (ORGANIZATION, &owner.member_id),
            is_reversed,
            call(&program, "POST", "/contacts", json!({ "phone": one, "firstName": "Jane" })),
            call(&program, "POST", "/contacts", json!({ "phone": other, "lastName": "Doe" })),
        )
        .await;
        let statuses = (answers.0.status, answers.1.status);
        assert_outcome(&app, is_reversed, &statuses, &(201, 200), &(200, 201));
        let (first, second) = (answers.0.json(), answers.1.json());
        assert_eq!(first["id"], second["id"]);
        assert_eq!(found(&program, &other).await, (1, 1));
        let kept = program.get(&format!("/contacts/{}", text(&first["id"]))).await.ok();
        assert_eq!((&kept["firstName"], &kept["lastName"]), (&json!("Jane"), &json!("Doe")));
    }
}

async fn a_contact_and_a_message_for_one_phone_create_one_contact(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&SCOPES).await;
    for round in 0..rounds() {
        let (one, other) = phones(round);
        let is_reversed = is_reversed(round);
        let (saved, sent) = meet_in_order(
            &app,
            (ORGANIZATION, &owner.member_id),
            is_reversed,
            call(&program, "POST", "/contacts", json!({ "phone": one, "company": "Harbor Lane" })),
            call(&program, "POST", "/messages", inbound(&other, None)),
        )
        .await;
        let statuses = (saved.status, sent.status);
        assert_outcome(&app, is_reversed, &statuses, &(201, 201), &(200, 201));
        assert_eq!(saved.json()["channelId"], sent.json()["bucketId"]);
        assert_eq!(found(&program, &other).await, (1, 1));
    }
}

async fn two_messages_for_one_phone_create_one_contact(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&SCOPES).await;
    for round in 0..rounds() {
        let (one, other) = phones(round);
        let (first, second) = meet(
            &app,
            (ORGANIZATION, &owner.member_id),
            call(&program, "POST", "/messages", inbound(&one, None)),
            call(&program, "POST", "/messages", inbound(&other, None)),
        )
        .await;
        let (first, second) = (first.created(), second.created());
        assert_eq!(first["bucketId"], second["bucketId"]);
        assert_eq!(found(&program, &other).await, (1, 1));
        assert_eq!(owner.messages(&text(&first["bucketId"])).await.len(), 2);
    }
}

async fn an_external_id_that_arrives_twice_is_one_message(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "+15551234567").await["channelId"]);
    let program = owner.program(&SCOPES).await;
    for round in 0..rounds() {
        let id = format!("SM{round}");
        let is_reversed = is_reversed(round);
        let answers = meet_in_order(
            &app,
            (CHANNEL, &channel),
            is_reversed,
            call(&program, "POST", "/messages", inbound("+15551234567", Some(&id))),
            call(&program, "POST", "/messages", inbound("(555) 123-4567", Some(&id))),
        )
        .await;
        let statuses = (answers.0.status, answers.1.status);
        assert_outcome(&app, is_reversed, &statuses, &(201, 200), &(200, 201));
        assert_eq!(answers.0.json(), answers.1.json());
        assert_eq!(app.count(&format!("messages WHERE external_id = '{id}'"), "").await, 1);
    }
}

async fn an_external_id_for_two_conversations_is_one_message(app: TestApp) {
    let owner = app.owner().await;
    for phone in ["+15551234567", "+15557654321"] {
        owner.contact("Jane", "Doe", phone).await;
    }
    let program = owner.program(&SCOPES).await;
    for round in 0..rounds() {
        let id = format!("SM{round}");
        let (one, other) = meet(
            &app,
            (ORGANIZATION, &owner.member_id),
            call(&program, "POST", "/messages", inbound("+15551234567", Some(&id))),
            call(&program, "POST", "/messages", inbound("+15557654321", Some(&id))),
        )
        .await;
        let (accepted, refused) = if one.status == 201 { (one, other) } else { (other, one) };
        assert_eq!(accepted.created()["externalId"], id.as_str());
        assert_eq!(refused.refused(409, "conflict")["data"]["field"], "externalId");
        assert_eq!(app.count(&format!("messages WHERE external_id = '{id}'"), "").await, 1);
        // Later too, from a phone that no contact has: it is not the first message that arrives again.
        let late = program.post("/messages", inbound(&phones(round).0, Some(&id))).await;
        assert_eq!(late.refused(409, "conflict")["data"]["field"], "externalId");
        assert_eq!(found(&program, &phones(round).1).await, (0, 0));
    }
}

async fn an_external_id_of_a_report_and_a_message_is_used_once(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "+15551234567").await["channelId"]);
    let program = owner.program(&SCOPES).await;
    for round in 0..rounds() {
        let id = format!("SM{round}");
        let sent = text(&owner.send(&channel, "On our way", &[]).await.ok()["id"]);
        let report = json!({ "status": "sent", "externalId": id });
        let (reported, received) = meet(
            &app,
            (ORGANIZATION, &owner.member_id),
            call(&program, "PATCH", &format!("/messages/{sent}/delivery"), report),
            call(&program, "POST", "/messages", inbound("+15551234567", Some(&id))),
        )
        .await;
        let statuses = (reported.status, received.status);
        assert!([(200, 409), (409, 201)].contains(&statuses), "{statuses:?}");
        assert_eq!(app.count(&format!("messages WHERE external_id = '{id}'"), "").await, 1);
        let stored = program.get(&format!("/messages/{sent}")).await.ok();
        assert_eq!(stored["deliveryStatus"] == "sent", statuses.0 == 200, "a rejected report stores nothing");
    }
}

async fn reports_about_one_message_are_stored_in_their_order(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "+15551234567").await["channelId"]);
    let program = owner.program(&SCOPES).await;
    for round in 0..rounds() {
        for (first, second, in_order, reversed) in [
            ("delivered", "read", "read", "read"),
            ("queued", "sent", "sent", "sent"),
            ("sent", "failed", "failed", "sent"),
            ("failed", "delivered", "delivered", "failed"),
        ] {
            let sent = text(&owner.send(&channel, "Are you there?", &[]).await.ok()["id"]);
            let path = format!("/messages/{sent}/delivery");
            // Only one of them has the id of the provider.
            let id = format!("{first} {second} {round}");
            let is_reversed = is_reversed(round);
            let (one, other) = meet_in_order(
                &app,
                (MESSAGE, &sent),
                is_reversed,
                call(&program, "PATCH", &path, json!({ "status": first, "externalId": id })),
                call(&program, "PATCH", &path, json!({ "status": second })),
            )
            .await;
            assert_eq!((one.status, other.status), (200, 200));
            let stored = program.get(&format!("/messages/{sent}")).await.ok();
            assert_outcome(&app, is_reversed, &text(&stored["deliveryStatus"]).as_str(), &in_order, &reversed);
            assert_eq!(stored["externalId"], id.as_str());
        }
    }
}
