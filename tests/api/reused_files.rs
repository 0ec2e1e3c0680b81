//! A file in several messages: it is in each of their conversations, and once in the total. It is found by the current
//! text of its messages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::downloads::saved_as;
use crate::support::zip::{names as entry_names, unzip};
use crate::support::{TestApp, User, on_both_engines, text};

on_both_engines![
    a_reused_file_is_in_each_conversation_and_once_in_the_total,
    a_reused_file_is_saved_under_the_name_of_where_it_is_read,
    a_reused_file_is_in_the_zips_of_each_conversation,
    a_reused_file_stays_where_a_message_still_has_it,
    a_reused_file_is_paged_among_the_others,
    a_reused_file_is_found_once_by_its_viewers,
    files_are_found_by_the_current_text_of_their_message,
];

/// Returns `conversation name message` of each hit.
async fn found(user: &User, query: &str) -> Vec<String> {
    let page = user.get(&format!("/api/files{query}")).await.ok();
    let files = page["files"].as_array().expect("files").clone();
    let total = user.get(&format!("/api/files/totals{query}")).await.ok();
    assert_eq!(total["count"], files.len(), "{query}");
    files.iter().map(|file| format!("{} {}", text(&file["conversation"]), text(&file["fileName"]))).collect()
}

/// Makes a program send a stored file. Returns the message.
async fn reuse(user: &User, channel: &str, body: &str, id: &str) -> String {
    let program = user.program(&["messages:write"]).await;
    let message = json!({ "bucketId": channel, "body": body, "attachmentUuids": [id] });
    text(&program.post("/messages", message).await.created()["id"])
}

fn zipped(archive: &[u8]) -> Vec<String> {
    entry_names(&unzip(archive)).into_iter().map(str::to_owned).collect()
}

async fn first_message(user: &User, channel: &str) -> String {
    text(&user.messages(channel).await[0]["id"])
}

async fn a_reused_file_is_in_each_conversation_and_once_in_the_total(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let jane = text(&owner.contact("Jane", "Doe", "5551234").await["channelId"]);
    let id = owner.upload(&general, "plan.txt", "text/plain", b"plan").await;
    owner.send(&general, "the siphon", &[&id]).await.ok();
    reuse(&owner, &random, "a drill", &id).await;
    // Twice in one conversation, and again in its own: once in each.
    reuse(&owner, &jane, "a hammer", &id).await;
    reuse(&owner, &jane, "nails", &id).await;
    reuse(&owner, &general, "again", &id).await;
    assert_eq!(found(&owner, "").await, ["#general plan.txt"]);
    assert_eq!(found(&owner, &format!("?channel={general}")).await, ["#general plan.txt"]);
    assert_eq!(found(&owner, &format!("?channel={random}")).await, ["#random plan.txt"]);
    assert_eq!(found(&owner, &format!("?channel={jane}")).await, ["Jane Doe plan.txt"]);
    for sort in ["newest", "oldest"] {
        assert_eq!(found(&owner, &format!("?channel={jane}&kinds=document")).await.len(), 1, "{sort}");
    }
    let file = owner.get(&format!("/api/files?channel={jane}")).await.ok()["files"][0].clone();
    assert_eq!(file["savedAs"], "Jane_5551234_plan.txt");
    // By the text of the message in this conversation, not by that of others.
    assert_eq!(found(&owner, &format!("?channel={random}&search=DRILL")).await.len(), 1);
    assert_eq!(found(&owner, &format!("?channel={random}&search=plan")).await.len(), 1);
    assert_eq!(found(&owner, &format!("?channel={random}&search=siphon")).await.len(), 0);
    assert_eq!(found(&owner, &format!("?channel={jane}&search=jane")).await.len(), 1);
    assert_eq!(found(&owner, "?search=siphon").await.len(), 1);
    assert_eq!(found(&owner, &format!("?channel={random}&kinds=image")).await.len(), 0);
    assert_eq!(found(&owner, &format!("?channel={random}&from={}", owner.member_id)).await.len(), 1);
    assert_eq!(found(&owner, &format!("?channel={random}&from=contacts")).await.len(), 0);
}

