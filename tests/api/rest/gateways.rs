//! What gateways need: messages to and from contacts by phone or email, once for each external id, and their delivery.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Part, Program, TestApp, files, on_both_engines, overtaken_by_role, text};

on_both_engines![
    a_message_finds_its_contact_in_any_spelling,
    a_new_contact_is_created_once_for_concurrent_messages,
    a_new_contact_requires_its_scope,
    a_message_names_one_recipient,
    a_contact_that_is_not_visible_is_not_duplicated,
    an_external_id_is_one_message,
    an_external_id_belongs_to_one_conversation_and_direction,
    files_come_from_contacts,
    a_rejected_message_creates_no_contact,
    the_delivery_is_shown_in_the_feed,
    reports_arrive_in_any_order,
    wrong_reports_are_rejected,
    replies_stay_until_a_gateway_is_connected,
    permissions_are_checked_again_after_waiting,
];

const SCOPES: [&str; 4] = ["messages:read", "messages:write", "contacts:read", "contacts:write"];

async fn a_message_finds_its_contact_in_any_spelling(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&SCOPES).await;
    let jane = json!({ "firstName": "Jane", "phone": "+44 (0)20 7946 0958", "email": "jane@example.com" });
    let jane = program.post("/contacts", jane).await.created();
    let named = [
        json!({ "phone": "+442079460958" }),
        json!({ "phone": "0044 20 7946 0958", "firstName": "Somebody", "lastName": "Else" }),
        json!({ "phone": "020 7946 0958" }),
        json!({ "email": "JANE@example.com" }),
        json!({ "id": jane["id"] }),
    ];
    for contact in named {
        let body = json!({ "contact": contact, "direction": "inbound", "body": "Hello" });
        let sent = program.post("/messages", body).await.created();
        assert_eq!((&sent["bucketId"], &sent["contactId"]), (&jane["channelId"], &jane["id"]), "{contact}");
        assert_eq!(sent["author"], json!({ "kind": "contact", "id": jane["id"], "name": "Jane" }));
    }
    let out = json!({ "contact": { "id": jane["id"] }, "direction": "outbound", "body": "Hi" });
    assert_eq!(program.post("/messages", out).await.created()["direction"], "outbound");
    assert_eq!(program.get("/contacts").await.ok()["contacts"], json!([jane]), "and nothing else has changed");
    let list = owner.get("/api/conversations?kind=contact").await.ok();
    assert_eq!(list[0]["unreadCount"], 6);
}

async fn a_new_contact_is_created_once_for_concurrent_messages(app: TestApp) {
    let program = app.owner().await.program(&SCOPES).await;
    let phones = ["+15551234567", "+1 555 123 4567", "001 555 123 4567", "+1 (555) 123-4567"];
    let calls = (0..12).map(|number| {
        let contact = json!({ "phone": phones[number % 4], "firstName": "Jane", "lastName": "Doe" });
        program.post("/messages", json!({ "contact": contact, "direction": "inbound", "body": format!("{number}") }))
    });
    let answers = join_all(calls).await;
    let channels: Vec<_> = answers.into_iter().map(|answer| text(&answer.created()["bucketId"])).collect();
    assert!(channels.iter().all(|channel| *channel == channels[0]), "{channels:?}");
    let contacts = program.get("/contacts").await.ok()["contacts"].clone();
    assert_eq!(contacts.as_array().unwrap().len(), 1, "{contacts}");
    assert_eq!((&contacts[0]["firstName"], &contacts[0]["lastName"]), (&json!("Jane"), &json!("Doe")));
    let by_email = json!({ "contact": { "email": "New@Example.com" }, "body": "Hello" });
    program.post("/messages", by_email).await.created();
    assert_eq!(
        program.get("/contacts?email=new@example.com").await.ok()["contacts"][0]["firstName"],
        "new@example.com"
    );
}

