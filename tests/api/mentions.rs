//! Mentions: whom a message mentions, who can be mentioned, and what others see of it.

use serde_json::{Value, json};

use crate::support::{TestApp, User, on_both_engines, text};

on_both_engines![
    a_mention_is_stored_by_id,
    unread_mentions_are_counted_apart,
    only_viewers_are_suggested,
    who_cannot_view_is_not_mentioned,
    an_unknown_token_is_text,
    an_own_mention_is_not_counted,
    edits_change_mentions,
    a_removed_member_has_no_name,
    programs_read_names,
    a_contact_mentions_nobody,
    too_many_are_refused,
    searches_and_quotes_have_names,
];

fn token(user: &User) -> String {
    format!("<@{}>", user.member_id)
}

async fn row(user: &User, channel: &str) -> Value {
    for kind in ["team", "contact"] {
        let rows = user.get(&format!("/api/conversations?kind={kind}")).await.ok();
        if let Some(row) = rows.as_array().unwrap().iter().find(|row| row["id"] == channel) {
            return row.clone();
        }
    }
    panic!("it is in a list")
}

async fn rename(user: &User, name: &str) {
    user.patch("/api/auth/user", json!({ "name": name })).await.ok();
}

async fn a_mention_is_stored_by_id(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    rename(&member, "Noor Haddad").await;
    let channel = owner.channel("general").await;
    let body = format!("Hi {0}, {0}!", token(&member));
    let sent = owner.send(&channel, &body, &[]).await.ok();
    assert_eq!(sent["body"], body);
    let mention = |name: &str| json!([{ "id": member.member_id, "name": name }]);
    assert_eq!(sent["mentions"], mention("Noor Haddad"));
    assert_eq!(row(&owner, &channel).await["lastMessage"]["text"], "Hi @Noor Haddad, @Noor Haddad!");
    rename(&member, "Noor Aziz").await;
    assert_eq!(owner.messages(&channel).await[0]["mentions"], mention("Noor Aziz"));
    assert_eq!(row(&owner, &channel).await["lastMessage"]["text"], "Hi @Noor Aziz, @Noor Aziz!");
    let plain = owner.send(&channel, "Hi @Noor Aziz", &[]).await.ok();
    assert_eq!(plain.get("mentions"), None, "a name alone is text");
}

async fn unread_mentions_are_counted_apart(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let mut live = member.listen().await;
    let first = owner.send(&channel, &format!("One {}", token(&member)), &[]).await.ok();
    let heard = live.next_named("message.created").await.conversation.expect("it comes with its row");
    assert_eq!((&heard["unreadCount"], &heard["mentionCount"]), (&json!(1), &json!(1)));
    assert_eq!(heard["lastMessage"]["mentioned"], true);
    owner.send(&channel, "Two", &[]).await.ok();
    let last = owner.send(&channel, &format!("Three {}", token(&member)), &[]).await.ok();
    let counts = async || {
        let row = row(&member, &channel).await;
        (row["unreadCount"].as_i64().unwrap(), row["mentionCount"].as_i64().unwrap())
    };
    assert_eq!(counts().await, (3, 2));
    assert_eq!(row(&owner, &channel).await["mentionCount"], 0);
    owner.delete(&format!("/api/messages/{}", text(&first["id"]))).await.ok();
    assert_eq!(counts().await, (2, 1));
    let body = json!({ "messageId": last["id"] });
    member.post(&format!("/api/channels/{channel}/read"), body.clone()).await.ok();
    assert_eq!(counts().await, (0, 0));
    member.post(&format!("/api/channels/{channel}/unread"), body).await.ok();
    assert_eq!(counts().await, (1, 1));
}

async fn names(user: &User, channel: &str, search: &str) -> Vec<String> {
    let found = user.get(&format!("/api/channels/{channel}/mentionable?search={search}")).await.ok();
    found.as_array().unwrap().iter().map(|member| text(&member["name"])).collect()
}

async fn only_viewers_are_suggested(app: TestApp) {
    let (owner, member, guest) = (app.owner().await, app.member().await, app.guest().await);
    rename(&owner, "Noa Owner").await;
    rename(&member, "Noor Member").await;
    rename(&guest, "Noel Guest").await;
    let general = owner.channel("general").await;
    assert_eq!(names(&owner, &general, "no").await, ["Noor Member"], "not oneself, and no guest");
    assert_eq!(names(&owner, &general, "member").await, ["Noor Member"]);
    let board = owner.private_channel("board").await;
    assert_eq!(names(&owner, &board, "no").await, [""; 0]);
    let jane = owner.contact("Jane", "Doe", "").await;
    let of_jane = text(&jane["channelId"]);
    assert_eq!(names(&owner, &of_jane, "no").await, ["Noor Member"]);
    let members = json!({ "memberIds": [guest.member_id] });
    owner.put(&format!("/api/contacts/{}/members", text(&jane["id"])), members).await.ok();
    assert_eq!(names(&owner, &of_jane, "no").await, ["Noor Member", "Noel Guest"]);
    member.get(&format!("/api/channels/{board}/mentionable?search=no")).await.refused(404, "not_found");
}

