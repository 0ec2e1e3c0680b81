//! Removed members lose all access immediately. What they wrote stays, and an invite readmits them.

use serde_json::{Value, json};

use crate::support::{Program, TestApp, User, on_both_engines, text};

on_both_engines![
    all_access_ends_at_once,
    messages_of_removed_members_keep_their_name,
    they_are_in_no_list_and_no_choice_any_more,
    the_remover_joins_private_channels_without_members,
    an_invite_makes_them_the_same_member_again,
    their_other_organization_stays_theirs,
    nobody_removes_themselves_and_only_owners_remove_owners,
    two_owners_cannot_remove_one_another,
    programs_and_invites_of_theirs_end,
];

fn path(user: &User) -> String {
    format!("/api/members/{}", user.member_id)
}

async fn names(user: &User) -> Vec<String> {
    let members = user.get("/api/members").await.ok();
    members.as_array().unwrap().iter().map(|member| text(&member["name"])).collect()
}

async fn join(app: &TestApp, by: &User, role: &str, user: &User) -> Value {
    let link = text(&by.post("/api/invites", json!({ "role": role })).await.ok()["url"]);
    let token = link.rsplit('/').next().unwrap();
    let body = json!({ "token": token, "name": "", "email": user.email, "password": "correct horse battery" });
    app.anonymous().post("/api/invites/accept", body).await.ok()
}

async fn all_access_ends_at_once(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let phone = member.another_device().await;
    let channel = admin.channel("general").await;
    let mut live = member.listen().await;
    admin.delete(&path(&member)).await.ok();
    while live.next_or_end().await.is_some() {}
    for device in [&member, &phone] {
        device.get("/api/auth/session").await.refused(401, "unauthenticated");
        device.get(&format!("/api/channels/{channel}/messages")).await.refused(401, "unauthenticated");
        device.get("/api/events").await.refused(401, "unauthenticated");
    }
    let log_in = json!({ "email": member.email, "password": "correct horse battery" });
    app.anonymous().post("/api/auth/log-in", log_in).await.refused(403, "forbidden");
    admin.delete(&path(&member)).await.refused(404, "not_found");
}

async fn messages_of_removed_members_keep_their_name(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let channel = admin.channel("general").await;
    let file = member.send_file(&channel, "plan.txt", "text/plain", b"plan").await;
    admin.delete(&path(&member)).await.ok();
    let message = admin.messages(&channel).await[0].clone();
    assert_eq!(message["author"]["name"], "Mia Member");
    assert_eq!(message["attachments"][0]["id"], file.as_str());
    assert_eq!(admin.download(&file, "").await.text(), "plan");
}

async fn they_are_in_no_list_and_no_choice_any_more(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let jane = admin.contact("Jane", "Doe", "5551234").await;
    let assign = format!("/api/contacts/{}/members", text(&jane["id"]));
    let channel = admin.private_channel("plans").await;
    let set_members = format!("/api/channels/{channel}/members");
    let both = json!({ "memberIds": [admin.member_id, member.member_id] });
    admin.put(&assign, both.clone()).await.ok();
    admin.put(&set_members, both.clone()).await.ok();
    admin.delete(&path(&member)).await.ok();

    assert_eq!(names(&admin).await, ["Olga Owner", "Adam Admin"]);
    let contact = admin.get(&format!("/api/contacts/{}", text(&jane["id"]))).await.ok();
    assert_eq!(contact["memberIds"], json!([admin.member_id]));
    assert_eq!(admin.get(&set_members).await.ok()["memberIds"], json!([admin.member_id]));
    admin.put(&assign, both.clone()).await.refused_field("memberIds");
    admin.put(&set_members, both).await.refused_field("memberIds");
    admin.patch(&path(&member), json!({ "role": "guest" })).await.refused(404, "not_found");
    admin.poke(&format!("{}/password-reset", path(&member))).await.refused(404, "not_found");
    let roles = admin.get("/api/roles").await.ok();
    let of_members = roles.as_array().unwrap().iter().find(|role| role["name"] == "member").unwrap();
    assert_eq!(of_members["memberCount"], 0);
}

