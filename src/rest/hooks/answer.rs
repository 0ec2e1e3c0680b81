//! Responses to programs that post to an incoming URL: what each expects from the service that it knows.

use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::conversations::hooks::shapes::Format;
use crate::rest::messages::Message;

/// The response that the query of a URL asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Whether a Discord client wants the message.
    waits: bool,
}

impl Wish {
    pub fn of(uri: &Uri) -> Self {
        let mut pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self { waits: pairs.any(|(name, value)| name == "wait" && value == "true") }
    }
}

/// Returns the response to a message that was sent; `None`: to a request that became no message.
pub fn answer(format: Format, wish: Wish, message: Option<&Message>) -> Response {
    match (format, message) {
        (Format::Slack, _) => "ok".into_response(),
        (Format::Discord, Some(message)) if wish.waits => axum::Json(discord(message)).into_response(),
        (Format::Discord, _) => StatusCode::NO_CONTENT.into_response(),
        (Format::Other, message) => axum::Json(json!({ "id": message.map(|message| message.id) })).into_response(),
    }
}

/// The fields of Discord's message that clients read.
fn discord(message: &Message) -> serde_json::Value {
    json!({
        "id": message.id,
        "type": 0,
        "channel_id": message.bucket_id,
        "webhook_id": message.author.id,
        "author": { "id": message.author.id, "username": message.author.name, "bot": true },
        "content": message.body,
        "timestamp": message.created_at,
        "embeds": [],
        "attachments": [],
    })
}
