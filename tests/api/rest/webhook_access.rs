//! Webhooks and event streams show only what their owner can view at that moment: access that ends between an event and
//! its delivery, a retry, a resend or a replay.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{EventSource, PASSWORD, Program, Receiver, Reply, TestApp, User, on_both_engines, text};

on_both_engines![
    a_channel_that_the_owner_was_removed_from_is_not_sent,
    a_contact_that_is_no_longer_assigned_is_not_sent,
    a_replay_has_only_what_can_be_viewed_now,
    deliveries_of_a_demoted_member_are_skipped,
    deliveries_of_a_removed_member_are_skipped,
    a_removed_bot_ends_its_streams_and_not_the_webhooks_of_its_member,
    a_bound_token_reads_no_log_of_other_conversations,
    a_webhook_that_was_restricted_sends_nothing_of_other_conversations,
];

const SCOPES: [&str; 4] = ["webhooks:write", "messages:read", "messages:write", "contacts:read"];
const ALL: [&str; 4] = ["message.created", "message.updated", "contact.created", "contact.updated"];

async fn run(app: &TestApp) {
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

/// Runs the jobs until a failed delivery is retried for the first time.
async fn run_retry(app: &TestApp) {
    app.advance(Duration::from_secs(6));
    run(app).await;
}

async fn deliveries(program: &Program, webhook: &str) -> Vec<Value> {
    let page = program.get(&format!("/webhooks/{webhook}/deliveries")).await.ok();
    page["deliveries"].as_array().expect("a list").clone()
}

#[track_caller]
fn assert_skipped(delivery: &Value) {
    assert_eq!((&delivery["state"], &delivery["nextAttemptAt"]), (&json!("skipped"), &Value::Null), "{delivery}");
    assert!(text(&delivery["error"]).contains("can't view it any more"), "{delivery}");
}

async fn set_members(user: &User, channel: &str, members: &[&User]) {
    let ids: Vec<_> = members.iter().map(|member| member.member_id.clone()).collect();
    user.put(&format!("/api/channels/{channel}/members"), json!({ "memberIds": ids })).await.ok();
}

async fn assign(owner: &User, contact: &Value, members: &[&User]) {
    let ids: Vec<_> = members.iter().map(|member| member.member_id.clone()).collect();
    owner.put(&format!("/api/contacts/{}/members", text(&contact["id"])), json!({ "memberIds": ids })).await.ok();
}

/// Returns a member who manages the organization and views assigned contacts only.
async fn manager_of_assigned_contacts(app: &TestApp) -> User {
    let permissions =
        ["Organization:Manage", "Contact:ViewAssigned", "Channel:View", "Message:Send", "Message:ViewAttachment"];
    app.owner().await.post("/api/roles", json!({ "name": "keeper", "permissions": permissions })).await.ok();
    app.invited("keeper", "Kim Keeper").await
}

async fn a_channel_that_the_owner_was_removed_from_is_not_sent(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let (receiver, program) = (Receiver::start().await, admin.program(&SCOPES).await);
    let (webhook, _) = program.webhook(&receiver.url, &ALL).await;
    let channel = owner.private_channel("plans").await;
    set_members(&owner, &channel, &[&owner, &admin]).await;
    receiver.reply([Reply::Status(500)]);
    owner.send(&channel, "seen", &[]).await.ok();
    run(&app).await;
    assert_eq!(receiver.take().len(), 1);
    // One is to be retried, and the other was not checked yet.
    owner.send(&channel, "not seen", &[]).await.ok();
    set_members(&owner, &channel, &[&owner]).await;
    run_retry(&app).await;
    assert_eq!(receiver.take().len(), 0);
    let logged = deliveries(&program, &webhook).await;
    assert_eq!(logged.len(), 1, "nothing is created for an event that can't be viewed");
    assert_skipped(&logged[0]);
    // By hand too, until the owner is back.
    let resend = format!("/webhooks/{webhook}/deliveries/{}/resend", text(&logged[0]["id"]));
    assert_eq!(program.call("POST", &resend, None).await.status, 202);
    run(&app).await;
    assert_skipped(&deliveries(&program, &webhook).await[0]);
    set_members(&owner, &channel, &[&owner, &admin]).await;
    assert_eq!(program.call("POST", &resend, None).await.status, 202);
    run(&app).await;
    let posts = receiver.take();
    assert_eq!((posts.len(), &posts[0].json()["data"]["body"]), (1, &json!("seen")));
    assert_eq!(logged[0]["id"], posts[0].id.as_str());
}

async fn a_contact_that_is_no_longer_assigned_is_not_sent(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let keeper = manager_of_assigned_contacts(&app).await;
    let (receiver, program) = (Receiver::start().await, keeper.program(&SCOPES).await);
    let (webhook, _) = program.webhook(&receiver.url, &ALL).await;
    let jane = owner.contact("Jane", "Doe", "+15551234567").await;
    let channel = text(&jane["channelId"]);
    owner.send(&channel, "before the assignment", &[]).await.ok();
    run(&app).await;
    assert_eq!(receiver.take().len(), 0);
    assign(&owner, &jane, &[&keeper]).await;
    receiver.reply([Reply::Status(500), Reply::Status(500)]);
    owner.send(&channel, "assigned", &[]).await.ok();
    owner.patch(&format!("/api/contacts/{}", text(&jane["id"])), json!({ "company": "Harbor Lane" })).await.ok();
    run(&app).await;
    assert_eq!(receiver.take().len(), 2);
    assign(&owner, &jane, &[]).await;
    run_retry(&app).await;
    assert_eq!(receiver.take().len(), 0);
    let logged = deliveries(&program, &webhook).await;
    assert_eq!(logged.len(), 2);
    logged.iter().for_each(assert_skipped);
}

async fn a_replay_has_only_what_can_be_viewed_now(app: TestApp) {
    let (owner, admin) = (app.owner().await, app.admin().await);
    let keeper = manager_of_assigned_contacts(&app).await;
    let jane = owner.contact("Jane", "Doe", "+15551234567").await;
    let (private, public) = (owner.private_channel("plans").await, owner.channel("dispatch").await);
    set_members(&owner, &private, &[&owner, &admin]).await;
    assign(&owner, &jane, &[&keeper]).await;
    for (channel, body) in [(&private, "private"), (&text(&jane["channelId"]), "of a contact"), (&public, "public")] {
        owner.send(channel, body, &[]).await.ok();
    }
    let programs = [admin.program(&["messages:read"]).await, keeper.program(&["messages:read"]).await];
    assert_shown(&programs[0], &["private", "of a contact", "public"]).await;
    assert_shown(&programs[1], &["of a contact", "public"]).await;
    set_members(&owner, &private, &[&owner]).await;
    assign(&owner, &jane, &[]).await;
    assert_shown(&programs[0], &["of a contact", "public"]).await;
    assert_shown(&programs[1], &["public"]).await;
}

/// Asserts the texts that a stream replays, and that a list of all messages has.
async fn assert_shown(program: &Program, expected: &[&str]) {
    assert_eq!(replayed(program, expected.len()).await, expected);
    let page = program.get("/messages").await.ok();
    let messages = page["messages"].as_array().expect("a list").iter().rev();
    assert_eq!(messages.map(|message| text(&message["body"])).collect::<Vec<_>>(), expected);
}

/// Returns the texts of the first events of a stream that replays all.
async fn replayed(program: &Program, count: usize) -> Vec<String> {
    let request = program.request(Method::GET, "/events").header("last-event-id", "0");
    let mut events = EventSource::open(request).await;
    let mut bodies = Vec::new();
    while bodies.len() < count {
        bodies.push(text(&events.next().await.data["data"]["body"]));
    }
    bodies
}

async fn deliveries_of_a_demoted_member_are_skipped(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let receiver = Receiver::start().await;
    admin.program(&SCOPES).await.webhook(&receiver.url, &ALL).await;
    let channel = owner.channel("dispatch").await;
    receiver.reply([Reply::Status(500)]);
    owner.send(&channel, "as an admin", &[]).await.ok();
    run(&app).await;
    let role = async |role: &str| {
        owner.patch(&format!("/api/members/{}", admin.member_id), json!({ "role": role })).await.ok();
    };
    role("member").await;
    owner.send(&channel, "as a member", &[]).await.ok();
    run_retry(&app).await;
    assert_eq!(receiver.take().len(), 1);
    assert_eq!(app.count("webhook_deliveries WHERE state = 'skipped'", "").await, 1);
    // What happened in between is not sent later.
    role("admin").await;
    owner.send(&channel, "as an admin again", &[]).await.ok();
    run_retry(&app).await;
    let posts = receiver.take();
    assert_eq!((posts.len(), &posts[0].json()["data"]["body"]), (1, &json!("as an admin again")));
}

async fn deliveries_of_a_removed_member_are_skipped(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let receiver = Receiver::start().await;
    let (webhook, _) = admin.program(&SCOPES).await.webhook(&receiver.url, &ALL).await;
    let channel = owner.channel("dispatch").await;
    receiver.reply([Reply::Status(500)]);
    owner.send(&channel, "before", &[]).await.ok();
    run(&app).await;
    assert_eq!(receiver.take().len(), 1);
    owner.delete(&format!("/api/members/{}", admin.member_id)).await.ok();
    owner.send(&channel, "while they are away", &[]).await.ok();
    run_retry(&app).await;
    assert_eq!(receiver.take().len(), 0);
    let counts = ["webhook_deliveries WHERE state = 'skipped'", "webhook_deliveries"];
    assert_eq!(app.counts(&counts, "").await, [1, 1]);
    // A returning member enables it, and it starts with the next event.
    let token = owner.invite_token("admin").await;
    let join = json!({ "token": token, "name": "Adam Admin", "email": admin.email, "password": PASSWORD });
    app.anonymous().post("/api/invites/accept", join).await.ok();
    let program = admin.another_device().await.program(&SCOPES).await;
    let path = format!("/webhooks/{webhook}");
    assert_eq!(program.get(&path).await.ok()["disabledReason"], "owner_removed");
    program.call("PATCH", &path, Some(json!({ "enabled": true }))).await.ok();
    owner.send(&channel, "after", &[]).await.ok();
    run_retry(&app).await;
    let posts = receiver.take();
    assert_eq!((posts.len(), &posts[0].json()["data"]["body"]), (1, &json!("after")));
}

async fn a_removed_bot_ends_its_streams_and_not_the_webhooks_of_its_member(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let owner = app.owner().await;
    let bot = text(&owner.post("/api/bots", json!({ "name": "Robin" })).await.ok()["id"]);
    let token = json!({ "name": "robin", "scopes": ["webhooks:write", "messages:read"], "botId": bot });
    let program = Program::new(&app.base, &text(&owner.access_token(token).await["secret"]));
    let receiver = Receiver::start().await;
    program.webhook(&receiver.url, &ALL).await;
    let channel = owner.channel("dispatch").await;
    let mut events = EventSource::open(program.request(Method::GET, "/events")).await;
    receiver.reply([Reply::Status(500)]);
    owner.send(&channel, "before", &[]).await.ok();
    run(&app).await;
    assert_eq!(events.next().await.data["data"]["body"], "before");
    owner.delete(&format!("/api/bots/{bot}")).await.ok();
    owner.send(&channel, "after", &[]).await.ok();
    assert_eq!(events.next_or_end().await, None);
    program.get("/webhooks").await.refused(401, "unauthenticated");
    // It belongs to the member, who still may have it.
    run_retry(&app).await;
    let mut bodies: Vec<_> = receiver.take().iter().map(|post| text(&post.json()["data"]["body"])).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["after", "before", "before"]);
}