async fn a_new_contact_requires_its_scope(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&["messages:write"]).await;
    let message = json!({ "contact": { "phone": "+15551234567" }, "direction": "inbound", "body": "Hello" });
    let refused = program.post("/messages", message.clone()).await.refused(403, "forbidden");
    assert!(text(&refused["message"]).contains("contacts:write"), "{refused}");
    assert_eq!(owner.get("/api/contacts").await.ok(), json!([]));
    let jane = owner.contact("Jane", "", "+1 555 123 4567").await;
    assert_eq!(program.post("/messages", message).await.created()["bucketId"], jane["channelId"]);
    let bound = owner.bound_program(&SCOPES, &text(&jane["channelId"])).await;
    let known = json!({ "contact": { "phone": "+15551234567" }, "body": "Hello" });
    bound.post("/messages", known).await.created();
    let new = json!({ "contact": { "phone": "+15557654321" }, "body": "Hello" });
    bound.post("/messages", new.clone()).await.refused(403, "forbidden");
    let foreign = app.other_organization().await.program(&SCOPES).await;
    let by_id = json!({ "contact": { "id": jane["id"] }, "body": "Hello" });
    assert_eq!(foreign.post("/messages", by_id).await.refused(404, "not_found")["data"]["field"], "contact.id");
    foreign.post("/messages", new).await.created();
    assert_eq!(owner.get("/api/contacts").await.ok().as_array().unwrap().len(), 1);
}

async fn a_message_names_one_recipient(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let program = owner.program(&SCOPES).await;
    for (contact, field) in [
        (json!({}), "contact"),
        (json!({ "phone": "+15551234567", "email": "jane@example.com" }), "contact"),
        (json!({ "firstName": "Jane" }), "contact"),
        (json!({ "phone": "call me" }), "contact.phone"),
        (json!({ "email": "nobody" }), "contact.email"),
        (json!({ "phone": "+15551234567", "firstName": "x".repeat(101) }), "contact.firstName"),
    ] {
        program.post("/messages", json!({ "contact": contact, "body": "x" })).await.refused_field(field);
    }
    let both = json!({ "contact": { "phone": "+15551234567" }, "bucketId": channel, "body": "x" });
    program.post("/messages", both).await.refused_field("contact");
    for contact in [json!("+15551234567"), json!(["+15551234567"]), json!({ "phone": 1 }), json!({ "mobile": "+1" })] {
        program.post("/messages", json!({ "contact": contact, "body": "x" })).await.refused(400, "malformed_request");
    }
    // Omitted.
    for contact in [Value::Null, json!("")] {
        let body = json!({ "contact": contact, "bucketId": channel, "body": "x" });
        program.post("/messages", body).await.created();
    }
    assert_eq!(owner.get("/api/contacts").await.ok(), json!([]));
}

async fn a_contact_that_is_not_visible_is_not_duplicated(app: TestApp) {
    let owner = app.owner().await;
    owner.contact("Jane", "", "+1 555 123 4567").await;
    let permissions = json!(["Message:Send", "Contact:ViewAssigned", "Contact:Edit"]);
    owner.patch("/api/roles", json!({ "role": "guest", "permissions": permissions })).await.ok();
    let program = app.guest().await.program(&SCOPES).await;
    let message = json!({ "contact": { "phone": "+15551234567" }, "body": "Hello" });
    program.post("/messages", message).await.refused(403, "forbidden");
    program.post("/contacts", json!({ "phone": "+15551234567" })).await.refused(403, "forbidden");
    assert_eq!(owner.get("/api/contacts").await.ok().as_array().unwrap().len(), 1);
}

