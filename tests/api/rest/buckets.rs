//! Buckets: created and changed by programs and people, visible to the team, public or not.

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    a_program_makes_lists_changes_and_deletes_buckets,
    a_bound_token_has_one_bucket,
    names_are_unique_among_buckets_and_free_after_deletion,
    wrong_values_are_refused_by_name,
    the_app_shows_a_bucket_like_any_other_channel,
    a_bucket_is_of_one_organization_and_not_for_guests,
    an_icon_is_drawn_until_a_picture_is_given,
    files_are_public_while_the_bucket_says_so,
    deleting_a_bucket_takes_its_files_with_it,
];

const ALL: [&str; 6] =
    ["messages:write", "messages:read", "attachments:write", "attachments:read", "attachments:delete", "buckets:write"];

async fn a_program_makes_lists_changes_and_deletes_buckets(app: TestApp) {
    let program = app.owner().await.program(&["buckets:write"]).await;
    let answer = program.post("/buckets", json!({ "name": "Door camera", "color": "teal" })).await;
    let location = answer.header("location").to_owned();
    let made = answer.created();
    let id = text(&made["id"]);
    assert_eq!(location, format!("/api/v1/buckets/{id}"));
    assert_eq!((&made["name"], &made["color"]), (&json!("Door camera"), &json!("teal")));
    assert_eq!((&made["publicDownloads"], &made["iconAttachmentUuid"]), (&json!(true), &Value::Null));
    let other = program.post("/buckets", json!({ "name": "Backup" })).await.created();
    assert_eq!(program.get(&format!("/buckets/{id}")).await.ok(), made);
    let first = program.get("/buckets?limit=1").await.ok();
    assert_eq!((&first["buckets"], &first["next"]), (&json!([made]), &json!(id)));
    let second = program.get(&format!("/buckets?after={id}")).await.ok();
    assert_eq!((&second["buckets"], &second["next"]), (&json!([other]), &Value::Null));

    let path = format!("/buckets/{id}");
    let wanted = json!({ "name": "Side door", "color": "rose", "publicDownloads": false });
    let changed = program.call("PATCH", &path, Some(wanted)).await.ok();
    assert_eq!((&changed["name"], &changed["color"]), (&json!("Side door"), &json!("rose")));
    assert_eq!(changed["publicDownloads"], false);
    assert_eq!(program.call("PATCH", &path, Some(json!({}))).await.ok(), changed);

    assert_eq!(program.call("DELETE", &path, None).await.status, 204);
    program.get(&path).await.refused(404, "not_found");
    program.call("DELETE", &path, None).await.refused(404, "not_found");
    assert_eq!(program.get("/buckets").await.ok()["buckets"], json!([other]));
}

async fn a_bound_token_has_one_bucket(app: TestApp) {
    let owner = app.owner().await;
    let all = owner.program(&ALL).await;
    let mine = text(&all.post("/buckets", json!({ "name": "mine" })).await.created()["id"]);
    let other = text(&all.post("/buckets", json!({ "name": "other" })).await.created()["id"]);
    let bound = owner.bound_program(&ALL, &mine).await;
    let listed = bound.get("/buckets").await.ok();
    assert_eq!(listed["buckets"].as_array().unwrap().len(), 1);
    assert_eq!(listed["buckets"][0]["id"], mine.as_str());
    bound.get(&format!("/buckets/{other}")).await.refused(404, "not_found");
    bound.call("PATCH", &format!("/buckets/{other}"), Some(json!({ "name": "x" }))).await.refused(404, "not_found");
    bound.call("DELETE", &format!("/buckets/{other}"), None).await.refused(404, "not_found");
    bound.post("/buckets", json!({ "name": "third" })).await.refused(403, "forbidden");
    bound.call("PATCH", &format!("/buckets/{mine}"), Some(json!({ "color": "sky" }))).await.ok();
}

async fn names_are_unique_among_buckets_and_free_after_deletion(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("deploys").await;
    let program = owner.program(&ALL).await;
    let made = program.post("/buckets", json!({ "name": "deploys" })).await.created();
    let taken = program.post("/buckets", json!({ "name": "deploys" })).await;
    assert_eq!(taken.refused(409, "conflict")["data"]["field"], "name");
    // A bucket has precedence over a channel of the same name, for programs.
    let sent = program.post("/messages", json!({ "bucketId": "deploys", "title": "out" })).await.created();
    assert_eq!(sent["bucketId"], made["id"]);
    let other = program.post("/buckets", json!({ "name": "other" })).await.created();
    let path = format!("/buckets/{}", text(&other["id"]));
    let renamed = program.call("PATCH", &path, Some(json!({ "name": "deploys" }))).await;
    assert_eq!(renamed.refused(409, "conflict")["data"]["field"], "name");
    program.call("DELETE", &format!("/buckets/{}", text(&made["id"])), None).await;
    program.post("/buckets", json!({ "name": "deploys" })).await.created();
}

