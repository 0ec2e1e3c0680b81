//! A gateway that posts into conversations with contacts.

use serde_json::json;

use crate::support::{TestApp, on_both_engines, text};

on_both_engines![a_gateway_writes_for_contacts, writing_for_contacts_requires_the_edit_permission];

async fn a_gateway_writes_for_contacts(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "5551234").await;
    let channel = text(&jane["channelId"]);
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let body = json!({ "bucketId": channel, "direction": "inbound", "body": "Where is my parcel?" });
    let sent = program.post("/messages", body).await.created();
    assert_eq!(sent["author"], json!({ "kind": "contact", "id": jane["id"], "name": "Jane Doe" }));
    assert_eq!(sent["direction"], "inbound");
    let answered = json!({ "bucketId": channel, "direction": "outbound", "body": "On its way." });
    let answered = program.post("/messages", answered).await.created();
    assert_eq!(answered["direction"], "outbound");
    assert_eq!(answered["author"]["kind"], "token");
    let shown = owner.messages(&channel).await;
    assert_eq!(shown[1]["author"]["kind"], "contact");

    owner.channel("general").await;
    let elsewhere = json!({ "bucketId": "general", "direction": "inbound", "body": "x" });
    program.post("/messages", elsewhere).await.refused_field("direction");
    // A contact's messages can't be edited.
    let path = format!("/messages/{}", text(&sent["id"]));
    program.call("PATCH", &path, Some(json!({ "body": "x" }))).await.refused(403, "forbidden");
}

async fn writing_for_contacts_requires_the_edit_permission(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "5551234").await;
    let guest = app.guest_of(&jane).await.program(&["messages:write"]).await;
    let body = json!({ "bucketId": jane["channelId"], "direction": "inbound", "body": "x" });
    guest.post("/messages", body).await.refused(403, "forbidden");
    guest.post("/messages", json!({ "bucketId": jane["channelId"], "body": "x" })).await.created();
}
