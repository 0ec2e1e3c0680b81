//! Live events: they reach everyone who can view their subject, nobody else, and are not lost.

use std::collections::BTreeMap;

use attache::ids::OrganizationId;
use attache::live_event::{self, LiveEvent};
use attache::platform::config::DatabaseUrl;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{EventSource, Line, TestApp, User, line_before, on_both_engines, on_one_pair, text, until};

on_both_engines![
    a_message_event_reaches_viewers_of_its_channel,
    others_hear_nothing_of_it,
    rows_that_come_with_events_are_those_of_the_list,
    losing_access_ends_its_events,
    a_stream_that_is_read_slowly_has_the_permissions_of_now,
    missed_events_are_replayed_after_a_reconnect,
    a_reconnect_continues_after_the_last_event_of_the_stream,
    an_unknown_last_event_causes_a_resync,
    log_out_ends_the_event_stream,
    a_page_receives_events_since_its_rendering,
    a_page_older_than_the_server_reloads,
    the_server_ends_the_stream_when_it_stops,
    a_member_has_a_limited_number_of_streams,
];
on_one_pair![postgres_garage_only, PostgresGarage: a_listener_that_is_forgotten_is_replaced, two_servers_hear_each_other, a_session_and_an_upload_go_on_at_another_server];

async fn a_page_older_than_the_server_reloads(app: TestApp) {
    let owner = app.owner().await;
    let made_at = text(&owner.get("/api/auth/session").await.ok()["now"]);
    app.advance(std::time::Duration::from_mins(1));
    let app = app.restart().await;
    let owner = owner.at(&app.base);
    // Events in between are not remembered.
    assert_eq!(owner.listen_since(&made_at).await.next().await.name, "resync");
    // A page that was rendered since misses nothing.
    app.advance(std::time::Duration::from_mins(1));
    let made_at = text(&owner.get("/api/auth/session").await.ok()["now"]);
    let mut heard = owner.listen_since(&made_at).await;
    owner.contact("Jane", "", "").await;
    assert_eq!(heard.next().await.name, "contact.created");
}

async fn a_listener_that_is_forgotten_is_replaced(app: TestApp) {
    let DatabaseUrl::Postgres(url) = app.platform.config.database.clone() else { panic!("PostgreSQL") };
    let (behind, line) = line_before(&url).await;
    let other = TestApp::start_with(app.engines, |config| config.database = DatabaseUrl::Postgres(behind)).await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let mut heard = owner.at(&other.base).listen().await;
    owner.send(&channel, "before", &[]).await.ok();
    heard.next_named("message.created").await;

    line.send_replace(Line::Forgotten);
    owner.send(&channel, "while nobody hears", &[]).await.ok();
    until("the server notices that it hears nothing", async || !other.platform.events.hears()).await;
    until("it hears again", async || other.platform.events.hears()).await;
    heard.next_named("resync").await;
    owner.send(&channel, "after", &[]).await.ok();
    heard.next_named("message.created").await;
}

