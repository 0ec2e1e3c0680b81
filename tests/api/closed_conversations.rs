//! Closed conversations leave the list, and return with the contact's next message. Team channels can be renamed.

use serde_json::{Value, json};

use crate::support::{TestApp, User, on_both_engines, text};

on_both_engines![
    a_closed_conversation_leaves_the_list,
    a_message_of_the_contact_opens_it_again,
    a_reply_of_a_colleague_leaves_it_closed,
    only_conversations_with_contacts_are_closed,
    closing_is_seen_live,
    closed_conversations_are_paged,
    a_team_channel_is_renamed,
    two_at_once_share_no_name,
];

async fn close(user: &User, contact: &Value) {
    user.poke(&format!("/api/channels/{}/close", text(&contact["channelId"]))).await.ok();
}

/// Returns the names of the open or closed conversations with contacts.
async fn names(user: &User, closed: bool) -> Vec<String> {
    let rows = user.get(&format!("/api/conversations?kind=contact&closed={closed}")).await.ok();
    rows.as_array().unwrap().iter().map(|row| text(&row["name"])).collect()
}

async fn receive(owner: &User, contact: &Value) {
    let program = owner.program(&["messages:write"]).await;
    let message = json!({ "contact": { "id": contact["id"] }, "direction": "inbound", "body": "One more thing" });
    program.post("/messages", message).await.created();
}

async fn a_closed_conversation_leaves_the_list(app: TestApp) {
    let owner = app.owner().await;
    let (jane, bob) = (owner.contact("Jane", "Doe", "").await, owner.contact("Bob", "", "").await);
    owner.send(&text(&jane["channelId"]), "Done", &[]).await.ok();
    close(&owner, &jane).await;
    close(&owner, &jane).await;
    assert_eq!(names(&owner, false).await, ["Bob"]);
    assert_eq!(names(&owner, true).await, ["Jane Doe"]);
    let channel = text(&jane["channelId"]);
    assert_eq!(owner.get(&format!("/api/channels/{channel}")).await.ok()["closed"], true);
    // Its messages stay.
    assert_eq!(owner.messages(&channel).await.len(), 1);
    owner.poke(&format!("/api/channels/{channel}/open")).await.ok();
    assert_eq!(names(&owner, false).await, ["Jane Doe", "Bob"]);
    assert_eq!(names(&owner, true).await, [""; 0]);
    let stranger = app.other_organization().await;
    for act in ["close", "open"] {
        let of_bob = format!("/api/channels/{}/{act}", text(&bob["channelId"]));
        stranger.poke(&of_bob).await.refused(404, "not_found");
    }
}

async fn a_message_of_the_contact_opens_it_again(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "").await;
    close(&owner, &jane).await;
    receive(&owner, &jane).await;
    assert_eq!(names(&owner, false).await, ["Jane Doe"]);
}

async fn a_reply_of_a_colleague_leaves_it_closed(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "").await;
    close(&owner, &jane).await;
    owner.send(&text(&jane["channelId"]), "Thank you", &[]).await.ok();
    assert_eq!(names(&owner, true).await, ["Jane Doe"]);
}

async fn only_conversations_with_contacts_are_closed(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.poke(&format!("/api/channels/{channel}/close")).await.refused(409, "conflict");
}

async fn closing_is_seen_live(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let jane = owner.contact("Jane", "Doe", "").await;
    let mut live = member.listen().await;
    close(&owner, &jane).await;
    let changed = live.next_named("channel.changed").await;
    assert_eq!(changed.conversation.expect("it comes with its row")["closed"], true);
    receive(&owner, &jane).await;
    let created = live.next_named("message.created").await;
    assert_eq!(created.conversation.expect("it comes with its row").get("closed"), None);
}

async fn closed_conversations_are_paged(app: TestApp) {
    let owner = app.owner().await;
    for number in 0..5 {
        let contact = owner.contact(&format!("Contact {number}"), "", "").await;
        if number != 2 {
            close(&owner, &contact).await;
        }
    }
    let mut seen: Vec<String> = Vec::new();
    let mut before = String::new();
    loop {
        let path = format!("/api/conversations?kind=contact&closed=true&limit=3{before}");
        let page = owner.get(&path).await.ok();
        let rows = page.as_array().unwrap();
        let Some(last) = rows.last() else { break };
        seen.extend(rows.iter().map(|row| text(&row["name"])));
        before = format!("&before={}", text(&last["id"]));
    }
    assert_eq!(seen, ["Contact 4", "Contact 3", "Contact 1", "Contact 0"]);
}

async fn a_team_channel_is_renamed(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let path = format!("/api/channels/{channel}");
    let mut live = member.listen().await;
    let renamed = owner.patch(&path, json!({ "name": " #Workshop " })).await.ok();
    assert_eq!(renamed["name"], "Workshop");
    assert_eq!(
        live.next_named("channel.changed").await.conversation.expect("it comes with its row")["name"],
        "Workshop"
    );
    let program = owner.program(&["messages:write"]).await;
    program.post("/messages", json!({ "bucketId": "workshop", "body": "by its new name" })).await.created();
    let entries = owner.get("/api/audit-entries?action=channel_renamed").await.ok();
    assert!(entries.to_string().contains("#general to #Workshop"), "{entries}");
    owner.channel("general").await;
    owner.patch(&path, json!({ "name": "General" })).await.refused(409, "conflict");
    owner.patch(&path, json!({ "name": "\u{200b}" })).await.refused_field("name");
    let jane = owner.contact("Jane", "Doe", "").await;
    let of_jane = format!("/api/channels/{}", text(&jane["channelId"]));
    owner.patch(&of_jane, json!({ "name": "Janet" })).await.refused_field("name");
}

async fn two_at_once_share_no_name(app: TestApp) {
    let owner = app.owner().await;
    let (one, other) = (owner.channel("one").await, owner.channel("other").await);
    let rename = async |id: &str| owner.patch(&format!("/api/channels/{id}"), json!({ "name": "same" })).await.status;
    let (one, other) = tokio::join!(rename(&one), rename(&other));
    let mut statuses = [one, other];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}
