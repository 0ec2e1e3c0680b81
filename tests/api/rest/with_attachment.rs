//! A message with its files in one request.

use reqwest::Method;
use reqwest::multipart::{Form, Part as FormPart};
use serde_json::json;

use crate::support::{Part, TestApp, files, on_both_engines, text};

on_both_engines![
    files_and_fields_come_in_any_order,
    all_kinds_of_attachments_come_together,
    a_rejected_request_leaves_no_message_and_no_file,
    fields_are_named,
    the_same_form_again_is_sent_once,
    a_bound_token_needs_no_bucket,
];

async fn files_and_fields_come_in_any_order(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write"]).await;
    let picture = files::picture(30, 20);
    let form = [
        ("title", Part::Text("Person at the door")),
        ("file", Part::File("тест.png", &picture)),
        ("deliveryType", Part::Text("CRITICAL")),
        ("file", Part::File("b.txt", b"hello")),
        ("bucketId", Part::Text("door")),
    ];
    let answer = program.form("/messages/with-attachment", &form).await;
    assert!(answer.header("location").starts_with("/api/v1/messages/"));
    let sent = answer.created();
    assert_eq!(sent["title"], "Person at the door");
    assert_eq!(sent["deliveryType"], "CRITICAL");
    assert_eq!(sent["attachments"][0]["name"], "тест.png");
    assert_eq!(sent["attachments"][1]["name"], "b.txt");
    let shown = &owner.messages(&channel).await[0];
    assert_eq!(shown["attachments"][0]["width"], 30);
    assert_eq!(owner.download(&text(&shown["attachments"][0]["id"]), "").await.bytes, picture);
}

async fn all_kinds_of_attachments_come_together(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("door").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    let ahead = program.upload("ahead.txt", b"ahead").await;
    let attachments = json!([{ "mediaType": "AUDIO", "url": "https://example.com/a.mp3" }]).to_string();
    let one_more = json!({ "mediaType": "VIDEO", "url": "https://example.com/v.mp4" }).to_string();
    let form = [
        ("attachments", Part::Text(&attachments)),
        ("attachments", Part::Text(&one_more)),
        ("attachmentUuids", Part::Text(&ahead)),
        ("imageUrl", Part::Text("https://example.com/i.png")),
        ("bucketId", Part::Text("door")),
        ("file", Part::File("b.txt", b"hello")),
    ];
    let sent = program.form("/messages/with-attachment", &form).await.created();
    let kinds: Vec<_> = sent["attachments"].as_array().unwrap().iter().map(|item| item["mediaType"].clone()).collect();
    assert_eq!(kinds, ["ICON", "AUDIO", "VIDEO", "ICON", "IMAGE"]);
    assert_eq!(sent["attachments"][3]["attachmentUuid"], ahead.as_str());
}

async fn a_rejected_request_leaves_no_message_and_no_file(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write"]).await;
    let large = vec![b'x'; 10_000_001];
    let to_door = ("bucketId", Part::Text("door"));
    for (last, status, kind, field) in [
        (("file", Part::File("page.html", files::HTML)), 400, "file_type_not_allowed", "file"),
        (("file", Part::File("large.txt", &large)), 400, "file_too_large", "file"),
        (("title", Part::Text(&"x".repeat(201))), 422, "invalid_value", "title"),
        (("imageUrl", Part::Text("javascript:alert(1)")), 400, "invalid_url", "imageUrl"),
        (
            ("attachmentUuids", Part::Text("00000000-0000-7000-8000-000000000000")),
            404,
            "not_found",
            "attachmentUuids[0]",
        ),
    ] {
        let form = [("file", Part::File("a.txt", b"hello")), ("bucketId", Part::Text("door")), last];
        let refused = program.form("/messages/with-attachment", &form).await.refused(status, kind);
        assert_eq!(refused["data"]["field"], field, "{refused}");
    }
    let elsewhere = [("file", Part::File("a.txt", b"hello")), ("bucketId", Part::Text("nowhere"))];
    program.form("/messages/with-attachment", &elsewhere).await.refused(404, "not_found");
    assert!(owner.messages(&channel).await.is_empty());
    assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 0);
    if app.is_local_disk() {
        assert_eq!(app.files_under(""), [""; 0]);
    }
    let alone = [to_door, ("body", Part::Text("x"))];
    let refused = program.form("/messages/with-attachment", &alone).await.refused(400, "malformed_request");
    assert_eq!(refused["data"]["field"], "file");
}

async fn fields_are_named(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("door").await;
    let program = owner.program(&["messages:write"]).await;
    for (name, value) in [
        ("color", "red"),
        ("deliveryType", "LOUD"),
        ("attachments", "nonsense"),
        ("attachments", "{}"),
        ("attachmentUuids", "../../etc/passwd"),
        ("bucketId", "other"),
    ] {
        let form = [("file", Part::File("a.txt", b"a")), ("bucketId", Part::Text("door")), (name, Part::Text(value))];
        let refused = program.form("/messages/with-attachment", &form).await.refused(400, "malformed_request");
        assert!(refused["data"]["field"].as_str().is_some_and(|field| field.starts_with(name)), "{refused}");
    }
    let request = program.request(Method::POST, "/messages/with-attachment").json(&json!({ "bucketId": "door" }));
    let refused = program.send_request(request).await;
    let status = refused.status;
    assert!(status == 400 || status == 415, "{}", refused.text());
}

async fn the_same_form_again_is_sent_once(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("door").await;
    let program = owner.program(&["messages:write"]).await;
    let picture = files::picture(30, 20);
    // Each attempt has another boundary.
    let send = async |bytes: &[u8]| {
        let file = FormPart::bytes(bytes.to_vec()).file_name("a.png");
        let form = Form::new().text("bucketId", "door").part("file", file);
        let request = program.request(Method::POST, "/messages/with-attachment").header("idempotency-key", "ring-1");
        program.send_request(request.multipart(form)).await
    };
    let first = send(&picture).await.created();
    let again = send(&picture).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.created(), first);
    send(&files::picture(31, 20)).await.refused_field("Idempotency-Key");
    assert_eq!(owner.messages(&channel).await.len(), 1);
}

async fn a_bound_token_needs_no_bucket(app: TestApp) {
    let owner = app.owner().await;
    let (own, other) = (owner.channel("own").await, owner.channel("other").await);
    let program = owner.bound_program(&["messages:write"], &own).await;
    let file = || ("file", Part::File("a.txt", b"a"));
    let sent = program.form("/messages/with-attachment", &[file()]).await.created();
    assert_eq!(sent["bucketId"], own.as_str());
    let elsewhere = [file(), ("bucketId", Part::Text(&other))];
    program.form("/messages/with-attachment", &elsewhere).await.refused(404, "not_found");
    let guest = app.guest().await.program(&["messages:write"]).await;
    guest.form("/messages/with-attachment", &[file()]).await.refused(403, "forbidden");
}
