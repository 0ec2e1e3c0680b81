//! `GET /api/v1/events`: programs hear what they can view, and miss nothing for a day.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::json;

use crate::support::{EventSource, Program, TestApp, on_both_engines, on_one_pair, text};

on_both_engines![
    a_program_hears_events_with_their_data,
    missed_events_are_replayed_after_a_restart,
    a_gap_of_more_than_a_day_is_announced,
    others_hear_nothing,
    a_revoked_token_ends_its_stream,
    unknown_kinds_of_events_are_skipped,
];
on_one_pair![postgres_garage_only, PostgresGarage: events_of_another_server_are_heard];

async fn listen(program: &Program) -> EventSource {
    EventSource::open(program.request(Method::GET, "/events")).await
}

async fn listen_after(program: &Program, id: &str) -> EventSource {
    EventSource::open(program.request(Method::GET, "/events").header("last-event-id", id)).await
}

async fn a_program_hears_events_with_their_data(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    let program = owner.program(&["messages:read", "contacts:read"]).await;
    owner.send(&channel, "before", &[]).await.ok();
    let mut events = listen(&program).await;
    let message = text(&owner.send(&channel, "Hello", &[]).await.ok()["id"]);
    let heard = events.next().await;
    assert_eq!((heard.name.as_str(), &heard.data["type"]), ("message.created", &json!("message.created")));
    assert_eq!(heard.data["data"], program.get(&format!("/messages/{message}")).await.ok());
    assert!(heard.data["timestamp"].is_string());
    owner.contact("Jane", "Doe", "+15551234567").await;
    let contact = events.next().await;
    assert_eq!((contact.name.as_str(), &contact.data["data"]["firstName"]), ("contact.created", &json!("Jane")));
    assert_eq!(contact.id.parse::<i64>().unwrap(), heard.id.parse::<i64>().unwrap() + 1);
    owner.delete(&format!("/api/messages/{message}")).await.ok();
    assert_eq!(events.next().await.name, "message.deleted");
}

async fn missed_events_are_replayed_after_a_restart(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    let program = owner.program(&["messages:read"]).await;
    let mut events = listen(&program).await;
    owner.send(&channel, "heard", &[]).await.ok();
    let heard = events.next().await;
    drop(events);
    for body in ["missed", "missed too"] {
        owner.send(&channel, body, &[]).await.ok();
    }
    let app = app.restart().await;
    let program = Program::new(&app.base, &program.secret);
    let mut events = listen_after(&program, &heard.id).await;
    assert_eq!(events.next().await.data["data"]["body"], "missed");
    let last = events.next().await;
    assert_eq!(last.data["data"]["body"], "missed too");
    let mut events = listen_after(&program, &last.id).await;
    owner.at(&app.base).send(&channel, "new", &[]).await.ok();
    assert_eq!(events.next().await.data["data"]["body"], "new");
}

async fn a_gap_of_more_than_a_day_is_announced(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    let program = owner.program(&["messages:read"]).await;
    let mut events = listen(&program).await;
    for body in ["heard", "missed"] {
        owner.send(&channel, body, &[]).await.ok();
    }
    let heard = events.next().await;
    app.advance(Duration::from_hours(25));
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
    owner.send(&channel, "new", &[]).await.ok();
    let mut events = listen_after(&program, &heard.id).await;
    assert_eq!(events.next().await.name, "resync");
    assert_eq!(events.next().await.data["data"]["body"], "new", "what is still known is replayed");
    for unknown in ["bogus", "-1", "99999", "00000000-0000-7000-8000-000000000000"] {
        assert_eq!(listen_after(&program, unknown).await.next().await.name, "resync", "{unknown}");
    }
}

async fn others_hear_nothing(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (private, public) = (owner.private_channel("private").await, owner.channel("public").await);
    let other = app.other_organization().await;
    let bound = owner.bound_program(&["messages:read", "contacts:read"], &public).await;
    let programs =
        [member.program(&["messages:read"]).await, other.program(&["messages:read", "contacts:read"]).await, bound];
    let mut streams = Vec::new();
    for program in &programs {
        streams.push(listen(program).await);
    }
    owner.contact("Jane", "Doe", "").await;
    owner.send(&private, "secret", &[]).await.ok();
    owner.send(&public, "public", &[]).await.ok();
    let foreign = other.channel("foreign").await;
    other.send(&foreign, "foreign", &[]).await.ok();
    for (stream, body) in streams.iter_mut().zip(["public", "foreign", "public"]) {
        assert_eq!(stream.next().await.data["data"]["body"], body);
    }
    app.anonymous().get("/api/v1/events").await.refused(401, "unauthenticated");
    owner.program(&["messages:write"]).await.get("/events").await.refused(403, "forbidden");
}

async fn a_revoked_token_ends_its_stream(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    let token = owner.access_token(json!({ "name": "listener", "scopes": ["messages:read"] })).await;
    let mut events = listen(&Program::new(&app.base, &text(&token["secret"]))).await;
    owner.send(&channel, "heard", &[]).await.ok();
    assert_eq!(events.next().await.data["data"]["body"], "heard");
    owner.delete(&format!("/api/access-tokens/{}", text(&token["id"]))).await.ok();
    owner.send(&channel, "not heard", &[]).await.ok();
    assert_eq!(events.next_or_end().await, None);
}

async fn unknown_kinds_of_events_are_skipped(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    let program = owner.program(&["messages:read"]).await;
    for body in ["one", "from the future", "three"] {
        owner.send(&channel, body, &[]).await.ok();
    }
    app.sql("UPDATE events SET kind = 'message.starred' WHERE number = 2", "").await;
    let mut events = listen_after(&program, "0").await;
    assert_eq!(events.next().await.data["data"]["body"], "one");
    assert_eq!(events.next().await.data["data"]["body"], "three");
}

async fn events_of_another_server_are_heard(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("dispatch").await;
    let other = app.second_server().await;
    let program = owner.program(&["messages:read"]).await;
    let mut events = listen(&Program::new(&other.base, &program.secret)).await;
    for number in 0..5 {
        owner.send(&channel, &number.to_string(), &[]).await.ok();
        assert_eq!(events.next().await.data["data"]["body"], number.to_string());
    }
}