async fn the_remover_joins_private_channels_without_members(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let (alone, shared) = (member.private_channel("alone").await, member.private_channel("shared").await);
    let owner = app.owner().await;
    let members = json!({ "memberIds": [owner.member_id, member.member_id] });
    member.put(&format!("/api/channels/{shared}/members"), members).await.ok();
    member.send(&alone, "the only copy", &[]).await.ok();
    admin.delete(&path(&member)).await.ok();
    assert_eq!(admin.messages(&alone).await[0]["body"], "the only copy");
    admin.get(&format!("/api/channels/{shared}")).await.refused(404, "not_found");
    owner.get(&format!("/api/channels/{shared}")).await.ok();
}

async fn an_invite_makes_them_the_same_member_again(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let channel = admin.private_channel("plans").await;
    let both = json!({ "memberIds": [admin.member_id, member.member_id] });
    admin.put(&format!("/api/channels/{channel}/members"), both).await.ok();
    admin.delete(&path(&member)).await.ok();
    let session = join(&app, &admin, "guest", &member).await;
    assert_eq!(session["memberId"], member.member_id.as_str());
    assert_eq!(session["role"]["name"], "guest");
    let back = member.another_device().await;
    // Their earlier access is not restored.
    back.get(&format!("/api/channels/{channel}")).await.refused(404, "not_found");
    member.get("/api/auth/session").await.refused(401, "unauthenticated");
    assert_eq!(names(&admin).await, ["Olga Owner", "Adam Admin", "Mia Member"]);
}

async fn their_other_organization_stays_theirs(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let other = app.other_organization().await;
    join(&app, &other, "guest", &member).await;
    admin.delete(&path(&member)).await.ok();
    member.get("/api/auth/session").await.refused(401, "unauthenticated");
    let there = member.another_device().await;
    let session = there.get("/api/auth/session").await.ok();
    assert_ne!(session["organization"]["name"], "Harbour");
    assert_eq!(session["role"]["name"], "guest");
    // Removed from the second, they keep nothing of the first.
    other.delete(&format!("/api/members/{}", text(&session["memberId"]))).await.ok();
    there.get("/api/auth/session").await.refused(401, "unauthenticated");
}

async fn nobody_removes_themselves_and_only_owners_remove_owners(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    admin.delete(&path(&owner)).await.refused(403, "forbidden");
    admin.delete(&path(&admin)).await.refused(409, "conflict");
    owner.delete(&path(&owner)).await.refused(409, "conflict");
    let second = app.invited("owner", "Otto Owner").await;
    owner.delete(&path(&second)).await.ok();
    second.get("/api/auth/session").await.refused(401, "unauthenticated");
    // A removed owner does not count: the last one can't change their role.
    owner.patch(&path(&owner), json!({ "role": "admin" })).await.refused(409, "conflict");
}

async fn two_owners_cannot_remove_one_another(app: TestApp) {
    let owner = app.owner().await;
    let second = app.invited("owner", "Otto Owner").await;
    let (one_path, other_path) = (path(&second), path(&owner));
    let (one, other) = tokio::join!(owner.delete(&one_path), second.delete(&other_path));
    assert_eq!([one.status, other.status].iter().filter(|status| **status == 200).count(), 1);
    let left = if one.status == 200 { &owner } else { &second };
    assert_eq!(names(left).await.len(), 1);
}

async fn programs_and_invites_of_theirs_end(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let made = admin.access_token(json!({ "name": "door", "scopes": ["messages:read", "messages:write"] })).await;
    let program = Program::new(&app.base, &text(&made["secret"]));
    let channel = owner.channel("general").await;
    let query = format!("/messages?bucketId={channel}");
    program.get(&query).await.ok();
    let link = text(&admin.post("/api/invites", json!({ "role": "admin" })).await.ok()["url"]);
    let token = link.rsplit('/').next().unwrap();
    owner.delete(&path(&admin)).await.ok();
    assert_eq!(program.get(&query).await.status, 401);
    app.anonymous().get(&format!("/api/invites/{token}")).await.refused(404, "not_found");
    // Nor are they restored with their owner.
    join(&app, &owner, "admin", &admin).await;
    assert_eq!(program.get(&query).await.status, 401);
}
