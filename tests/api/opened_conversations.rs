//! Opening a conversation: one response has what the separate routes return, for those who can view it alone.

use serde_json::{Value, json};

use crate::support::{TestApp, User, on_both_engines, text};

on_both_engines![
    one_response_has_all_parts,
    a_private_channel_opens_for_its_members_alone,
    a_guest_opens_assigned_contacts_alone,
    a_bucket_opens_with_its_contents,
    files_are_for_members_who_may_view_them,
    a_page_around_a_message_opens_there,
    access_tokens_open_nothing_here,
];

async fn open(user: &User, channel: &str) -> Value {
    user.get(&format!("/api/conversations/{channel}?panel=true")).await.ok()
}

/// Opens a conversation until its files are included: they are omitted on a machine that is too slow at the moment.
async fn open_with_files(user: &User, channel: &str) -> Value {
    for _ in 0..50 {
        let opened = open(user, channel).await;
        if opened["panel"].get("files").is_some() {
            return opened;
        }
    }
    panic!("the files are never included");
}

async fn one_response_has_all_parts(app: TestApp) {
    let owner = app.owner().await;
    let contact = owner.contact("Jane", "Doe", "+441632960001").await;
    let channel = text(&contact["channelId"]);
    for name in ["a.txt", "b.txt"] {
        owner.send_file(&channel, name, "text/plain", name.as_bytes()).await;
    }
    app.member().await.send(&channel, "hello", &[]).await.ok();
    let opened = open_with_files(&owner, &channel).await;
    assert_eq!(opened["channel"], owner.get(&format!("/api/channels/{channel}")).await.ok());
    assert_eq!(opened["contact"], owner.get(&format!("/api/contacts/{}", text(&contact["id"]))).await.ok());
    assert_eq!(opened["feed"], owner.get(&format!("/api/channels/{channel}/feed")).await.ok());
    assert_eq!(opened["feed"]["unread"]["count"], 1);
    let panel = &opened["panel"];
    let files = owner.get(&format!("/api/files?channel={channel}&limit=20")).await.ok();
    assert_eq!(files["files"].as_array().unwrap().len(), 2);
    assert_eq!(panel["files"]["latest"], files);
    assert_eq!(panel["files"]["totals"], owner.get(&format!("/api/files/totals?channel={channel}")).await.ok());
    assert_eq!(panel["storage"], owner.get("/api/storage").await.ok());
    assert_eq!((panel.get("bucket"), panel.get("memberIds")), (None, None));

    let without = owner.get(&format!("/api/conversations/{channel}")).await.ok();
    assert_eq!((without.get("panel"), &without["feed"]), (None, &opened["feed"]));
}

async fn a_private_channel_opens_for_its_members_alone(app: TestApp) {
    let member = app.member().await;
    let channel = member.private_channel("plans").await;
    member.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let path = format!("/api/conversations/{channel}?panel=true");
    for outsider in [app.owner().await, app.admin().await, app.guest().await, app.other_organization().await] {
        outsider.get(&path).await.refused(404, "not_found");
    }
    app.anonymous().get(&path).await.refused(401, "unauthenticated");
    assert_eq!(open(&member, &channel).await["panel"]["memberIds"], json!([member.member_id]));

    let admin = app.admin().await;
    let members = json!({ "memberIds": [admin.member_id] });
    member.put(&format!("/api/channels/{channel}/members"), members).await.ok();
    member.get(&path).await.refused(404, "not_found");
    assert_eq!(open_with_files(&admin, &channel).await["panel"]["files"]["totals"]["count"], 1);
}

async fn a_guest_opens_assigned_contacts_alone(app: TestApp) {
    let owner = app.owner().await;
    let (mine, other) = (owner.contact("Jane", "", "").await, owner.contact("Mara", "", "").await);
    let guest = app.guest_of(&mine).await;
    let opened = open(&guest, &text(&mine["channelId"])).await;
    assert_eq!(opened["contact"]["id"], mine["id"]);
    let path = format!("/api/conversations/{}?panel=true", text(&other["channelId"]));
    guest.get(&path).await.refused(403, "forbidden");
    guest.get("/api/conversations/00000000-0000-7000-8000-000000000000").await.refused(404, "not_found");
}

async fn a_bucket_opens_with_its_contents(app: TestApp) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "door" })).await.ok()["id"]);
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    let file = program.upload("a.txt", b"a").await;
    let body = json!({ "bucketId": bucket, "title": "Rang", "attachmentUuids": [file] });
    program.post("/messages", body).await.created();
    let opened = open(&owner, &bucket).await;
    assert_eq!(opened["panel"]["bucket"], owner.get(&format!("/api/buckets/{bucket}/contents")).await.ok());
    assert_eq!(opened["panel"]["bucket"]["files"], 1);
    assert_eq!(opened["feed"]["messages"][0]["title"], "Rang");
}

async fn files_are_for_members_who_may_view_them(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send_file(&channel, "secret.txt", "text/plain", b"a").await;
    let permissions = json!({ "name": "reader", "permissions": ["Channel:View", "Message:Send"] });
    owner.post("/api/roles", permissions).await.ok();
    let reader = owner.colleague("reader", "Rita Reader", "rita@example.com").await;
    let opened = open(&reader, &channel).await;
    assert_eq!(opened["panel"].get("files"), None);
    assert_eq!(opened["feed"]["messages"][0]["hiddenAttachments"], 1);
    assert!(!opened.to_string().contains("secret.txt"));
}

async fn a_page_around_a_message_opens_there(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut ids = Vec::new();
    for number in 0..60 {
        ids.push(text(&owner.send(&channel, &format!("{number}"), &[]).await.ok()["id"]));
    }
    let opened = owner.get(&format!("/api/conversations/{channel}?around={}", ids[10])).await.ok();
    let shown: Vec<_> = opened["feed"]["messages"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect();
    assert_eq!(shown, ids[..36]);
    assert_eq!((&opened["feed"]["hasMore"], &opened["feed"]["hasNewer"]), (&json!(false), &json!(true)));
    owner.get(&format!("/api/conversations/{channel}?panel=perhaps")).await.refused(400, "malformed_request");
}

async fn access_tokens_open_nothing_here(app: TestApp) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "door" })).await.ok()["id"]);
    let program = owner.bound_program(&["messages:read", "attachments:read"], &bucket).await;
    // Programs have /api/v1: the routes of pages read the cookie alone.
    program.get(&format!("/../conversations/{bucket}")).await.refused(401, "unauthenticated");
}