async fn a_reused_file_is_saved_under_the_name_of_where_it_is_read(app: TestApp) {
    let owner = app.owner().await;
    let contact = owner.contact("Bob", "Ray", "777").await;
    let bob = text(&contact["channelId"]);
    let jane = text(&owner.contact("Jane", "Doe", "5551234").await["channelId"]);
    let id = owner.send_file(&bob, "plan.txt", "text/plain", b"plan").await;
    let program = owner.program(&["messages:write"]).await;
    let message = json!({ "bucketId": jane, "attachments": [{ "attachmentUuid": id, "name": "roof.txt" }] });
    let message = text(&program.post("/messages", message).await.created()["id"]);
    let saved =
        async |user: &User, query: &str| saved_as(user.download(&id, query).await.header("content-disposition"));

    let [of_bob, of_jane] = [owner.messages(&bob).await, owner.messages(&jane).await];
    assert_eq!(of_bob[0]["attachments"][0].get("seenIn"), None);
    assert_eq!(of_jane[0]["attachments"][0]["seenIn"], message);
    let found = owner.get(&format!("/api/files?channel={jane}")).await.ok();
    assert_eq!(found["files"][0]["seenIn"], message);
    assert_eq!(saved(&owner, "?download=1").await, "Bob_777_plan.txt");
    assert_eq!(saved(&owner, &format!("?download=1&message={message}")).await, "Jane_5551234_roof.txt");
    // Members who can't view Jane learn nothing about her.
    let guest = app.guest_of(&contact).await;
    assert_eq!(saved(&guest, &format!("?download=1&message={message}")).await, "Bob_777_plan.txt");
    // Messages with other files, and deleted ones, are ignored.
    let other = text(&owner.send(&jane, "no file", &[]).await.ok()["id"]);
    assert_eq!(saved(&owner, &format!("?download=1&message={other}")).await, "Bob_777_plan.txt");
    owner.delete(&format!("/api/messages/{message}")).await.ok();
    assert_eq!(saved(&owner, &format!("?download=1&message={message}")).await, "Bob_777_plan.txt");
}

async fn a_reused_file_is_in_the_zips_of_each_conversation(app: TestApp) {
    let owner = app.owner().await;
    let general = owner.channel("general").await;
    let jane = text(&owner.contact("Jane", "Doe", "5551234").await["channelId"]);
    let id = owner.send_file(&general, "plan.txt", "text/plain", b"plan").await;
    owner.send_file(&jane, "leak.txt", "text/plain", b"leak").await;
    let message = reuse(&owner, &jane, "", &id).await;
    let zip = async |path: String| zipped(&owner.get(&path).await.bytes);
    assert_eq!(zip(format!("/api/channels/{general}/zip")).await, ["plan.txt"]);
    assert_eq!(zip(format!("/api/channels/{jane}/zip")).await, ["Jane_5551234_leak.txt", "Jane_5551234_plan.txt"]);
    assert_eq!(zip(format!("/api/messages/{message}/zip")).await, ["Jane_5551234_plan.txt"]);
    let form = [("ids", id.clone()), ("channel", jane.clone())];
    let answer = owner.send_request(owner.request(Method::POST, "/api/files/zip").form(&form)).await;
    assert_eq!(zipped(&answer.bytes), ["Jane_5551234_plan.txt"]);
    let logged = owner.get(&format!("/api/audit-entries?action=downloaded&channel={jane}")).await.ok();
    assert_eq!(logged["entries"].as_array().unwrap().len(), 4, "where it was taken from");
}

async fn a_reused_file_stays_where_a_message_still_has_it(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let id = owner.send_file(&general, "plan.txt", "text/plain", b"plan").await;
    let first = first_message(&owner, &general).await;
    let second = reuse(&owner, &random, "", &id).await;
    owner.delete(&format!("/api/messages/{first}")).await.ok();
    assert_eq!(found(&owner, &format!("?channel={general}")).await, [] as [&str; 0]);
    assert_eq!(found(&owner, &format!("?channel={random}")).await, ["#random plan.txt"]);
    assert_eq!(found(&owner, "").await, ["#random plan.txt"]);
    owner.poke(&format!("/api/messages/{first}/restore")).await.ok();
    assert_eq!(found(&owner, &format!("?channel={general}")).await, ["#general plan.txt"]);
    assert_eq!(found(&owner, "").await.len(), 1);
    // Both are deleted, the first is restored: its file is there, and only there.
    owner.delete(&format!("/api/messages/{first}")).await.ok();
    owner.delete(&format!("/api/messages/{second}")).await.ok();
    assert_eq!(found(&owner, "").await, [] as [&str; 0]);
    owner.poke(&format!("/api/messages/{first}/restore")).await.ok();
    assert_eq!(found(&owner, "").await, ["#general plan.txt"]);
    assert_eq!(found(&owner, &format!("?channel={random}")).await, [] as [&str; 0]);
    // Deleted as a file, it is gone everywhere.
    owner.poke(&format!("/api/messages/{second}/restore")).await.ok();
    owner.delete(&format!("/api/attachments/{id}")).await.ok();
    for query in [String::new(), format!("?channel={general}"), format!("?channel={random}")] {
        assert_eq!(found(&owner, &query).await, [] as [&str; 0]);
    }
}

