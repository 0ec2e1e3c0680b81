//! What notifies a member: their setting, muted conversations, and what a row of the list says for it. Messages are marked as
//! unread, and all as read.

use serde_json::{Value, json};

use crate::support::{TestApp, User, on_both_engines, text};

on_both_engines![
    a_member_chooses_what_notifies_them,
    a_conversation_is_muted_for_one_member,
    rows_say_how_urgent_the_last_message_is,
    messages_are_marked_as_unread,
    the_first_message_is_marked_as_unread,
    own_messages_stay_read,
    everything_is_marked_as_read,
    only_visible_conversations_are_marked,
];

/// Returns a team channel as a member's list has it.
async fn row(user: &User, channel: &str) -> Value {
    let rows = user.get("/api/conversations?kind=team").await.ok();
    rows.as_array().unwrap().iter().find(|row| row["id"] == channel).expect("it is in the list").clone()
}

async fn unread(user: &User, channel: &str) -> i64 {
    row(user, channel).await["unreadCount"].as_i64().unwrap()
}

async fn send(user: &User, channel: &str, body: &str) -> String {
    text(&user.send(channel, body, &[]).await.ok()["id"])
}

async fn mark_unread(user: &User, channel: &str, message: &str) {
    user.post(&format!("/api/channels/{channel}/unread"), json!({ "messageId": message })).await.ok();
}

async fn read(user: &User, channel: &str, message: &str) {
    user.post(&format!("/api/channels/{channel}/read"), json!({ "messageId": message })).await.ok();
}

async fn a_member_chooses_what_notifies_them(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    assert_eq!(member.get("/api/auth/session").await.ok()["notifyAbout"], "all");
    let (mut live, mut of_owner) = (member.listen().await, owner.listen().await);
    member.put("/api/auth/notifications", json!({ "about": "mentions" })).await.ok();
    live.next_named("settings.changed").await;
    assert_eq!(member.get("/api/auth/session").await.ok()["notifyAbout"], "mentions");
    assert_eq!(owner.get("/api/auth/session").await.ok()["notifyAbout"], "all");
    assert_ne!(member.put("/api/auth/notifications", json!({ "about": "some" })).await.status, 200);
    // Others hear nothing of it.
    let channel = owner.channel("general").await;
    assert_eq!(of_owner.next().await.name, "channel.created");
    assert_eq!(unread(&member, &channel).await, 0);
}

async fn a_conversation_is_muted_for_one_member(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let path = format!("/api/channels/{channel}/muted");
    let mut live = member.listen().await;
    for _ in 0..2 {
        member.put(&path, json!({ "muted": true })).await.ok();
    }
    let changed = live.next_named("channel.muted").await;
    assert_eq!(changed.conversation.expect("it comes with its row")["muted"], true);
    assert_eq!(row(&member, &channel).await["muted"], true);
    assert_eq!(member.get(&format!("/api/channels/{channel}")).await.ok()["muted"], true);
    assert_eq!(row(&owner, &channel).await.get("muted"), None);
    member.put(&path, json!({ "muted": false })).await.ok();
    assert_eq!(row(&member, &channel).await.get("muted"), None);
    app.other_organization().await.put(&path, json!({ "muted": true })).await.refused(404, "not_found");
}

async fn rows_say_how_urgent_the_last_message_is(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let program = owner.program(&["messages:write"]).await;
    for urgency in ["CRITICAL", "SILENT", "NO_PUSH"] {
        let message = json!({ "bucketId": channel, "title": "Door", "body": "rang", "deliveryType": urgency });
        program.post("/messages", message).await.created();
        let last = row(&owner, &channel).await["lastMessage"].clone();
        assert_eq!((last["deliveryType"].as_str(), last["title"].as_str()), (Some(urgency), Some("Door")));
    }
    send(&owner, &channel, "hello").await;
    let last = row(&owner, &channel).await["lastMessage"].clone();
    assert_eq!((last.get("deliveryType"), last.get("title")), (None, None));
}

