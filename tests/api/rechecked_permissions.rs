//! Permissions are checked when an act happens, not only when it was prepared.

use futures::StreamExt;
use futures::channel::mpsc::unbounded;
use reqwest::Method;
use serde_json::json;

use crate::support::{PASSWORD, TestApp, Upload, User, files, on_both_engines, text, until};

on_both_engines![
    completing_a_picture_requires_the_permission_again,
    a_picture_stays_in_the_organization_that_it_was_uploaded_in,
    editing_requires_the_send_permission,
    a_public_bucket_needs_the_right_to_share,
    publishing_files_of_others_requires_the_share_permission,
    a_token_of_one_bucket_reaches_nothing_else,
    a_new_password_can_end_access_tokens,
    an_admin_logs_a_member_out,
    a_form_is_taken_with_the_rights_at_its_end,
];

/// Creates a custom role with these permissions, and gives it to a member.
async fn permit(owner: &User, member: &User, permissions: &[&str]) {
    let name = format!("Role {}", permissions.len());
    let known = owner.post("/api/roles", json!({ "name": name, "permissions": permissions })).await;
    if known.status == 409 {
        owner.patch("/api/roles", json!({ "role": name, "permissions": permissions })).await.ok();
    }
    owner.patch(&format!("/api/members/{}", member.member_id), json!({ "role": name })).await.ok();
}

/// Uploads the bytes of a picture without completing. Returns the upload's id.
async fn staged(user: &User, mut request: serde_json::Value) -> String {
    let png = files::picture(64, 64);
    request["fileSize"] = json!(png.len());
    request["contentType"] = json!("image/png");
    let upload = Upload::new(user.post("/api/uploads/presign", request).await.ok(), &png);
    assert_eq!(upload.put().await.status, 200);
    upload.id
}

async fn completing_a_picture_requires_the_permission_again(app: TestApp) {
    let owner = app.owner().await;
    let admin = app.admin().await;
    let logo = staged(&admin, json!({ "type": "organization-avatar" })).await;
    let emoji = staged(&admin, json!({ "type": "custom-emoji", "name": "wave_hello" })).await;
    owner.patch(&format!("/api/members/{}", admin.member_id), json!({ "role": "guest" })).await.ok();
    for picture in [&logo, &emoji] {
        admin.poke(&format!("/api/pictures/{picture}/complete")).await.refused(403, "forbidden");
    }
    assert_eq!(owner.get("/api/auth/session").await.ok()["organization"]["logoUrl"], json!(null));
    assert_eq!(owner.get("/api/emoji").await.ok(), json!([]));
    // Your own picture requires no permission.
    let avatar = staged(&admin, json!({ "type": "user-avatar" })).await;
    admin.poke(&format!("/api/pictures/{avatar}/complete")).await.ok();
}

async fn a_picture_stays_in_the_organization_that_it_was_uploaded_in(app: TestApp) {
    let (owner, stranger) = (app.owner().await, app.other_organization().await);
    // An owner at home, a guest elsewhere.
    let token = stranger.invite_token("guest").await;
    let join = json!({ "token": token, "name": "Olga", "email": owner.email, "password": PASSWORD });
    let guest = app.anonymous();
    guest.post("/api/invites/accept", join).await.ok();
    let home = owner.get("/api/auth/session").await.ok()["organization"]["id"].clone();
    let away = guest.get("/api/auth/session").await.ok()["organization"]["id"].clone();
    guest.post("/api/auth/organization", json!({ "organizationId": home })).await.ok();
    let emoji = staged(&guest, json!({ "type": "custom-emoji", "name": "wave_hello" })).await;
    guest.post("/api/auth/organization", json!({ "organizationId": away })).await.ok();
    guest.poke(&format!("/api/pictures/{emoji}/complete")).await.refused(404, "not_found");
    assert_eq!(stranger.get("/api/emoji").await.ok(), json!([]));
    assert_eq!(owner.get("/api/emoji").await.ok(), json!([]));
}

async fn editing_requires_the_send_permission(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let message = text(&member.send(&channel, "As it was", &[]).await.ok()["id"]);
    let program = member.program(&["messages:write", "messages:read"]).await;
    let path = format!("/messages/{message}");
    program.call("PATCH", &path, Some(json!({ "body": "Changed" }))).await.ok();
    permit(&owner, &member, &["Channel:View", "Message:ViewAttachment"]).await;
    program.call("PATCH", &path, Some(json!({ "body": "Changed again" }))).await.refused(403, "forbidden");
    assert_eq!(owner.messages(&channel).await[0]["body"], "Changed");
}

