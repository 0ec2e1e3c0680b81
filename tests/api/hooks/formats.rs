//! The formats of other programs, as each of them documents it: what becomes of them, and the response that each expects.

use serde_json::json;

use super::Hook;
use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    slack_sends_text_as_json_or_as_a_form,
    text_and_forms_are_read,
    discord_gets_no_content_or_the_message,
    discord_sends_files,
    alerts_that_fire_are_critical,
    uptime_kuma_sends_json_or_a_form,
    github_repeats_a_delivery,
    pictures_stay_on_their_server,
    other_json_needs_a_template,
];

async fn slack_sends_text_as_json_or_as_a_form(app: TestApp) {
    let hook = Hook::new(&app.owner().await, "Deploys").await;
    let blocks = json!({
        "text": "Release 4.2",
        "blocks": [
            { "type": "header", "text": { "type": "plain_text", "text": "Release 4.2" } },
            { "type": "section", "text": { "type": "mrkdwn", "text": "See <https://example.com/4.2|the notes>" } },
        ],
    });
    let answer = hook.post(&blocks).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    let message = hook.message().await;
    assert_eq!(message["title"], "Release 4.2");
    assert_eq!(message["body"], "See the notes (https://example.com/4.2)");
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &json!({ "text": "a & b" }).to_string())
        .finish();
    let answer = hook.post_as("application/x-www-form-urlencoded", form).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    assert_eq!(hook.message().await["body"], "a & b");
}