async fn who_cannot_view_is_not_mentioned(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    rename(&member, "Noor Haddad").await;
    let board = owner.private_channel("board").await;
    let sent = owner.send(&board, &format!("About {}", token(&member)), &[]).await.ok();
    assert_eq!((&sent["body"], sent.get("mentions")), (&json!("About @Noor Haddad"), None));
    assert_eq!(app.count("message_mentions WHERE channel_id = {id}", &board).await, 0);
    let stranger = app.other_organization().await;
    let sent = owner.send(&board, &token(&stranger), &[]).await.ok();
    assert_eq!((&sent["body"], sent.get("mentions")), (&json!(token(&stranger)), None), "nothing of them is told");
}

async fn an_unknown_token_is_text(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for body in ["<@>", "<@x>", "<@00000000-0000-7000-8000-000000000000>", "<@everyone>", "a <@<@b>>"] {
        let sent = owner.send(&channel, body, &[]).await.ok();
        assert_eq!((&sent["body"], sent.get("mentions")), (&json!(body), None));
        assert_eq!(row(&owner, &channel).await["lastMessage"]["text"], body);
    }
}

async fn an_own_mention_is_not_counted(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let own = member.send(&channel, &format!("Remember {}", token(&member)), &[]).await.ok();
    owner.send(&channel, "Yes", &[]).await.ok();
    member.post(&format!("/api/channels/{channel}/unread"), json!({ "messageId": own["id"] })).await.ok();
    let row = row(&member, &channel).await;
    assert_eq!((&row["unreadCount"], &row["mentionCount"]), (&json!(1), &json!(0)));
}

async fn edits_change_mentions(app: TestApp) {
    let (owner, member, admin) = (app.owner().await, app.member().await, app.admin().await);
    let channel = owner.channel("general").await;
    let sent = owner.send(&channel, &format!("Hi {}", token(&member)), &[]).await.ok();
    let path = format!("/api/messages/{}", text(&sent["id"]));
    let edited = owner.patch(&path, json!({ "body": format!("Hi {}", token(&admin)) })).await.ok();
    assert_eq!(edited["mentions"][0]["id"], admin.member_id.as_str());
    assert_eq!(row(&member, &channel).await["mentionCount"], 0);
    assert_eq!(row(&admin, &channel).await["mentionCount"], 1);
    let edited = owner.patch(&path, json!({ "body": "Hi" })).await.ok();
    assert_eq!(edited.get("mentions"), None);
    assert_eq!(app.count("message_mentions WHERE channel_id = {id}", &channel).await, 0);
}

async fn a_removed_member_has_no_name(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let sent = owner.send(&channel, &format!("Hi {}", token(&member)), &[]).await.ok();
    owner.delete(&format!("/api/members/{}", member.member_id)).await.ok();
    assert_eq!(owner.messages(&channel).await[0]["mentions"][0]["name"], "Former member");
    // An edit keeps a mention that the message has.
    let path = format!("/api/messages/{}", text(&sent["id"]));
    let edited = owner.patch(&path, json!({ "body": format!("Bye {}", token(&member)) })).await.ok();
    assert_eq!(edited["mentions"][0]["name"], "Former member");
    let again = owner.send(&channel, &token(&member), &[]).await.ok();
    assert_eq!(again.get("mentions"), None);
}

async fn programs_read_names(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    rename(&member, "Noor Haddad").await;
    let channel = owner.channel("general").await;
    let program = owner.program(&["messages:read", "messages:write"]).await;
    let sent =
        program.post("/messages", json!({ "bucketId": channel, "body": format!("To {}", token(&member)) })).await;
    let sent = sent.created();
    assert_eq!(sent["body"], "To @Noor Haddad");
    assert_eq!(row(&member, &channel).await["mentionCount"], 1);
    let read = program.get(&format!("/messages/{}", text(&sent["id"]))).await.ok();
    assert_eq!((&read["body"], read.get("mentions")), (&json!("To @Noor Haddad"), None));
}

async fn a_contact_mentions_nobody(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let jane = owner.contact("Jane", "Doe", "").await;
    let program = owner.program(&["messages:write"]).await;
    let body = token(&member);
    let message = json!({ "contact": { "id": jane["id"] }, "direction": "inbound", "body": body });
    assert_eq!(program.post("/messages", message).await.created()["body"], body.as_str());
    let row = row(&member, &text(&jane["channelId"])).await;
    assert_eq!((&row["mentionCount"], &row["unreadCount"]), (&json!(0), &json!(1)));
}

async fn too_many_are_refused(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let tokens = |count: usize| {
        (0..count).map(|number| format!("<@00000000-0000-7000-8000-{number:012}>")).collect::<Vec<_>>().join(" ")
    };
    owner.send(&channel, &tokens(50), &[]).await.ok();
    owner.send(&channel, &tokens(51), &[]).await.refused_field("body");
}

async fn searches_and_quotes_have_names(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    rename(&member, "Noor Haddad").await;
    let channel = owner.channel("general").await;
    let sent = owner.send(&channel, &format!("The siphon leaks, {}", token(&member)), &[]).await.ok();
    let hits = owner.get("/api/messages/found?search=siphon").await.ok();
    assert!(text(&hits[0]["excerpt"]["after"]).ends_with("leaks, @Noor Haddad"), "{hits}");
    let part = member.member_id.split('-').next_back().unwrap().to_owned();
    assert_eq!(owner.get(&format!("/api/messages/found?search={part}")).await.ok(), json!([]), "no id is found");
    let reply = json!({ "body": "Seen", "attachmentIds": [], "replyTo": sent["id"] });
    let reply = member.post(&format!("/api/channels/{channel}/messages"), reply).await.ok();
    assert_eq!(reply["replyTo"]["text"], "The siphon leaks, @Noor Haddad");
}