async fn a_public_bucket_needs_the_right_to_share(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    // Private by default in the app, public by default for programs.
    let private = owner.post("/api/buckets", json!({ "name": "In the app" })).await.ok();
    assert_eq!(private["publicDownloads"], false);
    let program = owner.program(&["buckets:write"]).await;
    let public = program.call("POST", "/buckets", Some(json!({ "name": "Of a program" }))).await.created();
    assert_eq!(public["publicDownloads"], true);
    let said = program.call("POST", "/buckets", Some(json!({ "name": "Quiet", "publicDownloads": false }))).await;
    assert_eq!(said.created()["publicDownloads"], false);

    permit(
        &owner,
        &member,
        &["Channel:View", "Bucket:Manage", "Message:ViewAttachment", "Message:Send", "Attachment:Upload"],
    )
    .await;
    let wanted = json!({ "name": "Wide open", "publicDownloads": true });
    member.post("/api/buckets", wanted.clone()).await.refused(403, "forbidden");
    let program = member.program(&["buckets:write"]).await;
    program.call("POST", "/buckets", Some(wanted)).await.refused(403, "forbidden");
    let by_default = program.call("POST", "/buckets", Some(json!({ "name": "By default" }))).await.created();
    assert_eq!(by_default["publicDownloads"], false);
    let path = format!("/api/buckets/{}", text(&by_default["id"]));
    member.patch(&path, json!({ "publicDownloads": true })).await.refused(403, "forbidden");
    member.patch(&path, json!({ "name": "Renamed", "publicDownloads": false })).await.ok();
    // A public bucket stays public, and can be closed.
    let open = format!("/api/buckets/{}", text(&public["id"]));
    member.patch(&open, json!({ "name": "Still open", "publicDownloads": true })).await.ok();
    // The icon of a public bucket becomes public.
    let channel = owner.channel("general").await;
    let icon = member.send_file(&channel, "icon.png", "image/png", &files::picture(64, 64)).await;
    member.patch(&open, json!({ "iconAttachmentUuid": icon })).await.refused(403, "forbidden");
    owner.patch(&open, json!({ "iconAttachmentUuid": icon })).await.ok();
    member.patch(&open, json!({ "publicDownloads": false })).await.ok();

    let shared = owner.get("/api/audit-entries?action=shared").await.ok();
    let subjects: Vec<_> = shared["entries"].as_array().unwrap().iter().map(|entry| &entry["conversation"]).collect();
    assert_eq!(subjects, ["#Still open", "#Still open"], "{shared}");
    assert_eq!(shared["entries"][0]["fileName"], "icon.png");
}

async fn publishing_files_of_others_requires_the_share_permission(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let file = owner.send_file(&channel, "plan.txt", "text/plain", b"The plan").await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "Door", "publicDownloads": true })).await.ok()["id"]);
    permit(&owner, &member, &["Channel:View", "Message:ViewAttachment", "Message:Send", "Attachment:Upload"]).await;
    let post =
        |id: &str| Some(json!({ "bucketId": bucket, "body": "Here", "attachments": [{ "attachmentUuid": id }] }));
    let program = member.program(&["messages:write", "attachments:write", "attachments:read"]).await;
    program.call("POST", "/messages", post(&file)).await.refused(403, "forbidden");
    let public = format!("/api/v1/attachments/{file}/download/public");
    assert_eq!(app.anonymous().get(&public).await.status, 404);
    // Files that were uploaded for the bucket are its own.
    let own = member.upload(&bucket, "own.txt", "text/plain", b"Own").await;
    program.call("POST", "/messages", post(&own)).await.created();
    let program = owner.program(&["messages:write"]).await;
    program.call("POST", "/messages", post(&file)).await.created();
    let shared = owner.get(&format!("/api/audit-entries?action=shared&attachment={file}")).await.ok();
    let entry = &shared["entries"][0];
    assert_eq!((&entry["fileName"], &entry["conversation"]), (&json!("plan.txt"), &json!("#Door")), "{shared}");
    assert_eq!(entry["actor"]["memberId"], owner.member_id);
    assert!(entry["actor"]["token"].is_string(), "the token is named: {entry}");
}

