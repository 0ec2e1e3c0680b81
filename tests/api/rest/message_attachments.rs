//! Attachments of programs' messages: stored files, and URLs.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    all_ways_to_attach_are_merged_in_order,
    a_stored_file_goes_into_many_messages,
    a_reused_file_is_seen_where_it_is_reused,
    errors_of_an_attachment_name_the_field,
    a_file_of_others_is_not_found,
    a_message_with_a_refused_file_is_not_sent,
];

fn uuids(message: &Value) -> Vec<String> {
    let list = message["attachments"].as_array().unwrap().iter();
    list.map(|item| item["attachmentUuid"].as_str().or(item["url"].as_str()).unwrap().to_owned()).collect()
}

async fn all_ways_to_attach_are_merged_in_order(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let mut ids = Vec::new();
    for name in ["a.png", "b.png", "c.png"] {
        ids.push(owner.upload(&channel, name, "image/png", &files::picture(8, 8)).await);
    }
    let body = json!({
        "bucketId": channel,
        "gifUrl": "https://example.com/g.gif",
        "videoUrl": "https://example.com/v.mp4",
        "imageUrl": "https://example.com/i.png",
        "attachmentUuids": [ids[1], ids[2], ids[1]],
        "attachments": [
            { "mediaType": "AUDIO", "url": "https://example.com/a.mp3", "name": "Theme" },
            { "attachmentUuid": ids[0], "mediaType": "IMAGE", "name": "Banner.png" },
        ],
    });
    let sent = program.post("/messages", body).await.created();
    let expected = [
        "https://example.com/a.mp3",
        &ids[0],
        &ids[1],
        &ids[2],
        "https://example.com/i.png",
        "https://example.com/v.mp4",
        "https://example.com/g.gif",
    ];
    assert_eq!(uuids(&sent), expected);
    assert_eq!(sent["attachments"][0], json!({ "mediaType": "AUDIO", "name": "Theme", "url": expected[0] }));
    assert_eq!(sent["attachments"][1]["name"], "Banner.png");
    assert_eq!(sent["attachments"][1]["contentType"], "image/png");
    assert_eq!(sent["attachments"][4]["mediaType"], "IMAGE");
    assert_eq!(sent["attachments"][6]["mediaType"], "GIF");
    assert_eq!(program.get(&format!("/messages/{}", text(&sent["id"]))).await.ok(), sent);
    // In the app.
    let shown = &owner.messages(&channel).await[0];
    assert_eq!(shown["attachments"].as_array().unwrap().len(), 3);
    assert_eq!(shown["remoteFiles"].as_array().unwrap().len(), 4);
    assert_eq!(shown["remoteFiles"][0]["after"], 0);
    assert_eq!(shown["remoteFiles"][1]["after"], 3);
}

async fn a_stored_file_goes_into_many_messages(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let id = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        let message =
            program.post("/messages", json!({ "bucketId": channel, "attachmentUuids": [id] })).await.created();
        sent.push(text(&message["id"]));
    }
    for message in &sent {
        assert_eq!(uuids(&program.get(&format!("/messages/{message}")).await.ok()), std::slice::from_ref(&id));
    }
    // The first is deleted; the others keep it.
    for gone in &sent[..2] {
        assert_eq!(program.call("DELETE", &format!("/messages/{gone}"), None).await.status, 204);
        assert_eq!(uuids(&program.get(&format!("/messages/{}", sent[2])).await.ok()), std::slice::from_ref(&id));
        assert_eq!(owner.download(&id, "").await.bytes, b"a");
    }
    program.call("DELETE", &format!("/messages/{}", sent[2]), None).await;
    owner.get(&format!("/api/messages/attachments/{id}")).await.refused(404, "not_found");
    let again = program.post("/messages", json!({ "bucketId": channel, "attachmentUuids": [id] })).await;
    assert_eq!(again.refused(404, "not_found")["data"]["field"], "attachmentUuids[0]");
}

async fn a_reused_file_is_seen_where_it_is_reused(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let jane = owner.contact("Jane", "Doe", "5551234").await;
    owner
        .put(
            &format!("/api/channels/{}/members", owner.private_channel("board").await),
            json!({ "memberIds": [owner.member_id] }),
        )
        .await;
    let board = owner.private_channel("other board").await;
    owner.channel("general").await;
    let id = owner.send_file(&board, "a.txt", "text/plain", b"a").await;
    member.get(&format!("/api/messages/attachments/{id}")).await.refused(404, "not_found");
    let program = owner.program(&["messages:write"]).await;
    let sent = program.post("/messages", json!({ "bucketId": "general", "attachmentUuids": [id] })).await.created();
    assert_eq!(member.download(&id, "").await.bytes, b"a");
    // Hiding the message hides the file.
    program.call("DELETE", &format!("/messages/{}", text(&sent["id"])), None).await;
    member.get(&format!("/api/messages/attachments/{id}")).await.refused(404, "not_found");
    assert_eq!(owner.download(&id, "").await.bytes, b"a");
    // The origin of a file is not shown elsewhere.
    let contact = text(&jane["channelId"]);
    let theirs = owner.send_file(&contact, "b.txt", "text/plain", b"b").await;
    program.post("/messages", json!({ "bucketId": "general", "attachmentUuids": [theirs] })).await.created();
    let assigned = app.guest_of(&jane).await;
    assert!(assigned.download(&theirs, "?download=1").await.header("content-disposition").contains("Jane"));
}

