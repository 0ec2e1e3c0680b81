//! Messages of programs.

use serde_json::json;

use crate::support::{Part, TestApp, files, on_both_engines, text};

on_both_engines![
    null_and_an_empty_text_are_left_out,
    a_message_goes_to_a_channel_by_id_and_by_name,
    a_message_has_title_subtitle_and_delivery_type,
    messages_are_read_page_by_page,
    a_deleted_message_is_not_there,
    a_program_can_view_what_its_member_can,
    a_bound_program_reaches_one_channel,
    a_message_is_changed_by_its_author,
    a_programs_message_is_unread_for_its_owner,
    fields_of_similar_services_are_ignored,
];

async fn a_message_goes_to_a_channel_by_id_and_by_name(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    for bucket in [channel.as_str(), "deploys", "#deploys"] {
        let answer = program.post("/messages", json!({ "bucketId": bucket, "body": "out" })).await;
        let location = answer.header("location").to_owned();
        let sent = answer.created();
        assert_eq!(sent["bucketId"], channel.as_str());
        assert_eq!(location, format!("/api/v1/messages/{}", text(&sent["id"])));
        assert_eq!(program.get(location.strip_prefix("/api/v1").unwrap()).await.ok(), sent);
    }
    assert_eq!(owner.messages(&channel).await.len(), 3);
    let nowhere = program.post("/messages", json!({ "bucketId": "nowhere", "body": "x" })).await;
    assert_eq!(nowhere.refused(404, "not_found")["data"]["field"], "bucketId");
    let contact = owner.contact("Jane", "Doe", "5551234").await;
    program.post("/messages", json!({ "bucketId": contact["channelId"], "body": "hello" })).await.created();
}

/// As docs/http.md lists them.
async fn fields_of_similar_services_are_ignored(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    let ignored = [
        ("locale", json!("en")),
        ("collapseId", json!("build")),
        ("groupId", json!(7)),
        ("sound", json!({ "name": "bell", "volume": 1 })),
        ("tapUrl", json!("https://example.com")),
        ("actions", json!([{ "type": "NAVIGATE", "value": "https://example.com" }])),
        ("addMarkAsReadAction", json!(true)),
        ("addDeleteAction", json!(false)),
        ("userIds", json!(["a", "b"])),
        ("snoozes", json!([5, 15])),
        ("postpones", json!(null)),
        ("attachmentOptions", json!({ "mediaType": "IMAGE" })),
    ];
    let mut all = json!({ "bucketId": channel, "body": "All at once" });
    for (name, value) in &ignored {
        all[name] = value.clone();
        let mut alone = json!({ "bucketId": channel, "body": name });
        alone[name] = value.clone();
        assert_eq!(program.post("/messages", alone).await.created()["body"], *name);
    }
    assert_eq!(program.post("/messages", all).await.created()["body"], "All at once");
    let picture = files::picture(3, 2);
    let mut form = vec![("file", Part::File("a.png", &picture)), ("bucketId", Part::Text(&channel))];
    form.extend(ignored.iter().map(|(name, _)| (*name, Part::Text("{}"))));
    program.form("/messages/with-attachment", &form).await.created();
    let unknown = program.post("/messages", json!({ "bucketId": channel, "body": "x", "colour": "red" })).await;
    assert_eq!(unknown.refused(400, "malformed_request")["data"]["field"], "colour");
}

async fn a_message_has_title_subtitle_and_delivery_type(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    let body = json!({ "bucketId": channel, "title": " Build\n512 ", "subtitle": "main", "deliveryType": "CRITICAL" });
    let sent = program.post("/messages", body).await.created();
    assert_eq!(sent["title"], "Build 512");
    assert_eq!(sent["subtitle"], "main");
    assert_eq!(sent["body"], "");
    assert_eq!(sent["deliveryType"], "CRITICAL");
    let shown = &owner.messages(&channel).await[0];
    assert_eq!(shown["title"], "Build 512");
    assert_eq!(shown["deliveryType"], "CRITICAL");
    for delivery in ["NORMAL", "SILENT", "NO_PUSH"] {
        let body = json!({ "bucketId": channel, "body": "x", "deliveryType": delivery });
        assert_eq!(program.post("/messages", body).await.created()["deliveryType"], delivery);
    }
    let plain = program.post("/messages", json!({ "bucketId": channel, "body": "x" })).await.created();
    assert_eq!(plain["deliveryType"], "NORMAL");
    assert_eq!(plain["title"], json!(null));
}