async fn wrong_values_are_refused_by_name(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&ALL).await;
    for (body, status, kind, field) in [
        (json!({}), 400, "malformed_request", "name"),
        (json!({ "name": 1 }), 400, "malformed_request", "name"),
        (json!({ "name": "" }), 422, "invalid_value", "name"),
        (json!({ "name": "a", "color": "blue" }), 400, "malformed_request", "color"),
        (json!({ "name": "a", "colour": "sky" }), 400, "malformed_request", "colour"),
        (json!({ "name": "a", "iconAttachmentUuid": "../x" }), 400, "malformed_request", "iconAttachmentUuid"),
        (
            json!({ "name": "a", "iconAttachmentUuid": "019f8000-0000-7000-8000-000000000000" }),
            404,
            "not_found",
            "iconAttachmentUuid",
        ),
    ] {
        assert_eq!(program.post("/buckets", body).await.refused(status, kind)["data"]["field"], field);
    }
    program.get("/buckets/..%2f..%2fx").await.refused(400, "malformed_request");
    // A team channel is not a bucket.
    let channel = owner.channel("deploys").await;
    program.get(&format!("/buckets/{channel}")).await.refused(404, "not_found");
    program.call("DELETE", &format!("/buckets/{channel}"), None).await.refused(404, "not_found");
    let reader = owner.program(&["messages:write"]).await;
    reader.post("/buckets", json!({ "name": "a" })).await.refused(403, "forbidden");
}

async fn the_app_shows_a_bucket_like_any_other_channel(app: TestApp) {
    let owner = app.owner().await;
    let member = app.member().await;
    let made = member
        .post("/api/buckets", json!({ "name": "Door camera", "color": "iris", "publicDownloads": true }))
        .await
        .ok();
    let id = text(&made["id"]);
    let program = owner.program(&ALL).await;
    for delivery in ["NORMAL", "CRITICAL", "SILENT"] {
        let body = json!({ "bucketId": "Door camera", "title": "Ring", "deliveryType": delivery });
        program.post("/messages", body).await.created();
    }
    let list = member.get("/api/conversations?kind=bucket").await.ok();
    let row = &list[0];
    assert_eq!((&row["id"], &row["kind"], &row["name"]), (&json!(id), &json!("bucket"), &json!("Door camera")));
    assert_eq!(row["bucket"], json!({ "color": "iris", "publicFiles": true }));
    assert_eq!((&row["unreadCount"], &row["criticalCount"]), (&json!(3), &json!(1)));
    assert_eq!(member.get("/api/conversations?kind=team").await.ok(), json!([]));
    assert_eq!(member.messages(&id).await.len(), 3);
    let contents = member.get(&format!("/api/buckets/{id}/contents")).await.ok();
    assert_eq!((&contents["files"], &contents["maxFileSize"]), (&json!(0), &json!(10_000_000)));
    assert_eq!(contents["posters"][0]["name"], "doorbell");
    member.patch(&format!("/api/buckets/{id}"), json!({ "name": "Side door" })).await.ok();
    assert_eq!(member.get(&format!("/api/channels/{id}")).await.ok()["name"], "Side door");
    // It would delete messages of others.
    member.delete(&format!("/api/buckets/{id}")).await.refused(403, "forbidden");
    app.admin().await.delete(&format!("/api/buckets/{id}")).await.ok();
    member.get(&format!("/api/channels/{id}")).await.refused(404, "not_found");
    assert_eq!(member.get("/api/conversations?kind=bucket").await.ok(), json!([]));
}

async fn a_bucket_is_of_one_organization_and_not_for_guests(app: TestApp) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door", "publicDownloads": true })).await.ok()["id"]);
    for nobody in [app.other_organization().await, app.guest().await] {
        nobody.get(&format!("/api/channels/{bucket}")).await.refused(404, "not_found");
        nobody.get(&format!("/api/buckets/{bucket}/contents")).await.refused(404, "not_found");
        nobody.patch(&format!("/api/buckets/{bucket}"), json!({ "name": "x" })).await.refused(404, "not_found");
        let program = nobody.program(&ALL).await;
        program.get(&format!("/buckets/{bucket}")).await.refused(404, "not_found");
        program.post("/messages", json!({ "bucketId": bucket, "title": "x" })).await.refused(404, "not_found");
        assert_eq!(program.get("/buckets").await.ok()["buckets"], json!([]));
    }
    app.guest().await.post("/api/buckets", json!({ "name": "a" })).await.refused(403, "forbidden");
}

