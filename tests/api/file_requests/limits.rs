//! A link's own limits hold, also for many at once, and so do those of networks and organizations.

use futures::future::join_all;
use serde_json::json;

use super::{Link, contact};
use crate::support::{TestApp, on_both_engines, text};

on_both_engines![
    twenty_at_once_cannot_pass_the_number_of_files,
    twenty_at_once_cannot_pass_the_number_of_bytes,
    what_was_received_keeps_counting,
    a_revoke_ends_what_is_on_its_way,
    an_organization_has_a_daily_limit,
    a_link_and_a_network_are_limited,
];

async fn twenty_at_once_cannot_pass_the_number_of_files(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 3 })).await;
    let answers = join_all((0..20).map(|_| link.begin("a.txt", "text/plain", 1))).await;
    let taken: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(taken.len(), 3);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 413)));
    // The same for what failed and is tried again, all at once.
    let ids: Vec<_> = taken.iter().map(|answer| text(&answer.json()["resourceId"])).collect();
    let path = |id: &str, what: &str| format!("{}/uploads/{id}/{what}", link.page);
    for id in &ids {
        link.visitor.post(&path(id, "fail"), json!({ "reason": "" })).await.ok();
    }
    let other = join_all((0..20).map(|_| link.begin("b.txt", "text/plain", 1))).await;
    assert_eq!(other.iter().filter(|answer| answer.status == 200).count(), 3);
    for id in &ids {
        link.visitor.poke(&path(id, "retry")).await.refused(413, "too_large");
    }
}

async fn twenty_at_once_cannot_pass_the_number_of_bytes(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxBytes": 1000 })).await;
    let answers = join_all((0..20).map(|_| link.begin("a.txt", "text/plain", 300))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 3);
    link.begin("a.txt", "text/plain", 101).await.refused(413, "too_large");
    link.begin("a.txt", "text/plain", 100).await.ok();
}

async fn what_was_received_keeps_counting(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({ "maxFiles": 1 })).await;
    let removed = link.upload("a.txt", "text/plain", b"a").await;
    link.visitor.delete(&format!("{}/uploads/{removed}", link.page)).await.ok();
    let file = link.upload("a.txt", "text/plain", b"a").await;
    link.send("", &[&file], "key").await.ok();
    link.begin("b.txt", "text/plain", 1).await.refused(413, "too_large");
    // Also when somebody inside deletes it.
    owner.delete(&format!("/api/attachments/{file}")).await.ok();
    link.begin("b.txt", "text/plain", 1).await.refused(413, "too_large");
    assert!(link.visitor.get(&link.page).await.text().contains("received all the files"));
    // Text is still welcome.
    link.send("Thank you", &[], "another").await.ok();
}

async fn a_revoke_ends_what_is_on_its_way(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    for round in 0..5 {
        let link = Link::create(&app, &owner, &channel, json!({})).await;
        let file = link.upload("a.txt", "text/plain", b"a").await;
        let before = owner.messages(&channel).await.len();
        let path = format!("/api/file-requests/{}/revoke", link.id);
        let files = [file.as_str()];
        let (sent, revoked) = tokio::join!(link.send("Look", &files, "key"), owner.poke(&path));
        revoked.ok();
        let after = owner.messages(&channel).await.len();
        if sent.status == 200 {
            assert_eq!(after, before + 1, "round {round}");
        } else {
            sent.refused(404, "not_found");
            assert_eq!(after, before, "round {round}");
        }
        link.begin("b.txt", "text/plain", 1).await.refused(404, "not_found");
    }
}

async fn an_organization_has_a_daily_limit(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let session = owner.get("/api/auth/session").await.ok();
    let organization = text(&session["organization"]["id"]);
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    link.begin("a.txt", "text/plain", 1).await.ok();
    link.send("hello", &[], "key").await.ok();
    for (key, limit) in [("request-files", 5000), ("request-messages", 2000)] {
        let set = format!("UPDATE rate_limits SET tries = {limit} WHERE key = '{key}:{organization}'");
        assert_eq!(app.sql(&set, &organization).await, 1, "{key}");
    }
    let refused = link.begin("a.txt", "text/plain", 1).await;
    assert!(!refused.header("retry-after").is_empty());
    refused.refused(429, "rate_limited");
    link.send("hello", &[], "another").await.refused(429, "rate_limited");
    // Others are not held up by it.
    let stranger = app.other_organization().await;
    let theirs = stranger.channel("partners").await;
    Link::create(&app, &stranger, &theirs, json!({})).await.begin("a.txt", "text/plain", 1).await.ok();
    app.advance(std::time::Duration::from_hours(24));
    link.begin("a.txt", "text/plain", 1).await.ok();
}

async fn a_link_and_a_network_are_limited(app: TestApp) {
    let (owner, _, channel) = contact(&app).await;
    let link = Link::create(&app, &owner, &channel, json!({})).await;
    link.visitor.get(&link.page).await;
    for (key, limit) in [(format!("request:{}", link.id), 6000), ("request-from:127.0.0.1".to_owned(), 1200)] {
        let set = format!("UPDATE rate_limits SET tries = {limit} WHERE key = '{key}'");
        assert_eq!(app.sql(&set, &link.id).await, 1, "{key}");
        link.begin("a.txt", "text/plain", 1).await.refused(429, "rate_limited");
        let page = link.visitor.get(&link.page).await;
        assert_eq!((page.status, page.header("retry-after").is_empty()), (429, false), "{key}");
        let reset = format!("UPDATE rate_limits SET tries = 0 WHERE key = '{key}'");
        app.sql(&reset, &link.id).await;
    }
    assert_eq!(link.visitor.get(&link.page).await.status, 200);
}