async fn an_external_id_is_one_message(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&SCOPES).await;
    let contact = json!({ "phone": "+15551234567" });
    let message = json!({ "contact": contact, "direction": "inbound", "externalId": "SM1", "body": "Hello" });
    let first = program.post("/messages", message.clone()).await.created();
    assert_eq!(first["externalId"], "SM1");
    let again = program.post("/messages", message.clone()).await;
    assert_eq!((again.status, again.json()), (200, first.clone()));
    let picture = files::png("a");
    let form = [
        ("contact", Part::Text("{\"phone\": \"+1 555 123 4567\"}")),
        ("externalId", Part::Text("SM1")),
        ("direction", Part::Text("inbound")),
        ("file", Part::File("a.png", &picture)),
    ];
    let again = program.form("/messages/with-attachment", &form).await;
    assert_eq!((again.status, again.json()), (200, first.clone()));
    assert_eq!(app.count("attachments WHERE status = 'complete'", "").await, 0, "its file is not kept");
    let mut other = message.clone();
    other["externalId"] = json!("SM2");
    let answers = join_all((0..8).map(|_| program.post("/messages", other.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 7);
    assert_eq!(owner.messages(&text(&first["bucketId"])).await.len(), 2);
    // Each organization has its own.
    let foreign = app.other_organization().await.program(&SCOPES).await;
    foreign.post("/messages", message).await.created();
    let wrong = ["x".repeat(201), "a\nb".to_owned(), "a\u{0}b".to_owned()];
    for id in wrong {
        let body = json!({ "contact": contact, "externalId": id, "body": "x" });
        program.post("/messages", body).await.refused_field("externalId");
    }
}

async fn an_external_id_belongs_to_one_conversation_and_direction(app: TestApp) {
    let owner = app.owner().await;
    owner.private_channel("board").await;
    owner.channel("general").await;
    let program = owner.program(&SCOPES).await;
    let jane = program.post("/contacts", json!({ "phone": "+15551234567" })).await.created();
    program.post("/contacts", json!({ "phone": "+15557654321" })).await.created();
    let message = |phone: &str, direction: &str| json!({ "contact": { "phone": phone }, "direction": direction, "externalId": "SM1", "body": "x" });
    program.post("/messages", message("+15551234567", "inbound")).await.created();
    for wrong in [message("+15557654321", "inbound"), message("+15551234567", "outbound")] {
        let refused = program.post("/messages", wrong).await.refused(409, "conflict");
        assert_eq!(refused["data"]["field"], "externalId");
    }
    program.post("/messages", json!({ "bucketId": "board", "externalId": "B1", "body": "secret" })).await.created();
    let other = app.member().await.program(&SCOPES).await;
    let taken = json!({ "bucketId": "general", "externalId": "B1", "body": "x" });
    let refused = other.post("/messages", taken).await.refused(409, "conflict");
    assert!(!refused.to_string().contains("secret"));
    assert_eq!(owner.messages(&text(&jane["channelId"])).await.len(), 1);
}

async fn files_come_from_contacts(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&SCOPES).await;
    let picture = files::png("tap");
    let form = [
        ("contact", Part::Text("{\"phone\": \"+15551234567\", \"firstName\": \"Jane\"}")),
        ("direction", Part::Text("inbound")),
        ("externalId", Part::Text("MM1")),
        ("file", Part::File("tap.png", &picture)),
    ];
    let sent = program.form("/messages/with-attachment", &form).await.created();
    assert_eq!((&sent["direction"], &sent["author"]["name"]), (&json!("inbound"), &json!("Jane")));
    let shown = owner.messages(&text(&sent["bucketId"])).await;
    let file = text(&shown[0]["attachments"][0]["id"]);
    let answer = owner.download(&file, "?download=1").await;
    assert_eq!(answer.bytes, picture);
    let url = json!([{ "url": "https://example.com/a.png", "mediaType": "IMAGE" }]);
    let body = json!({ "contact": { "phone": "+15551234567" }, "direction": "inbound", "attachments": url });
    assert_eq!(program.post("/messages", body).await.created()["attachments"][0]["url"], "https://example.com/a.png");
    let twice = [("contact", Part::Text("{}")), ("contact", Part::Text("{}"))];
    program.form("/messages/with-attachment", &twice).await.refused(400, "malformed_request");
}

async fn a_rejected_message_creates_no_contact(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&SCOPES).await;
    let contact = json!({ "phone": "+15551234567" });
    for (field, value) in [
        ("title", json!("x".repeat(201))),
        ("body", json!("x".repeat(20_001))),
        ("externalId", json!("x".repeat(201))),
        ("attachments", json!([{ "url": "https://example.com/a.png" }])),
    ] {
        let mut body = json!({ "contact": contact, "body": "x" });
        body[field] = value;
        let answer = program.post("/messages", body).await;
        assert!(matches!(answer.status, 400 | 422), "{field}: {}", answer.text());
    }
    program.post("/messages", json!({ "contact": contact })).await.refused_field("body");
    assert_eq!(owner.get("/api/contacts").await.ok(), json!([]));
}

async fn the_delivery_is_shown_in_the_feed(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+15551234567").await;
    let channel = text(&jane["channelId"]);
    let sent = text(&owner.send(&channel, "On our way.", &[]).await.ok()["id"]);
    let program = owner.program(&SCOPES).await;
    let before = program.get(&format!("/messages/{sent}")).await.ok();
    assert_eq!((&before["deliveryStatus"], &before["externalId"]), (&Value::Null, &Value::Null));
    let mut heard = owner.listen().await;
    let path = format!("/messages/{sent}/delivery");
    let report = json!({ "status": "delivered", "externalId": "SM9" });
    let reported = program.call("PATCH", &path, Some(report)).await.ok();
    assert_eq!((&reported["deliveryStatus"], &reported["externalId"]), (&json!("delivered"), &json!("SM9")));
    assert_eq!(reported["editedAt"], Value::Null);
    let event = heard.next_named("message.changed").await;
    assert_eq!(event.data, json!({ "channelId": channel, "messageId": sent }));
    let shown = &owner.messages(&channel).await[0];
    assert_eq!((&shown["delivery"], &shown["editedAt"]), (&json!({ "status": "delivered" }), &Value::Null));

    let other = text(&owner.send(&channel, "Are you there?", &[]).await.ok()["id"]);
    let failed = json!({ "status": "failed", "error": " Unknown\nnumber " });
    let failed = program.call("PATCH", &format!("/messages/{other}/delivery"), Some(failed)).await.ok();
    assert_eq!(failed["deliveryError"], "Unknown number");
    assert_eq!(owner.messages(&channel).await[0]["delivery"], json!({ "status": "failed", "error": "Unknown number" }));
    owner.delete(&format!("/api/messages/{other}")).await.ok();
    let late = program.call("PATCH", &format!("/messages/{other}/delivery"), Some(json!({ "status": "sent" }))).await;
    late.refused(404, "not_found");
}

