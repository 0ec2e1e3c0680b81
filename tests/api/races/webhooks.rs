//! A webhook that is changed while one of its deliveries is attempted: the event has arrived, and is not recorded yet.

use std::time::Duration;

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use serde_json::{Value, json};

use super::{is_reversed, rounds, run_job};
use crate::support::{Barrier, Program, Receiver, Reply, TestApp, meet_in_order, on_both_engines, text};

on_both_engines![
    a_delivery_during_a_rotation_is_signed_by_a_valid_secret,
    a_delivery_that_fails_while_its_webhook_is_disabled_is_not_retried,
    a_delivery_ends_with_its_webhook,
    a_webhook_is_deleted_during_its_last_failure,
    a_delivery_that_is_resent_while_it_is_attempted_keeps_its_id,
];

const DELIVER: &str = "deliver_webhook";
const DELIVERY: &str = "SELECT 1 FROM webhook_deliveries WHERE id = {id}";

struct Waiting {
    receiver: Receiver,
    webhook: String,
    delivery: String,
    secret: String,
}

/// Creates a webhook with a delivery that was not attempted yet.
async fn waiting(program: &Program) -> Waiting {
    let receiver = Receiver::start().await;
    let (webhook, secret) = program.webhook(&receiver.url, &["message.created"]).await;
    let delivery = program.call("POST", &format!("/webhooks/{webhook}/test"), None).await;
    assert_eq!(delivery.status, 202, "{}", delivery.text());
    Waiting { receiver, webhook, delivery: text(&delivery.json()["id"]), secret }
}

impl Waiting {
    fn path(&self) -> String {
        format!("/webhooks/{}", self.webhook)
    }

    /// Returns the delivery as the log shows it.
    async fn logged(&self, program: &Program) -> Value {
        let page = program.get(&format!("{}/deliveries", self.path())).await.ok();
        let found =
            page["deliveries"].as_array().expect("a list").iter().find(|row| row["id"] == self.delivery.as_str());
        found.expect("it is in the log").clone()
    }
}

