//! HTTP routes that manage share links. `public.rs` has the pages of links.

use super::model::{CreatedShareLink, NewShareLink, ShareLink};
use crate::ids::{AttachmentId, MessageId, ShareLinkId};
use crate::platform::error::{AppError, Result};
use crate::platform::json::{Body, NoBody};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {
    super::service, crate::people::organizations::service::Member, crate::platform::Platform,
    crate::platform::http::BaseUrl,
};

/// Creates a link to a file, or to the files of a message. This is the only response with its URL.
#[post("/api/share-links", platform: Platform, member: Member, base: BaseUrl)]
pub async fn create_share_link(body: Body<NewShareLink>) -> Result<CreatedShareLink, AppError> {
    service::create(&platform, &member, &base.0, body.0).await
}

/// Lists links, latest first, 50 at a time: `before` is the id of the last one of the page before.
#[get("/api/share-links?attachment&message&before", platform: Platform, member: Member)]
pub async fn list_share_links(
    attachment: Option<AttachmentId>,
    message: Option<MessageId>,
    before: Option<ShareLinkId>,
) -> Result<Vec<ShareLink>, AppError> {
    service::list(&platform, &member, attachment, message, before).await
}

/// Revokes a link immediately.
#[post("/api/share-links/{id}/revoke", platform: Platform, member: Member)]
pub async fn revoke_share_link(id: ShareLinkId, body: NoBody) -> Result<ShareLink, AppError> {
    let _ = body;
    service::revoke(&platform, &member, id).await
}
