//! Roles: permissions, changes, and limits.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines};

on_both_engines![
    editing_a_role_takes_effect_at_once,
    taking_a_permission_away_takes_effect_at_once,
    a_members_role_can_be_changed,
    an_organization_keeps_an_owner,
    two_owners_cannot_both_step_down_at_once,
    only_an_owner_makes_or_unmakes_an_owner,
    nobody_grants_more_than_they_have,
    members_with_more_permissions_cannot_be_changed,
    an_organization_makes_roles_of_its_own,
    the_owner_role_cannot_be_edited,
    unknown_permissions_are_refused,
    members_and_roles_of_others_are_out_of_reach,
    a_guest_sees_names_of_colleagues_and_no_emails,
];

fn permissions_of(roles: &Value, name: &str) -> Vec<String> {
    let role = roles.as_array().unwrap().iter().find(|role| role["name"] == name).unwrap();
    serde_json::from_value(role["permissions"].clone()).unwrap()
}

async fn editing_a_role_takes_effect_at_once(app: TestApp) {
    let (owner, guest) = (app.owner().await, app.guest().await);
    let channel = owner.channel("general").await;
    guest.get(&format!("/api/channels/{channel}")).await.refused(404, "not_found");
    let mut permissions = permissions_of(&owner.get("/api/roles").await.ok(), "guest");
    permissions.push("Channel:View".to_owned());
    owner.patch("/api/roles", json!({ "role": "guest", "permissions": permissions })).await.ok();
    guest.get(&format!("/api/channels/{channel}")).await.ok();
}

async fn taking_a_permission_away_takes_effect_at_once(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let file = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    assert_eq!(member.download(&file, "").await.bytes, b"a");
    let mut permissions = permissions_of(&owner.get("/api/roles").await.ok(), "member");
    permissions.retain(|permission| permission != "Message:ViewAttachment" && permission != "Message:Send");
    owner.patch("/api/roles", json!({ "role": "member", "permissions": permissions })).await.ok();
    member.get(&format!("/api/messages/attachments/{file}")).await.refused(403, "forbidden");
    member.send(&channel, "hello", &[]).await.refused(403, "forbidden");
    let message = &member.messages(&channel).await[0];
    assert_eq!((&message["attachments"], &message["hiddenAttachments"]), (&json!([]), &json!(1)));
}

async fn a_members_role_can_be_changed(app: TestApp) {
    let (admin, member) = (app.admin().await, app.member().await);
    let changed = admin.patch(&format!("/api/members/{}", member.member_id), json!({ "role": "guest" })).await.ok();
    assert_eq!(changed["role"]["name"], "guest");
    member.post("/api/channels", json!({ "name": "x" })).await.refused(403, "forbidden");
}

async fn an_organization_keeps_an_owner(app: TestApp) {
    let owner = app.owner().await;
    let path = format!("/api/members/{}", owner.member_id);
    owner.patch(&path, json!({ "role": "admin" })).await.refused(409, "conflict");
    let admin = app.admin().await;
    owner.patch(&format!("/api/members/{}", admin.member_id), json!({ "role": "owner" })).await.ok();
    owner.patch(&path, json!({ "role": "admin" })).await.ok();
}

async fn two_owners_cannot_both_step_down_at_once(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    owner.patch(&format!("/api/members/{}", admin.member_id), json!({ "role": "owner" })).await.ok();
    let step_down = |user: &crate::support::User| {
        let (user, path) = (user.clone(), format!("/api/members/{}", user.member_id));
        async move { user.patch(&path, json!({ "role": "member" })).await.status }
    };
    let (first, second) = tokio::join!(step_down(&owner), step_down(&admin));
    assert!((first == 200) != (second == 200), "{first} {second}");
    let members = owner.get("/api/members").await.ok();
    let owners = members.as_array().unwrap().iter().filter(|member| member["role"]["name"] == "owner").count();
    assert_eq!(owners, 1);
}

async fn only_an_owner_makes_or_unmakes_an_owner(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let promote = json!({ "role": "owner" });
    admin.patch(&format!("/api/members/{}", admin.member_id), promote.clone()).await.refused(403, "forbidden");
    admin.post("/api/invites", promote).await.refused(403, "forbidden");
    let demote = json!({ "role": "guest" });
    admin.patch(&format!("/api/members/{}", owner.member_id), demote).await.refused(403, "forbidden");
}

