//! The demonstration data has a sample of everything.

use attache::admin::demo;
use serde_json::json;

use crate::support::{Engines, Program, TestApp, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_has_posted_into_a_bucket() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    demo::fill(&app.platform).await.expect("the demonstration can be written");
    let account = json!({ "email": "mara@example.com", "password": "harbour lane demo" });
    let tokens = app.anonymous().post("/api/v1/auth/login", account).await.ok();
    let mara = Program::new(&app.base, &text(&tokens["accessToken"]));
    let messages = mara.get("/messages?bucketId=Alarms").await.ok()["messages"].clone();
    let kinds: Vec<_> = messages.as_array().expect("a list").iter().map(|message| &message["deliveryType"]).collect();
    assert_eq!(kinds, ["NORMAL", "CRITICAL", "SILENT"]);
    assert!(messages[0]["createdAt"].as_str() > messages[1]["createdAt"].as_str());
    assert_eq!(messages[1]["author"]["kind"], "token");
    assert_eq!(messages[1]["attachments"][0]["name"], "sensor-4.jpg");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_has_answered_a_file_request() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    demo::fill(&app.platform).await.expect("the demonstration can be written");
    let mara = app.anonymous();
    let account = json!({ "email": "mara@example.com", "password": "harbour lane demo" });
    mara.post("/api/auth/log-in", account).await.ok();
    let requests = mara.get("/api/file-requests").await.ok();
    assert_eq!((&requests[0]["receivedFiles"], requests[0]["openedAt"].is_string()), (&json!(2), true), "{requests}");
    let messages = mara.messages(&text(&requests[0]["channelId"])).await;
    assert_eq!(
        (&messages[0]["author"]["name"], &messages[1]["fileRequest"]["id"]),
        (&json!("Marcus Reed"), &requests[0]["id"])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_has_delivered_messages() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    demo::fill(&app.platform).await.expect("the demonstration can be written");
    let account = json!({ "email": "mara@example.com", "password": "harbour lane demo" });
    let tokens = app.anonymous().post("/api/v1/auth/login", account).await.ok();
    let mara = Program::new(&app.base, &text(&tokens["accessToken"]));
    let find = async |phone: &str| {
        let found = mara.get(&format!("/contacts?phone={phone}")).await.ok()["contacts"][0].clone();
        let messages = mara.get(&format!("/messages?bucketId={}", text(&found["channelId"]))).await.ok();
        (found, messages["messages"].as_array().expect("a list").clone())
    };
    let (jane, messages) = find("%2B15551234567").await;
    assert_eq!(jane["email"], "jane.doe@example.com");
    let statuses: Vec<_> = messages.iter().filter_map(|message| message["deliveryStatus"].as_str()).collect();
    assert_eq!(statuses, ["delivered", "delivered", "read"]);
    let (_, messages) = find("%2B15553109034").await;
    let failed = messages.iter().find(|message| message["deliveryStatus"] == "failed").expect("one failed");
    assert_eq!(failed["deliveryError"], "The phone is switched off.");
    let feed = app.anonymous();
    feed.post("/api/auth/log-in", json!({ "email": "mara@example.com", "password": "harbour lane demo" })).await.ok();
    let feed = feed.get(&format!("/api/channels/{}/feed", text(&jane["channelId"]))).await.ok();
    assert_eq!(feed["repliesStay"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_has_a_log_and_sends_nothing() {
    let app = TestApp::start(Engines::SqliteLocal).await;
    demo::fill(&app.platform).await.expect("the demonstration can be written");
    let mara = app.anonymous();
    let account = json!({ "email": "mara@example.com", "password": "harbour lane demo" });
    mara.post("/api/auth/log-in", account).await.ok();
    let webhooks = mara.get("/api/webhooks").await.ok();
    assert_eq!((&webhooks[0]["enabled"], &webhooks[0]["lastDelivery"]["status"]), (&json!(false), &json!(200)));
    let log = mara.get(&format!("/api/webhooks/{}/deliveries", text(&webhooks[0]["id"]))).await.ok();
    assert_eq!(log.as_array().expect("a list").len(), 5);
    assert!(log.as_array().unwrap().iter().any(|delivery| delivery["type"] == "file_request.received"), "{log}");
}