async fn reports_arrive_in_any_order(app: TestApp) {
    let owner = app.owner().await;
    let channel = text(&owner.contact("Jane", "Doe", "+15551234567").await["channelId"]);
    let program = owner.program(&SCOPES).await;
    for (reports, last) in [
        (vec!["queued", "sent", "delivered", "read"], "read"),
        (vec!["read", "delivered", "sent", "queued"], "read"),
        (vec!["delivered", "sent"], "delivered"),
        (vec!["failed", "queued", "sent"], "sent"),
        (vec!["failed", "delivered"], "delivered"),
        (vec!["delivered", "failed"], "failed"),
        (vec!["sent", "failed"], "failed"),
    ] {
        let sent = text(&owner.send(&channel, "x", &[]).await.ok()["id"]);
        let path = format!("/messages/{sent}/delivery");
        for status in &reports {
            let error = if *status == "failed" { json!("No signal") } else { Value::Null };
            program.call("PATCH", &path, Some(json!({ "status": status, "error": error }))).await.ok();
        }
        let shown = program.get(&format!("/messages/{sent}")).await.ok();
        assert_eq!(shown["deliveryStatus"], last, "{reports:?}");
        assert_eq!(shown["deliveryError"].is_string(), last == "failed", "{reports:?}");
    }
    // The provider's report overtakes the gateway's own, which has the id.
    let sent = text(&owner.send(&channel, "x", &[]).await.ok()["id"]);
    let path = format!("/messages/{sent}/delivery");
    program.call("PATCH", &path, Some(json!({ "status": "delivered" }))).await.ok();
    let late = json!({ "status": "sent", "externalId": "SM7" });
    let late = program.call("PATCH", &path, Some(late)).await.ok();
    assert_eq!((&late["deliveryStatus"], &late["externalId"]), (&json!("delivered"), &json!("SM7")));
    let sent = text(&owner.send(&channel, "x", &[]).await.ok()["id"]);
    let path = format!("/messages/{sent}/delivery");
    let all = ["queued", "sent", "delivered", "read"];
    let reports = all.map(|status| program.call("PATCH", &path, Some(json!({ "status": status }))));
    assert!(join_all(reports).await.iter().all(|answer| answer.status == 200));
    assert_eq!(program.get(&format!("/messages/{sent}")).await.ok()["deliveryStatus"], "read");
}

async fn wrong_reports_are_rejected(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+15551234567").await;
    let channel = text(&jane["channelId"]);
    let sent = text(&owner.send(&channel, "x", &[]).await.ok()["id"]);
    let program = owner.program(&SCOPES).await;
    let path = format!("/messages/{sent}/delivery");
    for (body, field) in [
        (json!({ "status": "gone" }), "status"),
        (json!({ "status": "Delivered" }), "status"),
        (json!({ "status": "" }), "status"),
        (json!({ "status": "delivered\u{0}" }), "status"),
        (json!({ "status": "sent", "error": "busy" }), "error"),
        (json!({ "status": "failed", "error": "x".repeat(501) }), "error"),
        (json!({ "status": "sent", "externalId": "x".repeat(201) }), "externalId"),
        (json!({ "status": "sent", "externalId": "a\u{0}" }), "externalId"),
    ] {
        program.call("PATCH", &path, Some(body)).await.refused_field(field);
    }
    for body in [json!({}), json!({ "status": 1 }), json!({ "status": "sent", "color": "red" }), json!([])] {
        program.call("PATCH", &path, Some(body)).await.refused(400, "malformed_request");
    }
    let inbound = json!({ "contact": { "id": jane["id"] }, "direction": "inbound", "externalId": "SM1", "body": "x" });
    let inbound = text(&program.post("/messages", inbound).await.created()["id"]);
    let sent_status = || Some(json!({ "status": "sent" }));
    let refused = program.call("PATCH", &format!("/messages/{inbound}/delivery"), sent_status()).await;
    refused.refused(409, "conflict");
    let taken = Some(json!({ "status": "sent", "externalId": "SM1" }));
    let refused = program.call("PATCH", &path, taken).await.refused(409, "conflict");
    assert_eq!(refused["data"]["field"], "externalId");
    let reader = owner.program(&["messages:read"]).await;
    reader.call("PATCH", &path, sent_status()).await.refused(403, "forbidden");
    let foreign = app.other_organization().await.program(&SCOPES).await;
    foreign.call("PATCH", &path, sent_status()).await.refused(404, "not_found");
    assert!(owner.messages(&channel).await[1]["delivery"].is_null(), "nothing was stored");
}