async fn nobody_grants_more_than_they_have(app: TestApp) {
    let owner = app.owner().await;
    let body = json!({ "name": "clerk", "permissions": ["Organization:Manage", "Message:Send"] });
    owner.post("/api/roles", body).await.ok();
    let clerk = app.invited("clerk", "Clara Clerk").await;
    let body = json!({ "name": "other", "permissions": ["Message:Send", "Contact:View"] });
    clerk.post("/api/roles", body).await.refused(403, "forbidden");
    let body = json!({ "role": "guest", "permissions": ["Message:Send", "Contact:View"] });
    clerk.patch("/api/roles", body).await.refused(403, "forbidden");
    let body = json!({ "role": "clerk", "permissions": ["Message:Send", "Organization:Manage", "Contact:Edit"] });
    clerk.patch("/api/roles", body).await.refused(403, "forbidden");
    clerk.post("/api/invites", json!({ "role": "admin" })).await.refused(403, "forbidden");
    let path = format!("/api/members/{}", clerk.member_id);
    clerk.patch(&path, json!({ "role": "admin" })).await.refused(403, "forbidden");
    clerk.post("/api/roles", json!({ "name": "small", "permissions": ["Message:Send"] })).await.ok();
}

async fn members_with_more_permissions_cannot_be_changed(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let role = |permissions: &[&str]| json!({ "name": "clerk", "permissions": permissions });
    owner.post("/api/roles", role(&["Organization:Manage", "Message:Send"])).await.ok();
    let clerk = app.invited("clerk", "Clara Clerk").await;
    let path = format!("/api/members/{}", admin.member_id);
    clerk.patch(&path, json!({ "role": "clerk" })).await.refused(403, "forbidden");
    clerk.delete(&path).await.refused(403, "forbidden");
    clerk.patch("/api/roles", json!({ "role": "admin", "permissions": [] })).await.refused(403, "forbidden");
    // Members without more permissions can be changed.
    let other = app.invited("clerk", "Carl Clerk").await;
    clerk.delete(&format!("/api/members/{}", other.member_id)).await.ok();
    clerk.patch("/api/roles", json!({ "role": "clerk", "permissions": ["Organization:Manage"] })).await.ok();
    admin.get("/api/auth/session").await.ok();
}

async fn an_organization_makes_roles_of_its_own(app: TestApp) {
    let owner = app.owner().await;
    let role = json!({ "name": "auditor", "permissions": ["Contact:View", "Contact:View"] });
    let made = owner.post("/api/roles", role.clone()).await.ok();
    assert_eq!(made["permissions"], json!(["Contact:View"]));
    owner.post("/api/roles", role).await.refused(409, "conflict");
    owner.post("/api/roles", json!({ "name": "AUDITOR" })).await.refused(409, "conflict");
    let auditor = app.invited("auditor", "Aud Auditor").await;
    auditor.get("/api/contacts").await.ok();
    auditor.post("/api/contacts", json!({ "firstName": "X" })).await.refused(403, "forbidden");
}

async fn the_owner_role_cannot_be_edited(app: TestApp) {
    let body = json!({ "role": "owner", "permissions": [] });
    app.owner().await.patch("/api/roles", body).await.refused_field("role");
}

async fn unknown_permissions_are_refused(app: TestApp) {
    let body = json!({ "role": "guest", "permissions": ["Message:Read"] });
    app.owner().await.patch("/api/roles", body).await.refused_field("permissions");
}

async fn members_and_roles_of_others_are_out_of_reach(app: TestApp) {
    let (stranger, member) = (app.other_organization().await, app.member().await);
    let path = format!("/api/members/{}", member.member_id);
    stranger.patch(&path, json!({ "role": "guest" })).await.refused(404, "not_found");
    let role = app.owner().await.get("/api/roles").await.ok()[3]["id"].clone();
    stranger.patch("/api/roles", json!({ "role": role, "permissions": [] })).await.refused_field("role");
    let seen = stranger.get("/api/members").await.ok();
    assert_eq!(seen.as_array().unwrap().len(), 1);
}

async fn a_guest_sees_names_of_colleagues_and_no_emails(app: TestApp) {
    let (owner, member, guest) = (app.owner().await, app.member().await, app.guest().await);
    let seen_by = async |user: &crate::support::User| {
        let members = user.get("/api/members").await.ok();
        let pair = |row: &Value| (row["name"].as_str().unwrap().to_owned(), row.get("email").cloned());
        members.as_array().unwrap().iter().map(pair).collect::<Vec<_>>()
    };
    let email = |text: &str| Some(json!(text));
    let all = [
        ("Olga Owner".to_owned(), email("owner@example.com")),
        ("Mia Member".to_owned(), email("mia.member@example.com")),
        ("Gus Guest".to_owned(), email("gus.guest@example.com")),
    ];
    assert_eq!(seen_by(&owner).await, all);
    assert_eq!(seen_by(&member).await, all);
    let names = [(all[0].0.clone(), None), (all[1].0.clone(), None), all[2].clone()];
    assert_eq!(seen_by(&guest).await, names, "their own email alone");
    let mut permissions = permissions_of(&owner.get("/api/roles").await.ok(), "guest");
    permissions.push("Member:ViewEmail".to_owned());
    owner.patch("/api/roles", json!({ "role": "guest", "permissions": permissions })).await.ok();
    assert_eq!(seen_by(&guest).await, all);
}
