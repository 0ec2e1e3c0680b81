//! Acts of members who lose the permission while they wait for another transaction.

use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, User, files, on_both_engines, overtaken_by_role, text};

on_both_engines![no_act_is_done_without_its_right, an_invite_stays_dead_when_its_maker_is_an_admin_again];

/// A request of a member that changes something, and its preparation.
struct Act {
    name: &'static str,
    method: &'static str,
    path: String,
    body: Option<Value>,
}

fn act(name: &'static str, method: &'static str, path: impl Into<String>, body: Value) -> Act {
    let body = (!body.is_null()).then_some(body);
    Act { name, method, path: path.into(), body }
}

/// Returns acts that require a permission, in an order in which each is possible once.
async fn acts(owner: &User, admin: &User) -> Vec<Act> {
    let channel = owner.channel("general").await;
    let others = text(&owner.send(&channel, "Of somebody else", &[]).await.ok()["id"]);
    let own = text(&admin.send(&channel, "Of the admin", &[]).await.ok()["id"]);
    let file = owner.send_file(&channel, "plan.txt", "text/plain", b"The plan").await;
    let doomed = owner.send_file(&channel, "old.txt", "text/plain", b"Old").await;
    owner.delete(&format!("/api/attachments/{doomed}")).await.ok();
    let contact = owner.contact("Jane", "Doe", "+1 555 1").await;
    let contact = text(&contact["id"]);
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door" })).await.ok()["id"]);
    let incoming = owner.post(&format!("/api/buckets/{bucket}/hooks"), json!({ "name": "camera" })).await.ok();
    let incoming = text(&incoming["id"]);
    let bot = text(&owner.post("/api/bots", json!({ "name": "Robin" })).await.ok()["id"]);
    let link = owner.post("/api/share-links", json!({ "attachmentId": file })).await.ok();
    let link = text(&link["id"]);
    let request = owner.post("/api/file-requests", json!({ "channelId": channel })).await.ok();
    let request = text(&request["id"]);
    let hook = json!({ "url": "https://8.8.8.8/", "events": ["message.created"] });
    let webhook = text(&admin.post("/api/webhooks", hook.clone()).await.ok()["id"]);
    let emoji = owner.picture(json!({ "type": "custom-emoji", "name": "wave_hello" }), &files::picture(64, 64)).await;
    let team = text(
        &owner.post("/api/channels", json!({ "name": "team", "kind": "team", "private": false })).await.ok()["id"],
    );
    let staged = admin.stage(&channel, "staged.txt", "text/plain", b"Staged").await;
    let presign = json!({ "type": "attachment", "channelId": channel, "fileName": "a.txt", "fileSize": 3, "contentType": "text/plain" });
    vec![
        act(
            "send",
            "POST",
            format!("/api/channels/{channel}/messages"),
            json!({ "body": "Hello", "attachmentIds": [], "idempotencyKey": "one" }),
        ),
        act("react", "PUT", format!("/api/messages/{others}/reactions"), json!({ "emoji": "👍", "reacted": true })),
        act("edit", "PATCH", format!("/api/messages/{own}"), json!({ "body": "Edited" })),
        act(
            "reply",
            "POST",
            format!("/api/channels/{channel}/messages"),
            json!({ "body": "Yes", "replyTo": others, "idempotencyKey": "two" }),
        ),
        act(
            "forward",
            "POST",
            format!("/api/channels/{channel}/messages"),
            json!({ "attachmentIds": [file], "idempotencyKey": "three" }),
        ),
        act("presign", "POST", "/api/uploads/presign", presign),
        act("complete", "POST", format!("/api/attachments/{}/complete", staged.id), Value::Null),
        act("share", "POST", "/api/share-links", json!({ "attachmentId": file })),
        act("revoke a link", "POST", format!("/api/share-links/{link}/revoke"), Value::Null),
        act("request files", "POST", "/api/file-requests", json!({ "channelId": channel })),
        act("revoke a request", "POST", format!("/api/file-requests/{request}/revoke"), Value::Null),
        act("delete a message", "DELETE", format!("/api/messages/{others}"), Value::Null),
        act("delete a file", "DELETE", format!("/api/attachments/{file}"), Value::Null),
        act("purge a file", "POST", format!("/api/attachments/{doomed}/purge"), Value::Null),
        act("create a contact", "POST", "/api/contacts", json!({ "firstName": "New", "lastName": "", "phones": [] })),
        act("change a contact", "PATCH", format!("/api/contacts/{contact}"), json!({ "firstName": "Janet" })),
        act(
            "assign a contact",
            "PUT",
            format!("/api/contacts/{contact}/members"),
            json!({ "memberIds": [owner.member_id] }),
        ),
        act("create a channel", "POST", "/api/channels", json!({ "name": "made", "kind": "team", "private": false })),
        act("set members", "PUT", format!("/api/channels/{team}/members"), json!({ "memberIds": [owner.member_id] })),
        act("create a bucket", "POST", "/api/buckets", json!({ "name": "Made" })),
        act("change a bucket", "PATCH", format!("/api/buckets/{bucket}"), json!({ "name": "Changed" })),
        act("create an incoming URL", "POST", format!("/api/buckets/{bucket}/hooks"), json!({ "name": "ci" })),
        act(
            "change an incoming URL",
            "PATCH",
            format!("/api/buckets/{bucket}/hooks/{incoming}"),
            json!({ "template": { "title": "{{name}}" } }),
        ),
        act("revoke an incoming URL", "POST", format!("/api/buckets/{bucket}/hooks/{incoming}/revoke"), Value::Null),
        act("delete a bucket", "DELETE", format!("/api/buckets/{bucket}"), Value::Null),
        act("create a bot", "POST", "/api/bots", json!({ "name": "Made" })),
        act("rename a bot", "PATCH", format!("/api/bots/{bot}"), json!({ "name": "Changed" })),
        act("remove a bot", "DELETE", format!("/api/bots/{bot}"), Value::Null),
        act("remove an emoji", "DELETE", format!("/api/emoji/{emoji}"), Value::Null),
        act("restore an emoji", "POST", format!("/api/emoji/{emoji}/restore"), Value::Null),
        act("rename the organization", "PATCH", "/api/organization", json!({ "name": "Changed" })),
        act("set retention", "PATCH", "/api/storage/retention", json!({ "retentionDays": 30 })),
        act("keep locations", "PATCH", "/api/photo-location", json!({ "keep": true })),
        act("create a webhook", "POST", "/api/webhooks", hook),
        act("change a webhook", "PATCH", format!("/api/webhooks/{webhook}"), json!({ "events": ["contact.created"] })),
        act("rotate a secret", "POST", format!("/api/webhooks/{webhook}/rotate-secret"), Value::Null),
        act("test a webhook", "POST", format!("/api/webhooks/{webhook}/test"), Value::Null),
        act("delete a webhook", "DELETE", format!("/api/webhooks/{webhook}"), Value::Null),
        act("create a role", "POST", "/api/roles", json!({ "name": "Made", "permissions": [] })),
        act("invite", "POST", "/api/invites", json!({ "role": "guest" })),
        act("log out", "DELETE", format!("/api/members/{}/sessions", admin.member_id), Value::Null),
    ]
}

