//! HTTP routes of emoji. New ones begin at `POST /api/uploads/presign`.

use super::model::{CustomEmoji, EmojiGroup};
use crate::ids::EmojiId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::NoBody;
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::service,
    crate::people::organizations::service::Member,
    crate::platform::Platform,
    crate::platform::http::add_header,
    axum::http::header::{CACHE_CONTROL, HeaderValue},
};

/// Lists the custom emoji in use, by name.
#[get("/api/emoji", platform: Platform, member: Member)]
pub async fn list_emoji() -> Result<Vec<CustomEmoji>, AppError> {
    service::live(&platform, &member).await
}

/// Lists removed emoji, latest first.
#[get("/api/emoji/removed", platform: Platform, member: Member)]
pub async fn list_removed_emoji() -> Result<Vec<CustomEmoji>, AppError> {
    service::removed(&platform, &member).await
}

#[delete("/api/emoji/{id}", platform: Platform, member: Member)]
pub async fn remove_emoji(id: EmojiId) -> Result<CustomEmoji, AppError> {
    service::remove(&platform, &member, id).await
}

#[post("/api/emoji/{id}/restore", platform: Platform, member: Member)]
pub async fn restore_emoji(id: EmojiId, body: NoBody) -> Result<CustomEmoji, AppError> {
    let _ = body;
    service::restore(&platform, &member, id).await
}

/// Returns Unicode's emoji, for pickers. The same for everyone, so browsers cache it for a day.
#[get("/api/emoji/unicode")]
#[cfg_attr(feature = "server", expect(clippy::unused_async, reason = "what a server function is"))]
pub async fn unicode_emoji() -> Result<Vec<EmojiGroup>, AppError> {
    add_header(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    Ok(service::unicode())
}
