//! Channels: public and private, members, and unread counts.

use serde_json::{Value, json};

use crate::support::{Program, TestApp, User, on_both_engines, text};

on_both_engines![
    a_public_channel_is_visible_with_the_channel_permission,
    a_private_channel_exists_for_its_members_alone,
    leaving_a_private_channel_closes_it,
    all_members_except_the_last_can_leave,
    names_are_taken_once,
    only_team_channels_are_made,
    a_private_channel_keeps_a_member,
    members_of_others_cannot_be_added,
    unread_messages_are_counted_until_they_are_seen,
    own_messages_are_not_unread,
    the_last_message_names_its_author,
    the_read_mark_never_goes_back,
    conversations_come_latest_first_in_pages,
    a_message_between_two_pages_skips_no_conversation,
];

async fn conversation(user: &User, channel: &str) -> Value {
    let list = user.get("/api/conversations?kind=team").await.ok();
    list.as_array().unwrap().iter().find(|row| row["id"] == channel).unwrap().clone()
}

async fn a_public_channel_is_visible_with_the_channel_permission(app: TestApp) {
    let channel = app.owner().await.channel("#general").await;
    let seen = app.member().await.get(&format!("/api/channels/{channel}")).await.ok();
    assert_eq!((&seen["name"], &seen["private"]), (&json!("general"), &json!(false)));
    app.guest().await.get(&format!("/api/channels/{channel}")).await.refused(404, "not_found");
}

async fn a_private_channel_exists_for_its_members_alone(app: TestApp) {
    let (member, admin) = (app.member().await, app.admin().await);
    let channel = member.private_channel("plans").await;
    let file = member.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let message = member.messages(&channel).await[0]["id"].as_str().unwrap().to_owned();
    for outsider in [&admin, &app.owner().await, &app.guest().await] {
        outsider.get(&format!("/api/channels/{channel}")).await.refused(404, "not_found");
        outsider.get(&format!("/api/channels/{channel}/messages")).await.refused(404, "not_found");
        outsider.send(&channel, "hello", &[]).await.refused(404, "not_found");
        outsider.get(&format!("/api/messages/{message}")).await.refused(404, "not_found");
        outsider.get(&format!("/api/messages/attachments/{file}")).await.refused(404, "not_found");
        assert_eq!(outsider.get("/api/channels").await.ok(), json!([]));
        assert_eq!(outsider.get("/api/conversations?kind=team").await.ok(), json!([]));
    }
    let members = json!({ "memberIds": [member.member_id, admin.member_id] });
    member.put(&format!("/api/channels/{channel}/members"), members).await.ok();
    admin.send(&channel, "hello", &[]).await.ok();
}

async fn leaving_a_private_channel_closes_it(app: TestApp) {
    let (member, admin) = (app.member().await, app.admin().await);
    let channel = member.private_channel("plans").await;
    let path = format!("/api/channels/{channel}/members");
    member.put(&path, json!({ "memberIds": [admin.member_id] })).await.ok();
    member.get(&path).await.refused(404, "not_found");
    assert_eq!(admin.get(&path).await.ok(), json!({ "memberIds": [admin.member_id] }));
}

async fn all_members_except_the_last_can_leave(app: TestApp) {
    let (member, guest) = (app.member().await, app.guest().await);
    let channel = member.private_channel("plans").await;
    let (members, leave) = (format!("/api/channels/{channel}/members"), format!("/api/channels/{channel}/leave"));
    app.owner().await.poke(&leave).await.refused(404, "not_found");
    member.poke(&leave).await.refused(409, "conflict");
    member.put(&members, json!({ "memberIds": [member.member_id, guest.member_id] })).await.ok();
    // Members who may not change the members can still leave.
    guest.put(&members, json!({ "memberIds": [guest.member_id] })).await.refused(403, "forbidden");
    let mut heard = member.listen().await;
    guest.poke(&leave).await.ok();
    heard.next_named("access.changed").await;
    guest.get(&members).await.refused(404, "not_found");
    assert_eq!(member.get(&members).await.ok(), json!({ "memberIds": [member.member_id] }));
    member.poke(&leave).await.refused(409, "conflict");
}

async fn names_are_taken_once(app: TestApp) {
    let owner = app.owner().await;
    owner.channel("general").await;
    let refused = owner.post("/api/channels", json!({ "name": "#general" })).await.refused(409, "conflict");
    assert_eq!(refused["data"]["field"], "name");
    app.other_organization().await.channel("general").await;
    owner.post("/api/channels", json!({ "name": "#" })).await.refused_field("name");
}

async fn only_team_channels_are_made(app: TestApp) {
    for kind in ["contact", "bucket", "nothing", ""] {
        let body = json!({ "name": "x", "kind": kind });
        app.owner().await.post("/api/channels", body).await.refused_field("kind");
    }
}

async fn a_private_channel_keeps_a_member(app: TestApp) {
    let member = app.member().await;
    let channel = member.private_channel("plans").await;
    let path = format!("/api/channels/{channel}/members");
    member.put(&path, json!({ "memberIds": [] })).await.refused_field("memberIds");
    member.get(&path).await.ok();
}