async fn replies_stay_until_a_gateway_is_connected(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+15551234567").await;
    let (channel, general) = (text(&jane["channelId"]), owner.channel("general").await);
    let stay =
        async |channel: &str| owner.get(&format!("/api/channels/{channel}/feed")).await.ok()["repliesStay"].clone();
    assert_eq!((stay(&channel).await, stay(&general).await), (json!(true), json!(false)));
    let token = owner.access_token(json!({ "name": "sms", "scopes": ["messages:write"] })).await;
    let program = Program::new(&app.base, &text(&token["secret"]));
    let inbound = json!({ "contact": { "id": jane["id"] }, "direction": "inbound", "body": "x" });
    program.post("/messages", inbound).await.created();
    assert_eq!(stay(&channel).await, json!(false));
    let foreign = app.other_organization().await;
    let bob = foreign.contact("Bob", "", "").await;
    let feed = foreign.get(&format!("/api/channels/{}/feed", text(&bob["channelId"]))).await.ok();
    assert_eq!(feed["repliesStay"], true);
    owner.delete(&format!("/api/access-tokens/{}", text(&token["id"]))).await.ok();
    assert_eq!(stay(&channel).await, json!(true), "the gateway is gone");
    let sent = text(&owner.send(&channel, "x", &[]).await.ok()["id"]);
    let program = owner.program(&["messages:write"]).await;
    program.call("PATCH", &format!("/messages/{sent}/delivery"), Some(json!({ "status": "sent" }))).await.ok();
    assert_eq!(stay(&channel).await, json!(false));
}

async fn permissions_are_checked_again_after_waiting(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let organization = text(&owner.get("/api/auth/session").await.ok()["organization"]["id"]).parse().unwrap();
    let member = (organization, admin.member_id.parse().unwrap());
    let nothing = owner.post("/api/roles", json!({ "name": "Nothing", "permissions": [] })).await.ok();
    let nothing = text(&nothing["id"]).parse().unwrap();
    let jane = owner.contact("Jane", "Doe", "+15551234567").await;
    let sent = text(&owner.send(&text(&jane["channelId"]), "x", &[]).await.ok()["id"]);
    let program = admin.program(&SCOPES).await;
    for (method, path, body) in [
        ("PATCH", format!("/messages/{sent}/delivery"), json!({ "status": "sent" })),
        ("POST", "/contacts".to_owned(), json!({ "phone": "+15557654321" })),
        ("PATCH", format!("/contacts/{}", text(&jane["id"])), json!({ "company": "Harbor Lane" })),
        ("POST", "/messages".to_owned(), json!({ "contact": { "phone": "+15557650000" }, "body": "x" })),
        (
            "POST",
            "/messages".to_owned(),
            json!({ "contact": { "id": jane["id"] }, "direction": "inbound", "body": "x" }),
        ),
    ] {
        let (sender, address, content) = (program.clone(), path.clone(), body.clone());
        let request = async move { sender.call(method, &address, Some(content)).await };
        let late = overtaken_by_role(&app, member, nothing, request).await;
        assert!([403, 404].contains(&late.status), "{method} {path}: {}", late.text());
        owner.patch(&format!("/api/members/{}", admin.member_id), json!({ "role": "admin" })).await.ok();
        // Nothing was done: it is still possible, as the first one.
        let done = program.call(method, &path, Some(body)).await;
        assert_eq!(done.status, if method == "POST" { 201 } else { 200 }, "{method} {path}: {}", done.text());
    }
    assert_eq!(owner.get("/api/contacts").await.ok().as_array().unwrap().len(), 3);
}
