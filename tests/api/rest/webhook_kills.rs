//! The server is killed while it delivers: the event is delivered by the next one, with the same id.

use std::collections::BTreeMap;

use crate::support::{Installation, PASSWORD, Receiver, Reply, User, as_process_on_both_engines, end_leases, until};

use serde_json::{Value, json};

as_process_on_both_engines![
    an_event_that_was_cut_off_is_delivered_with_its_id,
    events_before_a_kill_are_delivered_after_it,
];

fn allowed() -> BTreeMap<&'static str, String> {
    BTreeMap::from([("WEBHOOK_ALLOWED_HOSTS", "127.0.0.1".to_owned())])
}

async fn owner_at(base: &str) -> User {
    let owner = User::new(base);
    let body = json!({ "name": "O", "email": "o@example.com", "password": PASSWORD, "organization": "O" });
    owner.post("/api/auth/sign-up", body).await.ok();
    owner
}

async fn an_event_that_was_cut_off_is_delivered_with_its_id(installation: Installation) {
    let receiver = Receiver::start().await;
    let server = installation.start_with(&allowed());
    let owner = owner_at(&server.base).await;
    let (_, secret) = owner.program(&["webhooks:write"]).await.webhook(&receiver.url, &["message.created"]).await;
    let channel = owner.channel("dispatch").await;
    receiver.reply([Reply::Never]);
    owner.send(&channel, "Hello", &[]).await.ok();
    until("the delivery has arrived", async || receiver.all().len() == 1).await;
    server.kill();
    end_leases(&installation).await;

    let _server = installation.start_with(&allowed());
    until("it arrives again", async || receiver.all().len() == 2).await;
    let all = receiver.all();
    assert_eq!((&all[0].id, &all[0].body), (&all[1].id, &all[1].body));
    assert_eq!(all[1].signatures_by(&secret), 1);
}

async fn events_before_a_kill_are_delivered_after_it(installation: Installation) {
    let receiver = Receiver::start().await;
    let server = installation.start_with(&allowed());
    let owner = owner_at(&server.base).await;
    owner.program(&["webhooks:write"]).await.webhook(&receiver.url, &["message.created"]).await;
    let channel = owner.channel("dispatch").await;
    for number in 0..10 {
        owner.send(&channel, &number.to_string(), &[]).await.ok();
    }
    // In the middle of dispatching and delivering.
    server.kill();
    end_leases(&installation).await;

    let _server = installation.start_with(&allowed());
    let bodies = || {
        let mut bodies: Vec<Value> =
            receiver.all().iter().map(|received| received.json()["data"]["body"].clone()).collect();
        bodies.sort_by_key(Value::to_string);
        bodies.dedup();
        bodies.len()
    };
    until("all are delivered", async || bodies() == 10).await;
    let mut ids: Vec<_> = receiver.all().into_iter().map(|received| received.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 10, "an event has one id, however often it is sent");
}