async fn members_of_others_cannot_be_added(app: TestApp) {
    let (owner, stranger) = (app.owner().await, app.other_organization().await);
    let channel = owner.private_channel("plans").await;
    let body = json!({ "memberIds": [owner.member_id, stranger.member_id] });
    owner.put(&format!("/api/channels/{channel}/members"), body).await.refused_field("memberIds");
}

async fn unread_messages_are_counted_until_they_are_seen(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    for text in ["one", "two", "three"] {
        owner.send(&channel, text, &[]).await.ok();
    }
    let row = conversation(&member, &channel).await;
    assert_eq!((&row["unreadCount"], &row["lastMessage"]["text"]), (&json!(3), &json!("three")));
    let second = member.messages(&channel).await[1]["id"].clone();
    let path = format!("/api/channels/{channel}/read");
    assert_eq!(member.post(&path, json!({ "messageId": second })).await.status, 200);
    assert_eq!(conversation(&member, &channel).await["unreadCount"], 1);
}

async fn own_messages_are_not_unread(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    owner.send(&channel, "one", &[]).await.ok();
    member.send(&channel, "two", &[]).await.ok();
    // Sending marks earlier messages as read.
    assert_eq!(conversation(&member, &channel).await["unreadCount"], 0);
    assert_eq!(conversation(&owner, &channel).await["unreadCount"], 1);
    assert_eq!(conversation(&member, &channel).await["lastMessage"]["own"], true);
}

async fn the_last_message_names_its_author(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let names = async |user: &User| {
        let last = conversation(user, &channel).await["lastMessage"].clone();
        (last["own"].clone(), last["author"].clone())
    };
    let sent = owner.send(&channel, "one", &[]).await.ok();
    let first_name = text(&sent["author"]["name"]).split(' ').next().unwrap().to_owned();
    assert_eq!(names(&owner).await, (json!(true), json!(null)));
    assert_eq!(names(&member).await, (json!(false), json!(first_name)));
    let token = owner.access_token(json!({ "name": "Door camera", "scopes": ["messages:write"] })).await;
    let program = Program::new(&app.base, &text(&token["secret"]));
    program.post("/messages", json!({ "bucketId": channel, "body": "rang" })).await.created();
    for user in [&owner, &member] {
        assert_eq!(names(user).await, (json!(false), json!("Door camera")));
    }
    let last = text(&owner.messages(&channel).await[0]["id"]);
    assert_eq!(owner.delete(&format!("/api/messages/{last}")).await.status, 200);
    assert_eq!(names(&member).await, (json!(false), json!(null)), "nothing is said of a deleted message");
}

async fn the_read_mark_never_goes_back(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (channel, other) = (owner.channel("general").await, owner.channel("other").await);
    for text in ["one", "two"] {
        owner.send(&channel, text, &[]).await.ok();
    }
    owner.send(&other, "elsewhere", &[]).await.ok();
    let messages = member.messages(&channel).await;
    let path = format!("/api/channels/{channel}/read");
    for message in [&messages[0]["id"], &messages[1]["id"]] {
        assert_eq!(member.post(&path, json!({ "messageId": message })).await.status, 200);
        assert_eq!(conversation(&member, &channel).await["unreadCount"], 0);
    }
    // A message of another channel marks nothing here.
    let elsewhere = member.messages(&other).await[0]["id"].clone();
    owner.send(&channel, "three", &[]).await.ok();
    member.post(&path, json!({ "messageId": elsewhere })).await;
    assert_eq!(conversation(&member, &channel).await["unreadCount"], 1);
}

async fn conversations_come_latest_first_in_pages(app: TestApp) {
    let owner = app.owner().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(owner.channel(name).await);
    }
    owner.send(&ids[0], "newest", &[]).await.ok();
    let first = owner.get("/api/conversations?kind=team&limit=2").await.ok();
    let order: Vec<_> = first.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(order, [&ids[0], &ids[2]]);
    let rest = owner.get(&format!("/api/conversations?kind=team&limit=2&before={}", ids[2])).await.ok();
    assert_eq!(rest.as_array().unwrap().len(), 1);
    assert_eq!(rest[0]["id"], ids[1].as_str());
}

async fn a_message_between_two_pages_skips_no_conversation(app: TestApp) {
    let owner = app.owner().await;
    let mut channels = Vec::new();
    for name in ["a", "b", "c", "d"] {
        let channel = owner.channel(name).await;
        owner.send(&channel, "hello", &[]).await.ok();
        channels.push(channel);
    }
    let path = "/api/conversations?kind=team&limit=2";
    let first = owner.get(path).await.ok();
    assert_eq!((text(&first[0]["id"]), text(&first[1]["id"])), (channels[3].clone(), channels[2].clone()));
    // The last channel of the page moves to the top; its cursor stays valid.
    owner.send(&channels[2], "again", &[]).await.ok();
    let rest = owner.get(&format!("{path}&before={}", text(&first[1]["lastMessage"]["id"]))).await.ok();
    let rest: Vec<_> = rest.as_array().unwrap().iter().map(|row| text(&row["id"])).collect();
    assert_eq!(rest, [channels[1].clone(), channels[0].clone()]);
}