/// A webhook that sent events of two conversations, and was then restricted to one of them.
struct Restricted {
    program: Program,
    receiver: Receiver,
    webhook: String,
    /// The conversation that it is restricted to.
    here: String,
    elsewhere: String,
}

async fn restricted(app: &TestApp, replies: [Reply; 2]) -> Restricted {
    let owner = app.owner().await;
    let (receiver, program) = (Receiver::start().await, owner.program(&SCOPES).await);
    let (webhook, _) = program.webhook(&receiver.url, &ALL).await;
    let (here, elsewhere) = (owner.channel("here").await, owner.channel("elsewhere").await);
    receiver.reply(replies);
    owner.send(&here, "here", &[]).await.ok();
    owner.send(&elsewhere, "secret", &[]).await.ok();
    run(app).await;
    assert_eq!(receiver.take().len(), 2);
    let change = json!({ "channelId": here });
    program.call("PATCH", &format!("/webhooks/{webhook}"), Some(change)).await.ok();
    Restricted { program, receiver, webhook, here, elsewhere }
}

async fn a_bound_token_reads_no_log_of_other_conversations(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let Restricted { program, webhook, here, .. } = restricted(&app, [Reply::Status(204), Reply::Status(204)]).await;
    assert_eq!(deliveries(&program, &webhook).await.len(), 2, "its owner reads all of it");
    let bound = app.owner().await.bound_program(&SCOPES, &here).await;
    let logged = deliveries(&bound, &webhook).await;
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(text(&logged[0]["request"]).contains("here") && !text(&logged[0]["request"]).contains("secret"));
}

async fn a_webhook_that_was_restricted_sends_nothing_of_other_conversations(app: TestApp) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let Restricted { program, receiver, webhook, here, elsewhere } =
        restricted(&app, [Reply::Status(500), Reply::Status(500)]).await;
    app.owner().await.send(&elsewhere, "secret too", &[]).await.ok();
    run_retry(&app).await;
    let posts = receiver.take();
    assert_eq!((posts.len(), &posts[0].json()["data"]["bucketId"]), (1, &json!(here)));
    // Neither by hand: a token of this conversation could change the URL first.
    for delivery in deliveries(&program, &webhook).await {
        let resend = format!("/webhooks/{webhook}/deliveries/{}/resend", text(&delivery["id"]));
        program.call("POST", &resend, None).await;
    }
    run(&app).await;
    let posts = receiver.take();
    assert_eq!((posts.len(), &posts[0].json()["data"]["bucketId"]), (1, &json!(here)));
}
