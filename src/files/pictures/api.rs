//! HTTP routes of pictures and bots. Uploads begin at `POST /api/uploads/presign`, as those of files do.

use super::model::{Bot, NewBot, Picture, PicturesLeft};
use crate::ids::{BotId, PictureId};
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::bots, super::complete::complete, super::presign::uploads_left, super::service,
    crate::people::organizations::service::Member, crate::platform::Platform,
};

/// Completes an upload. The server checks the bytes, then shows the picture.
#[post("/api/pictures/{id}/complete", platform: Platform, member: Member)]
pub async fn complete_picture(id: PictureId, body: NoBody) -> Result<Picture, AppError> {
    let _ = body;
    complete(&platform, &member, id).await
}

/// Removes the picture of a person, bot or organization.
#[delete("/api/pictures/{id}", platform: Platform, member: Member)]
pub async fn remove_picture(id: PictureId) -> Result<(), AppError> {
    service::remove(&platform, &member, id).await
}

/// Returns how many more pictures the caller can upload now.
#[get("/api/uploads/pictures-left", platform: Platform, member: Member)]
pub async fn pictures_left() -> Result<PicturesLeft, AppError> {
    uploads_left(&platform, &member).await
}

#[post("/api/bots", platform: Platform, member: Member)]
pub async fn create_bot(body: Body<NewBot>) -> Result<Bot, AppError> {
    bots::create(&platform, &member, body.0).await
}

/// Lists bots by age, 100 at a time: `after` is the id of the last one of the page before.
#[get("/api/bots?after", platform: Platform, member: Member)]
pub async fn list_bots(after: Option<BotId>) -> Result<Vec<Bot>, AppError> {
    bots::list(&platform, &member, after).await
}

/// Renames a bot.
#[patch("/api/bots/{id}", platform: Platform, member: Member)]
pub async fn rename_bot(id: BotId, body: Body<NewBot>) -> Result<Bot, AppError> {
    bots::rename(&platform, &member, id, body.0).await
}

/// Removes a bot and its picture, and invalidates its tokens.
#[delete("/api/bots/{id}", platform: Platform, member: Member)]
pub async fn remove_bot(id: BotId) -> Result<(), AppError> {
    bots::remove(&platform, &member, id).await
}