async fn errors_of_an_attachment_name_the_field(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    let id = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let url = "https://example.com/a.png";
    for (item, status, kind) in [
        (json!({ "mediaType": "IMAGE", "url": url, "attachmentUuid": id }), 400, "malformed_request"),
        (json!({ "mediaType": "IMAGE" }), 400, "malformed_request"),
        (json!({ "url": url }), 400, "malformed_request"),
        (json!({ "url": url, "mediaType": "" }), 400, "malformed_request"),
        (json!({ "mediaType": "IMAGE", "attachmentUuid": id }), 400, "media_type_mismatch"),
        (json!({ "mediaType": "IMAGE", "url": "javascript:alert(1)" }), 400, "invalid_url"),
        (json!({ "mediaType": "IMAGE", "url": "https://user:secret@example.com/a.png" }), 400, "invalid_url"),
        (json!({ "attachmentUuid": "00000000-0000-7000-8000-000000000000" }), 404, "not_found"),
    ] {
        let body = json!({ "bucketId": channel, "attachments": [{ "attachmentUuid": id }, item] });
        let refused = program.post("/messages", body).await.refused(status, kind);
        assert_eq!(refused["data"]["field"], "attachments[1]", "{refused}");
    }
    for wrong in ["image", "DOCUMENT", "../IMAGE", "IMAGE "] {
        let body = json!({ "bucketId": channel, "attachments": [{ "mediaType": wrong, "url": url }] });
        let refused = program.post("/messages", body).await.refused(400, "invalid_media_type");
        assert_eq!(refused["data"]["field"], "attachments[0].mediaType");
        assert!(text(&refused["message"]).contains("VIDEO, IMAGE, GIF, AUDIO or ICON"), "{refused}");
    }
    for (item, field) in [
        (json!({ "mediaType": 1, "url": url }), "attachments[0].mediaType"),
        (json!({ "attachmentUuid": "../../etc/passwd" }), "attachments[0].attachmentUuid"),
        (json!({ "attachmentUuid": id, "size": 1 }), "attachments[0].size"),
    ] {
        let refused = program.post("/messages", json!({ "bucketId": channel, "attachments": [item] })).await;
        assert_eq!(refused.refused(400, "malformed_request")["data"]["field"], field);
    }
    // A generic media type fits everything.
    let icon = json!({ "bucketId": channel, "attachments": [{ "attachmentUuid": id, "mediaType": "ICON" }] });
    program.post("/messages", icon).await.created();
    // Too many are rejected before one of them is fetched, which would be rejected with its own field.
    for item in
        [json!({ "mediaType": "IMAGE", "url": url }), json!({ "url": "http://127.0.0.1/", "saveOnServer": true })]
    {
        let many = json!({ "bucketId": channel, "attachments": vec![item; 101] });
        program.post("/messages", many).await.refused_field("attachments");
    }
}

async fn a_file_of_others_is_not_found(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("deploys").await;
    let board = owner.private_channel("board").await;
    let foreign = app.other_organization().await;
    let theirs = foreign.channel("theirs").await;
    let theirs = foreign.send_file(&theirs, "a.txt", "text/plain", b"a").await;
    let private = owner.send_file(&board, "a.txt", "text/plain", b"a").await;
    let unsent = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let unfinished = member.presign(&channel, "a.txt", "text/plain", b"a").await.id;
    let program = member.program(&["messages:write"]).await;
    for id in [theirs, private.clone(), unsent, unfinished] {
        let body = json!({ "bucketId": channel, "attachmentUuids": [id] });
        assert_eq!(
            program.post("/messages", body).await.refused(404, "not_found")["data"]["field"],
            "attachmentUuids[0]"
        );
    }
    let bound = owner.bound_program(&["messages:write"], &channel).await;
    bound.post("/messages", json!({ "attachmentUuids": [private] })).await.refused(404, "not_found");
}

async fn a_message_with_a_refused_file_is_not_sent(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    let id = owner.upload(&channel, "a.txt", "text/plain", b"a").await;
    let missing = "00000000-0000-7000-8000-000000000000";
    let body = json!({ "bucketId": channel, "body": "x", "attachmentUuids": [id, missing] });
    let request = program.request(Method::POST, "/messages").header("idempotency-key", "one");
    let refused = program.send_request(request.json(&body)).await.refused(404, "not_found");
    assert_eq!(refused["data"]["field"], "attachmentUuids[1]");
    assert!(owner.messages(&channel).await.is_empty());
    // The file can still be sent.
    owner.send(&channel, "", &[&id]).await.ok();
}