async fn a_member_has_a_limited_number_of_streams(app: TestApp) {
    const STREAMS_MAX: usize = 50;
    let (owner, member) = (app.owner().await, app.member().await);
    let mut open = Vec::new();
    for _ in 0..STREAMS_MAX {
        open.push(owner.listen().await);
    }
    let refused = owner.get("/api/events").await;
    assert_eq!(refused.header("retry-after"), "30");
    refused.refused(429, "rate_limited");
    let mut theirs = member.listen().await;
    open.pop();
    // The server notices that a browser disconnected when it sends something.
    let channel = owner.channel("general").await;
    theirs.next().await;
    until("a stream that was closed counts no more", async || {
        owner.send(&channel, "hello", &[]).await.ok();
        owner.request(Method::GET, "/api/events").send().await.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
}

async fn a_message_event_reaches_viewers_of_its_channel(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let mut heard = member.listen().await;
    let sent = owner.send(&channel, "hello", &[]).await.ok();
    let event = heard.next().await;
    assert_eq!(event.name, "message.created");
    assert_eq!(event.data, json!({ "channelId": channel, "messageId": sent["id"] }));
}

async fn others_hear_nothing_of_it(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let (private, public) = (owner.private_channel("plans").await, owner.channel("general").await);
    let jane = owner.contact("Jane", "", "").await;
    let bob = owner.contact("Bob", "", "").await;
    let guest = app.guest_of(&bob).await;
    let stranger = app.other_organization().await;
    let (mut to_member, mut to_guest, mut to_stranger) =
        (member.listen().await, guest.listen().await, stranger.listen().await);
    owner.send(&private, "secret", &[]).await.ok();
    owner.send(&text(&jane["channelId"]), "for Jane", &[]).await.ok();
    // The next event is the first that they receive.
    let to_bob = owner.send(&text(&bob["channelId"]), "for Bob", &[]).await.ok();
    let to_all = owner.send(&public, "for all", &[]).await.ok();
    let elsewhere = stranger.channel("general").await;
    assert_eq!(to_guest.next_named("message.created").await.data["messageId"], to_bob["id"]);
    assert_eq!(to_stranger.next().await.data["channelId"], elsewhere.as_str());
    let mut messages = Vec::new();
    while messages.last() != Some(&to_all["id"]) {
        messages.push(to_member.next_named("message.created").await.data["messageId"].clone());
    }
    assert_eq!(messages.len(), 3, "Jane's, Bob's and the public one");
}

/// A page that keeps its list up to date by events alone.
struct Page<'a> {
    user: &'a User,
    events: EventSource,
    rows: BTreeMap<String, Value>,
}

impl<'a> Page<'a> {
    async fn open(user: &'a User) -> Self {
        Self { user, events: user.listen().await, rows: Self::list(user).await }
    }

    async fn list(user: &User) -> BTreeMap<String, Value> {
        let mut rows = BTreeMap::new();
        for kind in ["contact", "team", "bucket"] {
            let list = user.get(&format!("/api/conversations?kind={kind}")).await.ok();
            rows.extend(list.as_array().unwrap().iter().map(|row| (text(&row["id"]), row.clone())));
        }
        rows
    }

    /// Takes what comes up to the event of this message.
    async fn follow(&mut self, message: &Value) {
        loop {
            let event = self.events.next().await;
            if let Some(row) = event.conversation {
                self.rows.insert(text(&row["id"]), row);
            }
            if event.name == "message.created" && event.data["messageId"] == *message {
                return;
            }
        }
    }
}

async fn rows_that_come_with_events_are_those_of_the_list(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    let jane = owner.contact("Jane", "", "").await;
    let guest = app.guest_of(&jane).await;
    let (channel, general, plans) =
        (text(&jane["channelId"]), owner.channel("general").await, owner.private_channel("plans").await);
    let program = owner.program(&["messages:write"]).await;
    let mut pages = Vec::new();
    for user in [&owner, &admin, &member, &guest] {
        pages.push(Page::open(user).await);
    }
    let first = text(&owner.send(&channel, "hello", &[]).await.ok()["id"]);
    for act in 0..10 {
        match act {
            0 => _ = member.send(&channel, "an answer", &[]).await.ok(),
            1 => _ = program.post("/messages", json!({ "bucketId": channel, "body": "rang" })).await.created(),
            2 => _ = member.send_file(&channel, "plan.txt", "text/plain", b"plan").await,
            3 => _ = owner.delete(&format!("/api/messages/{first}")).await.ok(),
            4 => _ = owner.poke(&format!("/api/messages/{first}/restore")).await.ok(),
            5 => {
                let contact = format!("/api/contacts/{}", text(&jane["id"]));
                owner.patch(&contact, json!({ "firstName": "Janet" })).await.ok();
            }
            6 => {
                let read = json!({ "messageId": first });
                admin.post(&format!("/api/channels/{channel}/read"), read).await.ok();
            }
            7 => _ = owner.send(&general, "for all", &[]).await.ok(),
            8 => _ = owner.send(&plans, "for myself", &[]).await.ok(),
            _ => _ = member.contact("Bob", "", "").await,
        }
        let last = owner.send(&channel, "so far", &[]).await.ok();
        for page in &mut pages {
            page.follow(&last["id"]).await;
            assert_eq!(page.rows, Page::list(page.user).await, "act {act}, {}", page.user.member_id);
        }
    }
}

async fn losing_access_ends_its_events(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.private_channel("plans").await;
    let path = format!("/api/channels/{channel}/members");
    owner.put(&path, json!({ "memberIds": [owner.member_id, member.member_id] })).await.ok();
    let mut heard = member.listen().await;
    owner.send(&channel, "one", &[]).await.ok();
    heard.next_named("message.created").await;
    owner.put(&path, json!({ "memberIds": [owner.member_id] })).await.ok();
    owner.send(&channel, "two", &[]).await.ok();
    let public = owner.channel("general").await;
    let third = owner.send(&public, "three", &[]).await.ok();
    assert_eq!(heard.next_named("message.created").await.data["messageId"], third["id"]);
}

/// A client that does not read keeps events waiting. What they bring is of the time when they are sent, and so are the permissions.
async fn a_stream_that_is_read_slowly_has_the_permissions_of_now(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let session = owner.get("/api/auth/session").await.ok();
    let organization: OrganizationId = text(&session["organization"]["id"]).parse().unwrap();
    let mut heard = member.listen().await;
    let sent = text(&owner.send(&channel, &"not secret ".repeat(30), &[]).await.ok()["id"]);
    let first = heard.next_named("message.created").await.id;
    let (channel_id, message_id) = (channel.parse().unwrap(), sent.parse().unwrap());
    // More than fits in the buffers of a connection, and not more than the server remembers.
    for _ in 0..1900 {
        live_event::publish(&app.platform, organization, LiveEvent::MessageChanged { channel_id, message_id }).await;
    }
    let mut slow = member.listen_from(&first).await;
    owner.delete(&format!("/api/members/{}", member.member_id)).await.ok();
    owner.send(&channel, "top secret", &[]).await.ok();
    while let Some(event) = slow.next_or_end().await {
        let row = event.conversation.unwrap_or_default().to_string();
        assert!(!row.contains("top secret"), "{row}");
    }
}

async fn missed_events_are_replayed_after_a_reconnect(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let mut heard = member.listen().await;
    owner.send(&channel, "one", &[]).await.ok();
    let last = heard.next_named("message.created").await;
    drop(heard);
    let second = owner.send(&channel, "two", &[]).await.ok();
    let third = owner.send(&channel, "three", &[]).await.ok();
    for mut again in [member.listen_from(&last.id).await, member.listen_after(&last.id).await] {
        for expected in [&second, &third] {
            assert_eq!(again.next_named("message.created").await.data["messageId"], expected["id"]);
        }
    }
}

async fn a_reconnect_continues_after_the_last_event_of_the_stream(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let mut heard = member.listen().await;
    let mut ids = Vec::new();
    for text in ["one", "two"] {
        owner.send(&channel, text, &[]).await.ok();
        ids.push(heard.next_named("message.created").await.id);
    }
    let third = owner.send(&channel, "three", &[]).await.ok();
    // A browser repeats the address that it opened.
    let request =
        member.request(Method::GET, &format!("/api/events?after={}", ids[0])).header("last-event-id", &ids[1]);
    let mut again = EventSource::open(request).await;
    assert_eq!(again.next_named("message.created").await.data["messageId"], third["id"]);
}

async fn an_unknown_last_event_causes_a_resync(app: TestApp) {
    let mut heard = app.owner().await.listen_from("00000000-0000-7000-8000-000000000000").await;
    assert_eq!(heard.next().await.name, "resync");
    for unreadable in ["bogus", ""] {
        let mut heard = app.owner().await.listen_from(unreadable).await;
        assert_eq!(heard.next().await.name, "resync", "{unreadable:?}");
    }
    for unreadable in ["since=yesterday", "after=bogus", "after="] {
        let request = app.owner().await.request(Method::GET, &format!("/api/events?{unreadable}"));
        assert_eq!(EventSource::open(request).await.next().await.name, "resync", "{unreadable}");
    }
}

async fn log_out_ends_the_event_stream(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let mut heard = member.listen().await;
    let mut elsewhere = owner.listen().await;
    member.poke("/api/auth/log-out").await;
    owner.send(&channel, "hello", &[]).await.ok();
    assert_eq!(elsewhere.next().await.name, "message.created", "others hear on, and nothing of the log-out");
    // Events published before the log-out may still arrive.
    while let Some(event) = heard.next_or_end().await {
        assert_ne!(event.name, "message.created");
    }
}

async fn a_page_receives_events_since_its_rendering(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    owner.send(&channel, "before the page", &[]).await.ok();
    app.advance(std::time::Duration::from_mins(1));
    let made_at = member.get("/api/auth/session").await.ok()["now"].as_str().unwrap().to_owned();
    let sent = owner.send(&channel, "before it listens", &[]).await.ok();
    let mut heard = member.listen_since(&made_at).await;
    assert_eq!(heard.next_named("message.created").await.data["messageId"], sent["id"]);
}

async fn the_server_ends_the_stream_when_it_stops(app: TestApp) {
    let mut heard = app.owner().await.listen().await;
    app.platform.stop();
    assert_eq!(heard.next_or_end().await, None);
}

async fn two_servers_hear_each_other(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let channel = owner.channel("general").await;
    let other = app.second_server().await;
    let (mut here, mut there) = (member.listen().await, member.at(&other.base).listen().await);
    for server in [&app.base, &other.base] {
        let sent = owner.at(server).send(&channel, "hello", &[]).await.ok();
        assert_eq!(here.next_named("message.created").await.data["messageId"], sent["id"]);
        assert_eq!(there.next_named("message.created").await.data["messageId"], sent["id"]);
    }
}

async fn a_session_and_an_upload_go_on_at_another_server(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let other = app.second_server().await;
    let elsewhere = owner.at(&other.base);
    let upload = owner.stage(&channel, "a.txt", "text/plain", b"a").await;
    let both = tokio::join!(owner.complete(&upload.id), elsewhere.complete(&upload.id));
    assert_eq!(both.0.ok(), both.1.ok());
    elsewhere.send(&channel, "", &[&upload.id]).await.ok();
    assert_eq!(owner.download(&upload.id, "").await.bytes, b"a");
}