async fn a_reused_file_is_paged_among_the_others(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    for name in ["a.txt", "b.txt", "c.txt"] {
        let id = owner.send_file(&general, name, "text/plain", b"x").await;
        owner.send_file(&random, &format!("own {name}"), "text/plain", b"x").await;
        reuse(&owner, &random, "", &id).await;
    }
    let expected = ["own a.txt", "a.txt", "own b.txt", "b.txt", "own c.txt", "c.txt"];
    for sort in ["oldest", "newest"] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/files?channel={random}&sort={sort}&limit=1&after={after}");
            let page = owner.get(&path).await.ok();
            seen.extend(page["files"].as_array().unwrap().iter().map(|file| text(&file["fileName"])));
            let Some(next) = page["next"].as_str() else { break };
            next.clone_into(&mut after);
        }
        if sort == "newest" {
            seen.reverse();
        }
        assert_eq!(seen, expected, "{sort}");
    }
}

async fn a_reused_file_is_found_once_by_its_viewers(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let jane = owner.contact("Jane", "Doe", "5551234").await;
    let guest = app.guest_of(&jane).await;
    let board = owner.private_channel("board").await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let id = owner.upload(&board, "plan.txt", "text/plain", b"plan").await;
    owner.send(&board, "secret words", &[&id]).await.ok();
    assert_eq!(found(&member, "").await, [] as [&str; 0]);
    reuse(&owner, &general, "open words", &id).await;
    reuse(&owner, &random, "more", &id).await;
    reuse(&owner, &text(&jane["channelId"]), "for Jane", &id).await;
    assert_eq!(found(&member, "").await, ["#general plan.txt"]);
    assert_eq!(found(&member, "?search=open").await.len(), 1);
    assert_eq!(found(&member, "?search=secret").await.len(), 0, "what was said where they are not");
    assert_eq!(found(&guest, "").await, ["Jane Doe plan.txt"]);
    assert_eq!(found(&guest, "?search=open").await.len(), 0);
    assert_eq!(found(&owner, "").await, ["#board plan.txt"]);
    let stranger = app.other_organization().await;
    assert_eq!(found(&stranger, "").await, [] as [&str; 0]);
}

async fn files_are_found_by_the_current_text_of_their_message(app: TestApp) {
    let owner = app.owner().await;
    let general = owner.channel("general").await;
    let program = owner.program(&["messages:write", "attachments:write"]).await;
    let id = owner.upload(&general, "plan.txt", "text/plain", b"plan").await;
    let message = json!({ "bucketId": general, "title": "Monday", "body": "the siphon", "attachmentUuids": [id] });
    let sent = text(&program.post("/messages", message).await.created()["id"]);
    assert_eq!(found(&owner, "?search=SIPHON").await.len(), 1);
    assert_eq!(found(&owner, "?search=monday").await.len(), 1);
    let change: Value = json!({ "title": "Tuesday", "body": "the Ölkessel" });
    program.call("PATCH", &format!("/messages/{sent}"), Some(change)).await.ok();
    for (search, count) in [("siphon", 0), ("monday", 0), ("%C3%B6LKESSEL", 1), ("tuesday", 1), ("plan", 1)] {
        assert_eq!(found(&owner, &format!("?search={search}")).await.len(), count, "{search}");
        assert_eq!(found(&owner, &format!("?channel={general}&search={search}")).await.len(), count, "{search}");
    }
}
