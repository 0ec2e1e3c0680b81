//! An access token that is revoked while a program uses it.

use reqwest::Method;
use serde_json::json;

use super::{ORGANIZATION, is_reversed, rounds};
use crate::support::{Barrier, EventSource, Program, TestApp, meet_in_order, on_both_engines, text};

on_both_engines![a_revoke_waits_for_what_the_token_is_doing, a_stream_ends_when_its_token_is_revoked_during_an_event,];

async fn a_revoke_waits_for_what_the_token_is_doing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    for round in 0..rounds() {
        let token = owner.access_token(json!({ "name": "doorbell", "scopes": ["messages:write"] })).await;
        let program = Program::new(&app.base, &text(&token["secret"]));
        let (user, path) = (owner.clone(), format!("/api/access-tokens/{}", text(&token["id"])));
        let body = json!({ "bucketId": channel, "body": format!("round {round}") });
        let sender = program.clone();
        // Its permissions were checked.
        let mut barrier = Barrier::hold(&app, "SELECT 1 FROM channels WHERE id = {id}", &channel).await;
        let sent = barrier.start(async move { sender.post("/messages", body).await.status }).await;
        let revoked = barrier.start(async move { user.delete(&path).await.status }).await;
        let is_early = revoked.is_finished();
        barrier.release().await;
        let statuses = (sent.await.expect("the request ends"), revoked.await.expect("the request ends"));
        assert!(app.is_local_disk() || (statuses == (201, 200) && !is_early), "{statuses:?}, early: {is_early}");
        let written = app.count(&format!("messages WHERE body = 'round {round}'"), "").await;
        assert_eq!(written == 1, statuses.0 == 201, "{statuses:?}");
        program.post("/messages", json!({ "bucketId": channel, "body": "late" })).await.refused(401, "unauthenticated");
    }
}

async fn a_stream_ends_when_its_token_is_revoked_during_an_event(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    for round in 0..rounds() {
        let token = owner.access_token(json!({ "name": "listener", "scopes": ["messages:read"] })).await;
        let listener = Program::new(&app.base, &text(&token["secret"]));
        let mut events = EventSource::open(listener.request(Method::GET, "/events")).await;
        let (sender, target, user) = (owner.clone(), channel.clone(), owner.clone());
        let path = format!("/api/access-tokens/{}", text(&token["id"]));
        let statuses = meet_in_order(
            &app,
            (ORGANIZATION, &owner.member_id),
            is_reversed(round),
            async move { sender.send(&target, "during", &[]).await.status },
            async move { user.delete(&path).await.status },
        );
        assert_eq!(statuses.await, (200, 200));
        owner.send(&channel, "after", &[]).await.ok();
        while let Some(event) = events.next_or_end().await {
            assert_eq!(event.data["data"]["body"], "during", "round {round}");
        }
    }
}