async fn no_act_is_done_without_its_right(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let organization = text(&owner.get("/api/auth/session").await.ok()["organization"]["id"]).parse().unwrap();
    let member = (organization, admin.member_id.parse().unwrap());
    let nothing = owner.post("/api/roles", json!({ "name": "Nothing", "permissions": [] })).await.ok();
    let nothing = text(&nothing["id"]).parse().unwrap();
    for Act { name, method, path, body } in acts(&owner, &admin).await {
        let (sender, address, content) = (admin.clone(), path.clone(), body.clone());
        let request = async move { sender.call(method, &address, content).await };
        let late = overtaken_by_role(&app, member, nothing, request).await;
        assert!([403, 404].contains(&late.status), "{name}: {late:?}");
        let path_of_member = format!("/api/members/{}", admin.member_id);
        owner.patch(&path_of_member, json!({ "role": "admin" })).await.ok();
        // Nothing was done: it is still possible.
        let done = admin.call(method, &path, body).await;
        assert!(done.status < 300, "{name}: {done:?}");
    }
}

async fn an_invite_stays_dead_when_its_maker_is_an_admin_again(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let by_role = admin.invite_token("member").await;
    let member = format!("/api/members/{}", admin.member_id);
    for role in ["member", "admin"] {
        owner.patch(&member, json!({ "role": role })).await.ok();
    }
    let by_permission = admin.invite_token("member").await;
    let permissions = owner.get("/api/roles").await.ok();
    let before =
        permissions.as_array().unwrap().iter().find(|role| role["builtIn"] == "admin").unwrap()["permissions"].clone();
    for permissions in [json!(["Channel:View"]), before] {
        owner.patch("/api/roles", json!({ "role": "admin", "permissions": permissions })).await.ok();
    }
    assert_eq!(owner.get("/api/invites").await.ok(), json!([]));
    for token in [by_role, by_permission] {
        let join = json!({ "token": token, "name": "Ivy", "email": "ivy@example.com", "password": PASSWORD });
        app.anonymous().post("/api/invites/accept", join).await.refused(404, "not_found");
    }
    // The owner's own stay valid.
    let kept = owner.invite_token("member").await;
    owner.patch(&member, json!({ "role": "member" })).await.ok();
    let join = json!({ "token": kept, "name": "Ivy", "email": "ivy@example.com", "password": PASSWORD });
    app.anonymous().post("/api/invites/accept", join).await.ok();
}
