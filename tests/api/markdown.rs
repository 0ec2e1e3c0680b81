//! Markdown of messages: the source is stored, and previews, quotes and hits show the words.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines, text};

on_both_engines![previews_and_quotes_show_words, searches_find_words_and_marks];

const SOURCE: &str = "The **boiler** room, see [the plan](https://example.com/plan_b)\n- `valve`\n- _pump_";

async fn previews_and_quotes_show_words(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.send(&channel, SOURCE, &[]).await.ok();
    assert_eq!(first["body"], SOURCE);
    let preview = async || owner.get("/api/conversations?kind=team").await.ok()[0]["lastMessage"]["text"].clone();
    assert_eq!(preview().await, "The boiler room, see the plan\n• valve\n• pump");
    let reply = json!({ "body": "Yes", "replyTo": first["id"] });
    let reply = owner.post(&format!("/api/channels/{channel}/messages"), reply).await.ok();
    assert_eq!(reply["replyTo"]["text"], "The boiler room, see the plan");
    // A block of code that is longer than what a preview reads.
    let code = format!("```\n{}\n```", "x = 1\n".repeat(1000));
    let long = owner.send(&channel, &code, &[]).await.ok();
    assert!(preview().await.as_str().unwrap().starts_with("x = 1\nx = 1"));
    let reply = json!({ "body": "Yes", "replyTo": long["id"] });
    let reply = owner.post(&format!("/api/channels/{channel}/messages"), reply).await.ok();
    assert_eq!(reply["replyTo"]["text"], "x = 1");
    let unclear = "2 * 3 * 4 and snake_case_name";
    owner.send(&channel, unclear, &[]).await.ok();
    assert_eq!(preview().await, unclear);
}

async fn searches_find_words_and_marks(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let message = owner.send(&channel, SOURCE, &[]).await.ok();
    let found = async |search: &str| {
        let path = format!("/api/channels/{channel}/found?search={search}");
        owner.get(&path).await.ok().as_array().unwrap().clone()
    };
    for search in ["boiler", "%22boiler%20room%22", "%22the%20plan%22", "pump"] {
        let hits = found(search).await;
        assert_eq!(hits.len(), 1, "{search}");
        assert!(!hits[0]["excerpt"].to_string().contains("**"), "{search}");
    }
    // In the source only.
    for search in ["**boiler**", "example.com/plan_b"] {
        assert_eq!(found(search).await[0]["excerpt"]["hit"], json!(search));
    }
    owner.patch(&format!("/api/messages/{}", text(&message["id"])), json!({ "body": "A *cold* cellar" })).await.ok();
    assert_eq!(found("%22cold%20cellar%22").await[0]["excerpt"]["hit"], "cold cellar");
    assert_eq!(found("boiler").await, Vec::<Value>::new());
}
