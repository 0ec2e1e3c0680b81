//! Reactions: permissions, one of each emoji per member, grouped in the message, live.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, User, files, on_both_engines, text};

on_both_engines![
    reactions_are_grouped_with_count_and_names,
    only_emoji_can_be_reacted_with,
    a_custom_emoji_comes_and_goes_with_its_name,
    a_message_takes_fifty_different_emoji,
    reacting_requires_the_send_permission,
    others_hear_of_reactions,
    a_deleted_message_has_none,
];

async fn react(user: &User, message: &str, emoji: &str, reacted: bool) -> Answer {
    user.put(&format!("/api/messages/{message}/reactions"), json!({ "emoji": emoji, "reacted": reacted })).await
}

/// Creates a message of the owner in a public channel. Returns it with the channel.
async fn message(app: &TestApp) -> (String, String) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = text(&owner.send(&channel, "hello", &[]).await.ok()["id"]);
    (channel, id)
}

async fn reactions_are_grouped_with_count_and_names(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (channel, id) = message(&app).await;
    react(&member, &id, "🎉", true).await.ok();
    react(&owner, &id, "👍", true).await.ok();
    react(&owner, &id, "👍", true).await.ok();
    let answer = react(&member, &id, "👍", true).await.ok();
    let both = json!([
        { "emoji": "🎉", "count": 1, "mine": true, "names": ["Mia Member"] },
        { "emoji": "👍", "count": 2, "mine": true, "names": ["Olga Owner", "Mia Member"] },
    ]);
    assert_eq!(answer["reactions"], both);
    assert_eq!(member.messages(&channel).await[0]["reactions"], both);
    assert_eq!(owner.messages(&channel).await[0]["reactions"][0]["mine"], false);
    react(&member, &id, "🎉", false).await.ok();
    react(&member, &id, "🎉", false).await.ok();
    let left = react(&owner, &id, "👍", false).await.ok();
    assert_eq!(left["reactions"], json!([{ "emoji": "👍", "count": 1, "mine": false, "names": ["Mia Member"] }]));
    // A message without reactions has an empty list.
    owner.send(&channel, "silence", &[]).await.ok();
    assert_eq!(owner.messages(&channel).await[0]["reactions"], json!([]));
}

async fn only_emoji_can_be_reacted_with(app: TestApp) {
    let owner = app.owner().await;
    let (_, id) = message(&app).await;
    for wrong in ["", "ok", "👍👍", ":unknown:", "<b>", "1"] {
        react(&owner, &id, wrong, true).await.refused_field("emoji");
    }
    // With and without the variation selector it is one emoji.
    react(&owner, &id, "❤", true).await.ok();
    let answer = react(&owner, &id, "❤️", true).await.ok();
    assert_eq!(answer["reactions"].as_array().map(Vec::len), Some(1), "{answer}");
    react(&owner, &id, "👍🏽", true).await.ok();
}

async fn a_custom_emoji_comes_and_goes_with_its_name(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (channel, id) = message(&app).await;
    let emoji = owner.picture(json!({ "type": "custom-emoji", "name": "party_parrot" }), &files::png("x")).await;
    let answer = react(&owner, &id, ":party_parrot:", true).await.ok();
    assert_eq!(answer["reactions"][0]["url"], format!("/api/pictures/{emoji}"));
    owner.delete(&format!("/api/emoji/{emoji}")).await.ok();
    let reaction = member.messages(&channel).await[0]["reactions"][0].clone();
    assert_eq!((&reaction["emoji"], &reaction["url"]), (&json!(":party_parrot:"), &Value::Null));
    react(&member, &id, ":party_parrot:", true).await.refused_field("emoji");
    owner.poke(&format!("/api/emoji/{emoji}/restore")).await.ok();
    assert_ne!(member.messages(&channel).await[0]["reactions"][0]["url"], Value::Null);
    // A removed emoji can still be removed from reactions.
    owner.delete(&format!("/api/emoji/{emoji}")).await.ok();
    assert_eq!(react(&owner, &id, ":party_parrot:", false).await.ok()["reactions"], json!([]));
}

async fn a_message_takes_fifty_different_emoji(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let second = app.second_server().await;
    let (_, id) = message(&app).await;
    let groups = owner.get("/api/emoji/unicode").await.ok();
    let emoji: Vec<_> = (0..56).map(|place| text(&groups[0]["emoji"][place][0])).collect();
    let tries = emoji.iter().enumerate().map(|(place, emoji)| {
        let user = owner.at(if place % 2 == 0 { &app.base } else { &second.base });
        let id = &id;
        async move { (emoji, react(&user, id, emoji, true).await.status) }
    });
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|(_, status)| *status == 200).count(), 50, "{answers:?}");
    let (there, _) = answers.iter().find(|(_, status)| *status == 200).expect("some passed");
    let (other, _) = answers.iter().find(|(_, status)| *status == 409).expect("some did not");
    react(&member, &id, there, true).await.ok();
    react(&member, &id, other, true).await.refused(409, "conflict");
    react(&owner, &id, there, false).await.ok();
}

async fn reacting_requires_the_send_permission(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.private_channel("board").await;
    let id = text(&owner.send(&channel, "secret", &[]).await.ok()["id"]);
    react(&member, &id, "👍", true).await.refused(404, "not_found");
    let (_, id) = message(&app).await;
    let permissions = ["Message:ViewAttachment", "Channel:View"];
    owner.patch("/api/roles", json!({ "role": "member", "permissions": permissions })).await.ok();
    react(&member, &id, "👍", true).await.refused(403, "forbidden");
    react(&app.other_organization().await, &id, "👍", true).await.refused(404, "not_found");
}

async fn others_hear_of_reactions(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (channel, id) = message(&app).await;
    let mut events = member.listen().await;
    react(&owner, &id, "👍", true).await.ok();
    let heard = events.next_named("message.changed").await;
    assert_eq!(heard.data, json!({ "channelId": channel, "messageId": id }));
    // Unchanged reactions publish no event.
    react(&owner, &id, "👍", true).await.ok();
    react(&owner, &id, "👍", false).await.ok();
    events.next_named("message.changed").await;
    owner.send(&channel, "next", &[]).await.ok();
    assert_eq!(events.next().await.name, "message.created");
}

async fn a_deleted_message_has_none(app: TestApp) {
    let owner = app.owner().await;
    let (channel, id) = message(&app).await;
    react(&owner, &id, "👍", true).await.ok();
    owner.delete(&format!("/api/messages/{id}")).await.ok();
    assert_eq!(owner.messages(&channel).await[0]["reactions"], json!([]));
    react(&owner, &id, "🎉", true).await.refused(404, "not_found");
    owner.poke(&format!("/api/messages/{id}/restore")).await.ok();
    assert_eq!(owner.messages(&channel).await[0]["reactions"][0]["emoji"], "👍");
}