/// Attempts the delivery and makes a call in the same moment, which of them is first by the round. Returns the status of the call.
async fn call_beside_attempt(
    app: &TestApp,
    program: &Program,
    waiting: &Waiting,
    round: usize,
    (method, path): (&'static str, String),
) -> u16 {
    let program = program.clone();
    let call = async move { program.call(method, &path, None).await.status };
    let attempt = run_job(app, DELIVER, &waiting.delivery);
    meet_in_order(app, (DELIVERY, &waiting.delivery), is_reversed(round), attempt, call).await.1
}

async fn set_up(app: &TestApp) -> (TestApp, Program) {
    let app = TestApp::start_with_webhooks(app.engines).await;
    let program = app.owner().await.program(&["webhooks:write", "messages:write"]).await;
    (app, program)
}

async fn run(app: &TestApp) {
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
}

async fn a_delivery_during_a_rotation_is_signed_by_a_valid_secret(app: TestApp) {
    let (app, program) = set_up(&app).await;
    for _ in 0..rounds() {
        let waiting = waiting(&program).await;
        let mut barrier = Barrier::hold(&app, DELIVERY, &waiting.delivery).await;
        let attempt = barrier.start(run_job(&app, DELIVER, &waiting.delivery)).await;
        let rotated = program.call("POST", &format!("{}/rotate-secret", waiting.path()), None).await.ok();
        barrier.release().await;
        attempt.await.expect("the attempt ends");
        let posts = waiting.receiver.take();
        assert_eq!((posts.len(), posts[0].signatures_by(&waiting.secret)), (1, 1));
        assert_eq!(waiting.logged(&program).await["state"], "delivered");
        program.call("POST", &format!("{}/test", waiting.path()), None).await;
        run(&app).await;
        let posts = waiting.receiver.take();
        let secret = text(&rotated["secret"]);
        assert_eq!(posts.len(), 1, "the first one is not sent again");
        assert_eq!((posts[0].signatures_by(&waiting.secret), posts[0].signatures_by(&secret)), (1, 1));
        program.call("DELETE", &waiting.path(), None).await;
    }
}

async fn a_delivery_that_fails_while_its_webhook_is_disabled_is_not_retried(app: TestApp) {
    let (app, program) = set_up(&app).await;
    for _ in 0..rounds() {
        let waiting = waiting(&program).await;
        waiting.receiver.reply([Reply::Status(500)]);
        let mut barrier = Barrier::hold(&app, DELIVERY, &waiting.delivery).await;
        let attempt = barrier.start(run_job(&app, DELIVER, &waiting.delivery)).await;
        let disabled = program.call("PATCH", &waiting.path(), Some(json!({ "enabled": false }))).await.ok();
        assert_eq!(disabled["disabledReason"], "manual");
        barrier.release().await;
        attempt.await.expect("the attempt ends");
        app.advance(Duration::from_secs(6));
        run(&app).await;
        // On SQLite it may have been disabled before.
        let count = waiting.receiver.take().len();
        assert!(count == 1 || (app.is_local_disk() && count == 0), "{count}");
        let logged = waiting.logged(&program).await;
        assert_eq!((&logged["state"], &logged["nextAttemptAt"]), (&json!("skipped"), &Value::Null));
        assert_eq!(program.get(&waiting.path()).await.ok()["disabledReason"], "manual");
        program.call("DELETE", &waiting.path(), None).await;
    }
}

async fn a_delivery_ends_with_its_webhook(app: TestApp) {
    let (app, program) = set_up(&app).await;
    for round in 0..rounds() {
        let waiting = waiting(&program).await;
        waiting.receiver.reply([Reply::Status(if round < 2 { 204 } else { 500 })]);
        let status = call_beside_attempt(&app, &program, &waiting, round, ("DELETE", waiting.path())).await;
        assert_eq!(status, 204);
        app.advance(Duration::from_secs(6));
        run(&app).await;
        assert!(waiting.receiver.all().len() <= 1, "nothing is sent for a webhook that was deleted");
        assert_eq!(app.counts(&["webhooks", "webhook_deliveries"], "").await, [0, 0]);
        assert_eq!(app.count(&format!("jobs WHERE name = '{DELIVER}'"), "").await, 0);
    }
}

/// The last failure disables the webhook, so both change the delivery and the webhook.
async fn a_webhook_is_deleted_during_its_last_failure(app: TestApp) {
    let (app, program) = set_up(&app).await;
    for round in 0..rounds() {
        let waiting = waiting(&program).await;
        waiting.receiver.reply([Reply::Status(500)]);
        app.sql("UPDATE webhook_deliveries SET failures = 76 WHERE id = {id}", &waiting.delivery).await;
        let status = call_beside_attempt(&app, &program, &waiting, round, ("DELETE", waiting.path())).await;
        assert_eq!(status, 204);
        assert_eq!(app.counts(&["webhooks", "webhook_deliveries"], "").await, [0, 0]);
    }
}

async fn a_delivery_that_is_resent_while_it_is_attempted_keeps_its_id(app: TestApp) {
    let (app, program) = set_up(&app).await;
    for round in 0..rounds() {
        let waiting = waiting(&program).await;
        waiting.receiver.reply([Reply::Status(500)]);
        let path = format!("{}/deliveries/{}/resend", waiting.path(), waiting.delivery);
        let status = call_beside_attempt(&app, &program, &waiting, round, ("POST", path)).await;
        assert_eq!(status, 202);
        app.advance(Duration::from_secs(6));
        run(&app).await;
        let ids: Vec<_> = waiting.receiver.take().into_iter().map(|post| post.id).collect();
        assert_eq!(ids, [waiting.delivery.as_str(); 2]);
        assert_eq!(waiting.logged(&program).await["state"], "delivered");
        program.call("DELETE", &waiting.path(), None).await;
    }
}
