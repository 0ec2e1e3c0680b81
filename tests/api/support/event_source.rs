//! A client of `GET /api/events`.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use reqwest::RequestBuilder;
use serde_json::Value;

/// Timeout for an expected event.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedEvent {
    pub id: String,
    pub name: String,
    /// Without the row of the conversation.
    pub data: Value,
    pub conversation: Option<Value>,
}

pub struct EventSource {
    bytes: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    buffer: String,
}

impl EventSource {
    /// Opens the stream. Returns once the server listens: later events are not missed.
    pub async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no", "nginx would buffer it");
        let mut source = Self { bytes: Box::pin(response.bytes_stream()), buffer: String::new() };
        let hello = source.block().await.expect("the stream stays open");
        assert!(hello.starts_with(": listening"), "{hello}");
        source
    }

    /// Returns the next block of lines; `None` if the server has closed the stream.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                return Some(block);
            }
            let next = tokio::time::timeout(PATIENCE, self.bytes.next()).await.expect("an event comes in time");
            let chunk = next?.ok()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).expect("events are UTF-8"));
        }
    }

    /// Returns the next event; `None` if the stream has ended.
    pub async fn next_or_end(&mut self) -> Option<ReceivedEvent> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                let lines = block.lines().filter_map(|line| line.split_once(": "));
                lines.filter(|(key, _)| *key == name).map(|(_, value)| value).collect::<Vec<_>>().join("\n")
            };
            let name = field("event");
            if !name.is_empty() && name != "heartbeat" {
                let mut data: Value = serde_json::from_str(&field("data")).expect("data is JSON");
                let conversation = data.as_object_mut().and_then(|data| data.remove("conversation"));
                return Some(ReceivedEvent { id: field("id"), name, data, conversation });
            }
        }
    }

    pub async fn next(&mut self) -> ReceivedEvent {
        self.next_or_end().await.expect("the stream stays open")
    }

    /// Returns the next event with this name; skips others.
    pub async fn next_named(&mut self, name: &str) -> ReceivedEvent {
        loop {
            let heard = self.next().await;
            if heard.name == name {
                return heard;
            }
        }
    }
}
