//! HTTP routes of incoming URLs, for the panel of a bucket. What is sent to the URLs arrives at `rest::hooks`.

use super::model::{CreatedHook, Hook, HookChanges, HookPreview, NewHook, TryOut};
use crate::ids::{ChannelId, HookId};
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::service, crate::people::organizations::service::Member, crate::platform::Platform,
    crate::platform::http::BaseUrl,
};

/// Creates an incoming URL. This is the only response with the URL.
#[post("/api/buckets/{id}/hooks", platform: Platform, member: Member, base: BaseUrl)]
pub async fn create_hook(id: ChannelId, body: Body<NewHook>) -> Result<CreatedHook, AppError> {
    service::create(&platform, &member, &base.0, id, body.0).await
}

/// Lists the incoming URLs of a bucket, newest first.
#[get("/api/buckets/{id}/hooks", platform: Platform, member: Member)]
pub async fn list_hooks(id: ChannelId) -> Result<Vec<Hook>, AppError> {
    service::list(&platform, &member, id).await
}

/// Changes the template of an incoming URL.
#[patch("/api/buckets/{id}/hooks/{hook}", platform: Platform, member: Member)]
pub async fn change_hook(id: ChannelId, hook: HookId, body: Body<HookChanges>) -> Result<Hook, AppError> {
    service::change(&platform, &member, id, hook, body.0).await
}

/// Revokes an incoming URL. It is invalid from this response on.
#[post("/api/buckets/{id}/hooks/{hook}/revoke", platform: Platform, member: Member)]
pub async fn revoke_hook(id: ChannelId, hook: HookId, body: NoBody) -> Result<(), AppError> {
    let _ = body;
    service::revoke(&platform, &member, id, hook).await
}

/// Returns the message that a JSON body would become. Nothing is sent.
#[post("/api/buckets/{id}/hooks/preview", platform: Platform, member: Member)]
pub async fn preview_hook(id: ChannelId, body: Body<TryOut>) -> Result<HookPreview, AppError> {
    service::preview(&platform, &member, id, &body.0).await
}