async fn messages_are_marked_as_unread(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let mut sent = Vec::new();
    for number in 0..4 {
        sent.push(send(&owner, &channel, &number.to_string()).await);
    }
    read(&member, &channel, &sent[3]).await;
    let mut live = member.listen().await;
    mark_unread(&member, &channel, &sent[1]).await;
    let marked = live.next_named("channel.unread").await;
    assert_eq!(marked.conversation.expect("it comes with its row")["unreadCount"], 3);
    let feed = member.get(&format!("/api/channels/{channel}/feed")).await.ok();
    assert_eq!((&feed["unread"]["firstId"], &feed["lastReadId"]), (&json!(sent[1]), &json!(sent[0])));
    // Those that are unread already stay so.
    mark_unread(&member, &channel, &sent[2]).await;
    assert_eq!(unread(&member, &channel).await, 3);
    owner.delete(&format!("/api/messages/{}", sent[2])).await.ok();
    assert_eq!(unread(&member, &channel).await, 2);
    send(&owner, &channel, "more").await;
    assert_eq!(unread(&member, &channel).await, 3);
    read(&member, &channel, &sent[3]).await;
    assert_eq!(unread(&member, &channel).await, 1);
}

async fn the_first_message_is_marked_as_unread(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let (first, second) = (send(&owner, &channel, "1").await, send(&owner, &channel, "2").await);
    read(&member, &channel, &second).await;
    mark_unread(&member, &channel, &first).await;
    assert_eq!(unread(&member, &channel).await, 2);
    read(&member, &channel, &second).await;
    assert_eq!(unread(&member, &channel).await, 0);
}

async fn own_messages_stay_read(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let first = send(&owner, &channel, "1").await;
    let own = send(&member, &channel, "2").await;
    let last = send(&owner, &channel, "3").await;
    read(&member, &channel, &last).await;
    mark_unread(&member, &channel, &own).await;
    assert_eq!(unread(&member, &channel).await, 1);
    mark_unread(&member, &channel, &first).await;
    assert_eq!(unread(&member, &channel).await, 2, "without the own one in between");
    read(&member, &channel, &first).await;
    assert_eq!(unread(&member, &channel).await, 1);
    send(&member, &channel, "4").await;
    assert_eq!(unread(&member, &channel).await, 0);
    let later = send(&owner, &channel, "5").await;
    assert_eq!(unread(&member, &channel).await, 1);
    read(&member, &channel, &later).await;
    assert_eq!(unread(&member, &channel).await, 0);
}

async fn everything_is_marked_as_read(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let mut channels = Vec::new();
    for number in 0..3 {
        let channel = owner.channel(&format!("channel {number}")).await;
        send(&owner, &channel, "hello").await;
        channels.push(channel);
    }
    let of_owner = send(&member, &channels[0], "hello").await;
    let first = send(&owner, &channels[1], "first").await;
    read(&member, &channels[1], &first).await;
    mark_unread(&member, &channels[1], &first).await;
    let mut live = member.listen().await;
    for _ in 0..2 {
        member.poke("/api/conversations/read").await.ok();
    }
    live.next_named("channels.read").await;
    for channel in &channels {
        assert_eq!(unread(&member, channel).await, 0);
    }
    send(&owner, &channels[1], "later").await;
    assert_eq!(unread(&member, &channels[1]).await, 1);
    assert_eq!(unread(&owner, &channels[0]).await, 1, "only for the member: {of_owner}");
}

async fn only_visible_conversations_are_marked(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.private_channel("board").await;
    let message = send(&owner, &channel, "hello").await;
    member.poke("/api/conversations/read").await.ok();
    assert_eq!(app.count("channel_reads WHERE channel_id = {id}", &channel).await, 1, "the author's");
    let body = json!({ "messageId": message });
    member.post(&format!("/api/channels/{channel}/unread"), body).await.refused(404, "not_found");
    let general = owner.channel("general").await;
    let own = send(&owner, &general, "hello").await;
    // A message of another channel.
    mark_unread(&owner, &general, &message).await;
    assert_eq!(unread(&owner, &general).await, 0);
    mark_unread(&owner, &general, &own).await;
    assert_eq!(unread(&owner, &general).await, 0);
}