async fn text_and_forms_are_read(app: TestApp) {
    let hook = Hook::new(&app.owner().await, "Deploys").await;
    for (content_type, body, title, text) in [
        ("text/plain; charset=utf-8", "Disk is full", json!(null), "Disk is full"),
        ("application/x-www-form-urlencoded", "title=Backup&message=All+done", json!("Backup"), "All done"),
        // curl -d sends this type for any body.
        ("application/x-www-form-urlencoded", "Disk = 99 % full", json!(null), "Disk = 99 % full"),
        ("application/x-www-form-urlencoded", r#"{"text": "JSON"}"#, json!(null), "JSON"),
        ("application/json", r#"{"title": "Door", "message": "opened"}"#, json!("Door"), "opened"),
    ] {
        let answer = hook.post_as(content_type, body).await;
        let sent = hook.message().await;
        assert_eq!((&sent["title"], &sent["body"]), (&title, &json!(text)), "{body}");
        assert!(answer.text() == "ok" || answer.json()["id"] == sent["id"], "{body}: {}", answer.text());
    }
    hook.post_as("application/xml", "<a/>").await.refused(415, "unsupported_media_type");
    hook.post_as("text/plain", vec![0xff]).await.refused(400, "malformed_request");
    hook.post_as("text/plain", " ").await.refused_field("body");
    let gzip = hook.request().header("content-encoding", "gzip").body("x");
    hook.send(gzip).await.refused(415, "unsupported_media_type");
    hook.post_as("text/plain", "x".repeat(1024 * 1024 + 1)).await.refused(413, "too_large");
    hook.post_as("text/plain", "x".repeat(3 * 1024 * 1024)).await.refused(413, "too_large");
}

async fn discord_gets_no_content_or_the_message(app: TestApp) {
    let hook = Hook::new(&app.owner().await, "Deploys").await;
    let body = json!({ "username": "Radarr", "content": "Movie imported", "embeds": [{ "title": "Details", "description": "4 GB" }] });
    let answer = hook.post(&body).await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    let message = hook.message().await;
    assert_eq!((&message["subtitle"], &message["body"]), (&json!("Radarr"), &json!("Movie imported\nDetails\n4 GB")));
    let waiting = Hook { url: format!("{}?wait=true", hook.url), ..hook };
    let answer = waiting.post(&json!({ "content": "Movie deleted" })).await.ok();
    let message = waiting.message().await;
    assert_eq!((&answer["id"], &answer["content"]), (&message["id"], &message["body"]));
    assert_eq!((&answer["channel_id"], &answer["webhook_id"]), (&json!(waiting.bucket), &json!(waiting.id)));
}

async fn discord_sends_files(app: TestApp) {
    let hook = Hook::new(&app.owner().await, "Deploys").await;
    let file = |name: &'static str| reqwest::multipart::Part::bytes(files::png(name)).file_name(format!("{name}.png"));
    let payload = json!({ "content": "Two pictures", "embeds": [{ "image": { "url": "attachment://a.png" } }] });
    let form = reqwest::multipart::Form::new().text("payload_json", payload.to_string());
    let form = form.part("files[0]", file("a")).part("files[1]", file("b"));
    assert_eq!(hook.send(hook.request().multipart(form)).await.status, 204);
    let message = hook.message().await;
    assert_eq!(message["body"], "Two pictures");
    let names: Vec<_> = message["attachments"].as_array().unwrap().iter().map(|file| text(&file["name"])).collect();
    assert_eq!(names, ["a.png", "b.png"]);
    // Without a text, and with the fields of a form.
    for form in [
        reqwest::multipart::Form::new().part("file", file("c")),
        reqwest::multipart::Form::new().text("payload_json", "{}").part("file", file("c")),
        reqwest::multipart::Form::new().text("title", "Door").part("file", file("c")),
    ] {
        assert!(hook.send(hook.request().multipart(form)).await.status < 300);
        assert_eq!(hook.message().await["attachments"][0]["name"], "c.png");
    }
    let empty = reqwest::multipart::Form::new().text("payload_json", "{}");
    hook.send(hook.request().multipart(empty)).await.refused_field("body");
    assert_eq!(hook.listed().await["lastError"]["body"], "payload_json={}");
    // A rejected file rejects the message, and nothing is kept.
    let program = reqwest::multipart::Part::bytes(b"MZ\x90\0".repeat(100)).file_name("a.exe");
    let form = reqwest::multipart::Form::new().text("content", "x").part("file", file("d")).part("file", program);
    hook.send(hook.request().multipart(form)).await.refused(400, "file_type_not_allowed");
    assert_eq!(hook.messages().await, 4);
    assert_eq!(app.count("attachments WHERE message_id IS NULL", "").await, 0);
}

async fn alerts_that_fire_are_critical(app: TestApp) {
    let hook = Hook::new(&app.owner().await, "Alarms").await;
    let alert = |status: &str, severity: &str| json!([{ "status": status, "labels": { "alertname": "Disk", "severity": severity, "instance": "db1" }, "annotations": { "summary": "99 %" } }]);
    let alertmanager = |status: &str, severity: &str| json!({ "version": "4", "groupKey": "k", "receiver": "attache", "status": status, "alerts": alert(status, severity) });
    let grafana = |status: &str, severity: &str| json!({ "orgId": 1, "version": "1", "groupKey": "k", "title": "Disk is full", "state": "alerting", "status": status, "alerts": alert(status, severity) });
    for (body, title, delivery) in [
        (alertmanager("firing", "critical"), "[FIRING:1] Disk", "CRITICAL"),
        (alertmanager("firing", "warning"), "[FIRING:1] Disk", "NORMAL"),
        (alertmanager("resolved", "critical"), "[RESOLVED] Disk", "NORMAL"),
        (grafana("firing", "critical"), "Disk is full", "CRITICAL"),
        (grafana("resolved", "critical"), "Disk is full", "NORMAL"),
    ] {
        let answer = hook.post(&body).await.ok();
        let message = hook.message().await;
        assert_eq!(answer, json!({ "id": message["id"] }));
        assert_eq!((&message["title"], &message["deliveryType"]), (&json!(title), &json!(delivery)), "{body}");
        assert!(text(&message["body"]).contains("Disk (db1)\n99 %"), "{message}");
    }
}

async fn uptime_kuma_sends_json_or_a_form(app: TestApp) {
    let hook = Hook::new(&app.owner().await, "Alarms").await;
    let down = json!({ "heartbeat": { "status": 0, "msg": "timeout" }, "monitor": { "name": "Shop", "url": "https://shop.example" }, "msg": "[Shop] [Down]" });
    hook.post(&down).await.ok();
    assert_eq!(hook.message().await["title"], "Shop is down");
    let test = json!({ "heartbeat": null, "monitor": null, "msg": "Attache Testing" });
    let form = reqwest::multipart::Form::new().text("data", test.to_string());
    hook.send(hook.request().multipart(form)).await.ok();
    assert_eq!(hook.message().await["body"], "Attache Testing");
}

async fn github_repeats_a_delivery(app: TestApp) {
    let hook = Hook::new(&app.owner().await, "Code").await;
    let send = async |event: &str, delivery: &str, body: serde_json::Value| {
        let request = hook.request().header("x-github-event", event).header("x-github-delivery", delivery);
        hook.send(request.json(&body)).await
    };
    let repository = json!({ "full_name": "acme/shop" });
    let ping = send("ping", "1", json!({ "zen": "Design for failure.", "repository": repository })).await.ok();
    assert_eq!((ping, hook.messages().await), (json!({ "id": null }), 0));
    let push = json!({ "ref": "refs/heads/main", "pusher": { "name": "ana" }, "repository": repository,
        "commits": [{ "id": "0123456789", "message": "Fix login", "author": { "name": "Ana" } }] });
    let first = send("push", "2", push.clone()).await.ok();
    let again = send("push", "2", push.clone()).await.ok();
    assert_eq!(first, again);
    assert_eq!(hook.message().await["title"], "[acme/shop] ana pushed 1 commit to main");
    assert_eq!(hook.message().await["body"], "0123456 Fix login (Ana)");
    let other = send("push", "3", push.clone()).await.ok();
    assert_ne!(first, other);
    let keyed =
        async || hook.send(hook.request().header("idempotency-key", "a").json(&json!({ "message": "x" }))).await.ok();
    assert_eq!(keyed().await, keyed().await);
    let elsewhere = Hook::of(&app.owner().await, &hook.bucket, json!({ "name": "Other" })).await;
    let request = elsewhere.request().header("x-github-event", "push").header("x-github-delivery", "2");
    assert_ne!(elsewhere.send(request.json(&push)).await.ok(), first);
    assert_eq!(hook.messages().await, 4);
    let labeled = send("issues", "4", json!({ "action": "labeled", "repository": repository })).await.ok();
    assert_eq!(labeled, json!({ "id": null }));
}

async fn pictures_stay_on_their_server(app: TestApp) {
    let hook = Hook::new(&app.owner().await, "Deploys").await;
    let body = json!({ "text": "Graph", "attachments": [
        { "image_url": "https://192.0.2.1/graph.png" }, { "image_url": "ftp://192.0.2.1/a.png" }, { "image_url": "https://me:secret@192.0.2.1/b.png" },
    ] });
    assert_eq!(hook.post(&body).await.status, 200);
    let message = hook.message().await;
    let pictures = message["attachments"].as_array().unwrap();
    assert_eq!(pictures.len(), 1, "{message}");
    assert_eq!(
        (&pictures[0]["url"], &pictures[0]["mediaType"]),
        (&json!("https://192.0.2.1/graph.png"), &json!("IMAGE"))
    );
    let body = text(&message["body"]);
    assert!(body.starts_with("Graph\n") && body.matches("A picture could not be added.").count() == 2, "{body}");
    assert!(!body.contains("secret"), "{body}");
}

async fn other_json_needs_a_template(app: TestApp) {
    let owner = app.owner().await;
    let hook = Hook::new(&owner, "Builds").await;
    let build =
        json!({ "build": { "number": 512, "steps": [{ "name": "test" }] }, "chart": "https://192.0.2.1/c.png" });
    hook.post(&build).await.refused_field("body");
    let template = json!({ "title": "Build {{build.number}}", "body": "{{build.steps.0.name}} {{missing}}", "imageUrl": "{{chart}}" });
    let path = format!("/api/buckets/{}/hooks", hook.bucket);
    let preview = async |template: &serde_json::Value, body: String| {
        owner.post(&format!("{path}/preview"), json!({ "template": template, "body": body })).await
    };
    let shown = preview(&template, build.to_string()).await.ok();
    let expected = json!({ "message": { "title": "Build 512", "subtitle": null, "body": "test", "deliveryType": "NORMAL",
        "pictures": ["https://192.0.2.1/c.png"] } });
    assert_eq!(shown, expected);
    assert_eq!(hook.messages().await, 0);
    preview(&json!({}), build.to_string()).await.refused_field("body");
    preview(&json!({}), "{".to_owned()).await.refused(400, "malformed_request");
    preview(&json!({ "title": "{{open" }), build.to_string()).await.refused_field("title");
    assert_eq!(preview(&json!({}), r#"{"text": "known"}"#.to_owned()).await.ok()["message"]["body"], "known");
    let change = async |template: serde_json::Value| {
        owner.patch(&format!("{path}/{}", hook.id), json!({ "template": template })).await
    };
    change(json!({ "body": "{{}}" })).await.refused_field("body");
    assert_eq!(change(template.clone()).await.ok()["template"], template);
    hook.post(&build).await.ok();
    let message = hook.message().await;
    assert_eq!((&message["title"], &message["body"]), (&json!("Build 512"), &json!("test")));
    assert_eq!(message["attachments"][0]["url"], "https://192.0.2.1/c.png");
    // A template that finds nothing, and none.
    hook.post(&json!({ "text": "known" })).await.ok();
    assert_eq!(hook.message().await["title"], "Build");
    assert_eq!(change(json!({ "title": " ", "body": null })).await.ok()["template"], json!(null));
    assert_eq!(hook.post(&json!({ "text": "known" })).await.text(), "ok");
    let made = Hook::of(&owner, &hook.bucket, json!({ "name": "With template", "template": template })).await;
    assert_eq!(made.listed().await["template"], template);
}
