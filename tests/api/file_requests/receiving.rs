//! What visitors send becomes a message of the contact, or in a team channel of the visitor.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use serde_json::json;

use super::{Link, contact};
use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    what_arrives_is_the_contacts,
    in_a_team_channel_it_is_the_visitors,
    a_submission_is_made_once,
    more_can_be_sent_until_it_expires,
    the_sent_page_shows_what_arrived,
    quotas_hold,
];

async fn what_arrives_is_the_contacts(app: TestApp) {
    let (owner, jane, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "note": "Photos" })).await;
    let (first, second) = (
        link.upload("IMG_0231.png", "image/png", &files::picture(40, 30)).await,
        link.upload("b.txt", "text/plain", b"b").await,
    );
    let mut heard = app.member().await.listen().await;
    let id = text(&link.send(" It drips. ", &[&first, &second], "key").await.ok()["id"]);
    assert_eq!(heard.next_named("message.created").await.data, json!({ "channelId": channel, "messageId": id }));
    heard.next_named("message.changed").await;
    let messages = owner.messages(&channel).await;
    assert_eq!(messages[0]["author"], json!({ "kind": "contact", "id": jane["id"], "name": "Jane Doe" }));
    assert_eq!((&messages[0]["body"], &messages[0]["id"]), (&json!("It drips."), &json!(id)));
    let names: Vec<_> =
        messages[0]["attachments"].as_array().unwrap().iter().map(|file| text(&file["fileName"])).collect();
    assert_eq!(names, ["IMG_0231.png", "b.txt"]);
    assert!(messages[0].get("fileRequest").is_none());
    assert_eq!(messages[1]["fileRequest"]["receivedFiles"], 2);
    let list = owner.get("/api/conversations?kind=contact").await.ok();
    assert_eq!((&list[0]["unreadCount"], &list[0]["lastMessage"]["own"]), (&json!(1), &json!(false)));
    // Named for the contact, with a preview, and found among the contact's files.
    let disposition = owner.download(&first, "?download=1").await;
    assert!(disposition.header("content-disposition").contains("Jane_15551234567_IMG_0231.png"));
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
    assert_eq!(owner.messages(&channel).await[0]["attachments"][0]["preview"]["state"], "ready");
    let found = owner.get(&format!("/api/files?from={}", text(&jane["id"]))).await.ok();
    assert_eq!(found["files"].as_array().map(Vec::len), Some(2), "{found}");
    let audit = owner.get("/api/audit-entries?action=files_received").await.ok();
    assert_eq!(audit["entries"][0]["actor"]["kind"], "visitor");
    assert_eq!((&audit["entries"][0]["detail"], &audit["entries"][0]["messageId"]), (&json!("Photos"), &json!(id)));
    let inbound = owner.program(&["messages:read"]).await.get(&format!("/messages/{id}")).await.ok();
    assert_eq!(inbound["direction"], "inbound");
}

async fn in_a_team_channel_it_is_the_visitors(app: TestApp) {
    let member = app.member().await;
    let channel = member.channel("partners").await;
    let link = Link::create(&app, &member, &channel, json!({ "note": "Plans" })).await;
    let file = link.upload("plan.pdf", "application/pdf", &files::pdf("plan")).await;
    link.send("Here", &[&file], "key").await.ok();
    let messages = member.messages(&channel).await;
    let author = json!({ "kind": "visitor", "id": link.id, "name": "Someone with the link" });
    assert_eq!(messages[0]["author"], author);
    // It is not of the member who asked: unread for them too, and theirs neither to edit nor to delete.
    let list = member.get("/api/conversations?kind=team").await.ok();
    assert_eq!((&list[0]["unreadCount"], &list[0]["lastMessage"]["own"]), (&json!(1), &json!(false)));
    assert!(list[0]["lastMessage"].get("author").is_none(), "{list}");
    let feed = member.get(&format!("/api/channels/{channel}/feed")).await.ok();
    assert_eq!(feed["unread"]["count"], 1);
    let id = text(&messages[0]["id"]);
    member.delete(&format!("/api/messages/{id}")).await.refused(403, "forbidden");
    let program = member.program(&["messages:write"]).await;
    let edited = program.call("PATCH", &format!("/messages/{id}"), Some(json!({ "body": "x" }))).await;
    edited.refused(403, "forbidden");
    assert_eq!(member.download(&file, "").await.status, 200);
    let found = member.get("/api/messages/found?search=Here").await.ok();
    assert_eq!(found[0]["author"], author);
    app.owner().await.delete(&format!("/api/messages/{id}")).await.ok();
}

async fn a_submission_is_made_once(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let file = link.upload("a.txt", "text/plain", b"a").await;
    let files = [file.as_str()];
    let at_once = (0..8).map(|_| link.send("Look", &files, "the key"));
    let ids: Vec<_> =
        futures::future::join_all(at_once).await.into_iter().map(|answer| text(&answer.ok()["id"])).collect();
    assert!(ids.windows(2).all(|two| two[0] == two[1]), "{ids:?}");
    assert_eq!(owner.messages(&channel).await.len(), 2);
    // The same key by another link is another message.
    let other = Link::create(&app, &owner, &channel, json!({})).await;
    other.send("Look", &[], "the key").await.ok();
    assert_eq!(owner.messages(&channel).await.len(), 4);
}

async fn more_can_be_sent_until_it_expires(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "expiresIn": 3600 })).await;
    for number in 0..3 {
        let file = link.upload("a.txt", "text/plain", b"a").await;
        link.send("", &[&file], &format!("key {number}")).await.ok();
    }
    assert_eq!(link.listed(&owner).await["receivedFiles"], 3);
    let late = link.upload("late.txt", "text/plain", b"l").await;
    app.advance(Duration::from_hours(1));
    link.send("", &[&late], "late").await.refused(404, "not_found");
    assert_eq!(link.listed(&owner).await["active"], false);
    assert_eq!(owner.messages(&channel).await.len(), 4);
}

async fn the_sent_page_shows_what_arrived(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    let file = link.upload("tap & 1.txt", "text/plain", b"a").await;
    let id = text(&link.send("A secret text", &[&file], "key").await.ok()["id"]);
    let page = link.visitor.get(&format!("{}?sent={id}", link.page)).await.text();
    assert!(page.contains("Sent") && page.contains("1 file arrived") && page.contains("Send more"), "{page}");
    assert!(page.contains("tap &#38; 1.txt") && !page.contains("tap & 1"), "{page}");
    assert!(!page.contains("secret text"), "{page}");
    // Nothing of other messages, nor by other links.
    let card = text(&owner.messages(&channel).await[1]["id"]);
    let other = Link::create(&app, &owner, &channel, json!({})).await;
    for (link, id) in [(&link, card.as_str()), (&other, id.as_str()), (&link, "nothing")] {
        let page = link.visitor.get(&format!("{}?sent={id}", link.page)).await.text();
        assert!(page.contains("Choose files") && !page.contains("arrived"), "{page}");
    }
}

async fn quotas_hold(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let session = owner.get("/api/auth/session").await.ok();
    let organization = text(&session["organization"]["id"]);
    app.sql("UPDATE organizations SET quota_bytes = 100 WHERE id = {id}", &organization).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    link.begin("a.txt", "text/plain", 101).await.refused(413, "quota_exceeded");
    link.begin("a.txt", "text/plain", 60).await.ok();
    link.begin("a.txt", "text/plain", 60).await.refused(413, "quota_exceeded");
}