async fn messages_are_read_page_by_page(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("deploys").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    for number in 0..5 {
        program.post("/messages", json!({ "bucketId": "deploys", "body": format!("{number}") })).await.created();
    }
    let mut seen = Vec::new();
    let mut path = "/messages?bucketId=deploys&limit=2".to_owned();
    loop {
        let page = program.get(&path).await.ok();
        seen.extend(page["messages"].as_array().unwrap().iter().map(|message| text(&message["body"])));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/messages?bucketId=deploys&limit=2&before={next}");
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
}

async fn a_deleted_message_is_not_there(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let sent = program.post("/messages", json!({ "bucketId": channel, "body": "x" })).await.created();
    let id = text(&sent["id"]);
    owner.delete(&format!("/api/messages/{id}")).await.ok();
    program.get(&format!("/messages/{id}")).await.refused(404, "not_found");
    assert_eq!(program.get("/messages?bucketId=deploys").await.ok()["messages"], json!([]));
}

async fn a_program_can_view_what_its_member_can(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    owner.private_channel("board").await;
    let mine = member.program(&["messages:write", "messages:read"]).await;
    mine.post("/messages", json!({ "bucketId": "board", "body": "x" })).await.refused(404, "not_found");
    mine.get("/messages?bucketId=board").await.refused(404, "not_found");
    let theirs = owner.program(&["messages:write", "messages:read"]).await;
    let sent = theirs.post("/messages", json!({ "bucketId": "board", "body": "x" })).await.created();
    mine.get(&format!("/messages/{}", text(&sent["id"]))).await.refused(404, "not_found");
    let foreign = app.other_organization().await.program(&["messages:write", "messages:read"]).await;
    foreign.get(&format!("/messages/{}", text(&sent["id"]))).await.refused(404, "not_found");
    foreign.post("/messages", json!({ "bucketId": "board", "body": "x" })).await.refused(404, "not_found");
    // Each scope separately.
    let reader = owner.program(&["messages:read"]).await;
    reader.post("/messages", json!({ "bucketId": "board", "body": "x" })).await.refused(403, "forbidden");
    let writer = owner.program(&["messages:write"]).await;
    writer.get("/messages?bucketId=board").await.refused(403, "forbidden");
    writer.get(&format!("/messages/{}", text(&sent["id"]))).await.refused(403, "forbidden");
}

async fn a_bound_program_reaches_one_channel(app: TestApp) {
    let owner = app.owner().await;
    let (own, other) = (owner.channel("own").await, owner.channel("other").await);
    let program = owner.bound_program(&["messages:write", "messages:read"], "own").await;
    let everywhere = owner.program(&["messages:write"]).await;
    let there = everywhere.post("/messages", json!({ "bucketId": "other", "body": "x" })).await.created();
    for bucket in [other.as_str(), "other"] {
        program.post("/messages", json!({ "bucketId": bucket, "body": "x" })).await.refused(404, "not_found");
        program.get(&format!("/messages?bucketId={bucket}")).await.refused(404, "not_found");
        // The checked channel is the used one: naming its own bucket elsewhere does not help.
        let path = format!("/messages?bucketId={own}");
        program.post(&path, json!({ "bucketId": bucket, "body": "x" })).await.refused(404, "not_found");
    }
    program.get(&format!("/messages/{}", text(&there["id"]))).await.refused(404, "not_found");
    // It may omit the bucket.
    let sent = program.post("/messages", json!({ "body": "x" })).await.created();
    assert_eq!(sent["bucketId"], own.as_str());
    program.get(&format!("/messages/{}", text(&sent["id"]))).await.ok();
    assert_eq!(program.get("/messages").await.ok()["messages"].as_array().unwrap().len(), 1);
}

async fn a_programs_message_is_unread_for_its_owner(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("deploys").await;
    let program = owner.program(&["messages:write"]).await;
    program.post("/messages", json!({ "bucketId": "deploys", "body": "x" })).await.created();
    let conversation = &owner.get("/api/conversations?kind=team").await.ok()[0];
    assert_eq!(conversation["unreadCount"], 1);
    assert_eq!(conversation["lastMessage"]["own"], false);
}

async fn a_message_is_changed_by_its_author(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("deploys").await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let body = json!({ "bucketId": channel, "title": "Build", "subtitle": "main", "body": "runs" });
    let sent = program.post("/messages", body).await.created();
    let path = format!("/messages/{}", text(&sent["id"]));
    let change = async |body| program.call("PATCH", &path, Some(body)).await;
    app.advance(std::time::Duration::from_secs(1));
    let changed = change(json!({ "body": " done ", "deliveryType": "SILENT" })).await.ok();
    assert_eq!(changed["body"], "done");
    assert_eq!(changed["title"], "Build");
    assert_eq!(changed["deliveryType"], "SILENT");
    assert_ne!(changed["editedAt"], json!(null));
    assert_eq!(changed["createdAt"], sent["createdAt"]);
    let changed = change(json!({ "subtitle": null })).await.ok();
    assert_eq!(changed["subtitle"], json!(null));
    assert_eq!(changed["title"], "Build");
    assert_eq!(program.get(&path).await.ok(), changed);
    change(json!({ "title": null, "body": "" })).await.refused_field("body");
    change(json!({ "title": "x".repeat(201) })).await.refused_field("title");
    // Also if some of them would be trimmed.
    change(json!({ "title": format!("{}\u{1f}", "x".repeat(200)) })).await.refused_field("title");
    change(json!({ "bucketId": channel })).await.refused(400, "malformed_request");
    for field in ["body", "deliveryType"] {
        let refused = change(json!({ field: null })).await.refused(400, "malformed_request");
        assert_eq!(refused["data"]["field"], field);
    }
    let other = app.admin().await.program(&["messages:write"]).await;
    other.call("PATCH", &path, Some(json!({ "body": "x" }))).await.refused(403, "forbidden");
    let missing = program.call("DELETE", &path, None).await;
    assert_eq!(missing.status, 204);
    change(json!({ "body": "x" })).await.refused(404, "not_found");
}

async fn null_and_an_empty_text_are_left_out(app: TestApp) {
    let program = app.owner().await.program(&["messages:write", "attachments:write", "buckets:write"]).await;
    for nothing in [json!(null), json!("")] {
        let bucket = json!({
            "name": format!("door {nothing}"), "color": nothing, "iconAttachmentUuid": nothing, "publicDownloads": nothing,
        });
        let bucket = text(&program.post("/buckets", bucket).await.created()["id"]);
        let message = json!({
            "bucketId": bucket, "title": "Ring", "subtitle": nothing, "body": nothing, "deliveryType": nothing,
            "direction": nothing, "attachments": nothing, "attachmentUuids": nothing, "imageUrl": nothing,
            "videoUrl": nothing, "gifUrl": nothing,
        });
        let sent = program.post("/messages", message).await.created();
        assert_eq!((&sent["title"], &sent["subtitle"], &sent["body"]), (&json!("Ring"), &json!(null), &json!("")));
        let item = json!({
            "url": "https://example.com/a.png", "mediaType": "IMAGE", "name": nothing, "attachmentUuid": nothing,
            "saveOnServer": nothing,
        });
        program.post("/messages", json!({ "bucketId": bucket, "attachments": [item] })).await.created();
        let upload = json!({ "filename": nothing, "fileSize": 5, "contentType": nothing, "checksumSha256": nothing });
        assert!(matches!(program.post("/attachments/presign", upload).await.status, 200 | 201));
        // Required fields are not optional.
        let unnamed = program.post("/buckets", json!({ "name": nothing })).await;
        assert!(matches!(unnamed.status, 400 | 422), "{}", unnamed.text());
        program
            .post("/messages", json!({ "bucketId": bucket, "title": nothing, "body": nothing }))
            .await
            .refused_field("body");
        let token = json!({ "name": "probe", "scopes": ["messages:write"], "bucketId": nothing, "botId": nothing, "expiresAt": nothing });
        app.owner().await.post("/api/v1/access-tokens", token).await.created();
    }
}