async fn a_token_of_one_bucket_reaches_nothing_else(app: TestApp) {
    let owner = app.owner().await;
    let make = async |name: &str| text(&owner.post("/api/buckets", json!({ "name": name })).await.ok()["id"]);
    // The older one is checked first.
    let (older, newer) = (make("Older").await, make("Newer").await);
    let channel = owner.channel("general").await;
    let all = owner.program(&["messages:write", "attachments:read"]).await;
    let post = |bucket: &str, id: &str| {
        Some(json!({ "bucketId": bucket, "body": "", "attachments": [{ "attachmentUuid": id }] }))
    };
    let reused = owner.send_file(&channel, "reused.txt", "text/plain", b"Reused").await;
    for bucket in [&older, &newer] {
        all.call("POST", "/messages", post(bucket, &reused)).await.created();
    }
    let elsewhere = owner.send_file(&channel, "elsewhere.txt", "text/plain", b"Elsewhere").await;
    let scopes = ["attachments:read", "attachments:write", "attachments:delete", "messages:write"];
    let bound = owner.bound_program(&scopes, &newer).await;
    bound.get(&format!("/attachments/{reused}")).await.ok();
    bound.get(&format!("/attachments/{elsewhere}")).await.refused(404, "not_found");
    // Others have it too: removing it would affect them.
    bound.call("DELETE", &format!("/attachments/{reused}"), None).await.refused(403, "forbidden");
    owner.get(&format!("/api/messages/attachments/{reused}")).await;
    let own = owner.upload(&newer, "own.txt", "text/plain", b"Own").await;
    bound.call("POST", "/messages", post(&newer, &own)).await.created();
    assert_eq!(bound.call("DELETE", &format!("/attachments/{own}"), None).await.status, 204);
}

async fn a_new_password_can_end_access_tokens(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&["buckets:write"]).await;
    let change = |from: &str, to: &str, revoke: bool| json!({ "currentPassword": from, "newPassword": to, "revokeTokens": revoke });
    let kept = owner.post("/api/auth/password", change(PASSWORD, "another horse battery", false)).await.ok();
    assert_eq!(kept["revokedTokens"], 0);
    program.get("/buckets").await.ok();
    let ended = owner.post("/api/auth/password", change("another horse battery", PASSWORD, true)).await.ok();
    assert_eq!(ended["revokedTokens"], 1);
    program.get("/buckets").await.refused(401, "unauthenticated");
}

async fn an_admin_logs_a_member_out(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let device = member.another_device().await;
    let mut stream = member.listen().await;
    let path = |user: &User| format!("/api/members/{}/sessions", user.member_id);
    assert_eq!(admin.delete(&path(&member)).await.ok()["endedSessions"], 2);
    for session in [&member, &device] {
        session.get("/api/auth/session").await.refused(401, "unauthenticated");
    }
    assert_eq!(stream.next_or_end().await, None, "the stream ends with its session");
    admin.delete(&path(&owner)).await.refused(403, "forbidden");
    let mia = member.another_device().await;
    mia.delete(&path(&admin)).await.refused(403, "forbidden");
    // Members of another organization are not found.
    let stranger = app.other_organization().await;
    stranger.delete(&path(&member)).await.refused(404, "not_found");
}

async fn a_form_is_taken_with_the_rights_at_its_end(app: TestApp) {
    const HEAD: &str = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
        Content-Type: text/plain\r\n\r\nhello";
    let owner = app.owner().await;
    let token = owner.access_token(json!({ "name": "slow", "scopes": ["attachments:write", "messages:write"] })).await;
    let (sender, receiver) = unbounded::<String>();
    let request = app
        .anonymous()
        .request(Method::POST, "/api/v1/attachments/upload")
        .bearer_auth(text(&token["secret"]))
        .header("content-type", "multipart/form-data; boundary=x")
        .body(reqwest::Body::wrap_stream(receiver.map(Ok::<_, std::io::Error>)));
    let answer = tokio::spawn(request.send());
    sender.unbounded_send(HEAD.to_owned()).expect("the request is under way");
    until("the token is known", async || owner.get("/api/access-tokens").await.ok()[0]["lastUsedAt"].is_string()).await;
    owner.delete(&format!("/api/access-tokens/{}", text(&token["id"]))).await.ok();
    sender.unbounded_send("\r\n--x--\r\n".to_owned()).expect("the request is under way");
    drop(sender);
    assert_eq!(answer.await.expect("no panic").expect("the server answers").status(), 401);
    assert_eq!(owner.get("/api/storage/usage").await.ok()["files"], 0);
}