async fn an_icon_is_drawn_until_a_picture_is_given(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&ALL).await;
    let bucket = program.post("/buckets", json!({ "name": "Door <script>", "color": "iris" })).await.created();
    let (id, url) = (text(&bucket["id"]), text(&bucket["iconUrl"]));
    let nobody = app.anonymous();
    let drawn = nobody.get(&url).await;
    assert_eq!(drawn.header("content-type"), "image/svg+xml");
    assert_eq!(drawn.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(drawn.header("cache-control"), "public, no-cache");
    let etag = drawn.header("etag").to_owned();
    let svg = String::from_utf8(drawn.bytes.clone()).unwrap();
    assert!(svg.starts_with("<svg ") && svg.contains("#e3e4fd") && !svg.contains("script"), "{svg}");
    let again = nobody.send_request(nobody.request(Method::GET, &url).header("if-none-match", &etag)).await;
    assert_eq!(again.status, 304);
    let path = format!("/buckets/{id}");
    program.call("PATCH", &path, Some(json!({ "color": "moss" }))).await.ok();
    assert!(String::from_utf8(nobody.get(&url).await.bytes).unwrap().contains("#d7edda"));

    let icon = owner.upload(&id, "icon.png", "image/png", &files::picture(8, 8)).await;
    let changed = program.call("PATCH", &path, Some(json!({ "iconAttachmentUuid": icon }))).await.ok();
    assert_eq!(changed["iconAttachmentUuid"], icon.as_str());
    let served = app.anonymous().download_public(&url).await;
    assert_eq!((served.status, &served.bytes), (200, &files::picture(8, 8)));
    // Viewers of the bucket can view its icon, though it was never sent.
    assert_eq!(app.member().await.download(&icon, "").await.bytes, files::picture(8, 8));
    app.guest().await.get(&format!("/api/messages/attachments/{icon}")).await.refused(404, "not_found");

    let document = owner.upload(&id, "a.pdf", "application/pdf", &files::pdf("x")).await;
    let refused = program.call("PATCH", &path, Some(json!({ "iconAttachmentUuid": document }))).await;
    assert_eq!(refused.refused(422, "invalid_value")["data"]["field"], "iconAttachmentUuid");
    program.call("PATCH", &path, Some(json!({ "publicDownloads": false }))).await.ok();
    app.anonymous().get(&url).await.refused(404, "not_found");
    program.call("PATCH", &path, Some(json!({ "publicDownloads": true, "iconAttachmentUuid": null }))).await.ok();
    assert_eq!(nobody.get(&url).await.header("content-type"), "image/svg+xml");
}

async fn files_are_public_while_the_bucket_says_so(app: TestApp) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door", "publicDownloads": true })).await.ok()["id"]);
    let team = owner.channel("deploys").await;
    let (in_bucket, in_team) = (
        owner.send_file(&bucket, "a.png", "image/png", &files::png("a")).await,
        owner.send_file(&team, "b.png", "image/png", &files::png("b")).await,
    );
    let unsent = owner.upload(&bucket, "c.png", "image/png", &files::png("c")).await;
    let public = |id: &str| format!("/api/v1/attachments/{id}/download/public");
    let nobody = app.anonymous();
    let served = nobody.download_public(&public(&in_bucket)).await;
    assert_eq!((served.status, &served.bytes), (200, &files::png("a")));
    for hidden in [&in_team, &unsent, "019f8000-0000-7000-8000-000000000000"] {
        nobody.get(&public(hidden)).await.refused(404, "not_found");
    }
    let answer = nobody.get(&public(&in_bucket)).await;
    assert_eq!(answer.header("cache-control"), "public, no-cache");
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    owner.patch(&format!("/api/buckets/{bucket}"), json!({ "publicDownloads": false })).await.ok();
    nobody.get(&public(&in_bucket)).await.refused(404, "not_found");
    owner.patch(&format!("/api/buckets/{bucket}"), json!({ "publicDownloads": true })).await.ok();
    assert_eq!(nobody.download_public(&public(&in_bucket)).await.status, 200);
    // Files of a deleted message are not public.
    let message = text(&owner.messages(&bucket).await[0]["id"]);
    owner.delete(&format!("/api/messages/{message}")).await.ok();
    nobody.get(&public(&in_bucket)).await.refused(404, "not_found");
}

async fn deleting_a_bucket_takes_its_files_with_it(app: TestApp) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door", "publicDownloads": true })).await.ok()["id"]);
    let file = owner.send_file(&bucket, "a.png", "image/png", &files::png("a")).await;
    let team = owner.channel("deploys").await;
    let kept = owner.send_file(&team, "b.png", "image/png", &files::png("b")).await;
    owner.delete(&format!("/api/buckets/{bucket}")).await.ok();
    owner.get(&format!("/api/messages/attachments/{file}")).await.refused(404, "not_found");
    app.anonymous().get(&format!("/api/v1/attachments/{file}/download/public")).await.refused(404, "not_found");
    run_due(&app.platform, JOBS).await.unwrap();
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects").iter().filter(|name| !name.starts_with("derived")).count(), 1);
    }
    assert_eq!(owner.download(&kept, "").await.bytes, files::png("b"));
    let usage = owner.get("/api/storage").await.ok();
    assert_eq!(usage["usedBytes"], files::png("b").len());
}
