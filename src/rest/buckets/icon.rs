//! `GET /buckets/{id}/icon`

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;

use crate::conversations::buckets::service;
use crate::conversations::buckets::service::Icon;
use crate::files::attachments::serve::{Visibility, respond, respond_public, respond_with_drawing};
use crate::files::attachments::service::{prepare, prepare_public};
use crate::ids::ChannelId;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{ErrorKind, Result};
use crate::rest::body::Path;
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;

/// Returns the icon of a bucket: its picture, or an icon drawn from name and color.
///
/// Public while the bucket's public downloads are on. Otherwise it requires an access token or a browser session that
/// can view the bucket.
#[utoipa::path(
    get,
    path = "/buckets/{id}/icon",
    tag = "Buckets",
    params(("id" = ChannelId, Path, description = "The ID of the bucket.")),
    responses(
        (status = 200, description = "The picture or the drawn icon.", content_type = "image/*"),
        (status = 304, description = "Not modified."),
        (status = 404, description = "The bucket doesn't exist, or you don't have access to it.", body = ErrorBody)
    )
)]
pub async fn bucket_icon(platform: Platform, Path(id): Path<ChannelId>, mut parts: Parts) -> Result<Response> {
    let missing = match service::public_icon(&platform, id).await {
        Err(error) if error.kind == ErrorKind::NotFound => error,
        Err(error) => return Err(error),
        Ok(Icon::Drawn(drawing)) => return Ok(respond_with_drawing(drawing, &parts.headers, Visibility::Public)),
        Ok(Icon::Picture(picture)) => {
            let file = prepare_public(&platform, picture).await?;
            return respond_public(&platform, &file.served, &parts.method, &parts.headers).await;
        }
    };
    // The response to strangers does not show whether the bucket exists.
    let Some(member) = viewer(&platform, &mut parts).await? else { return Err(missing) };
    match service::icon(&platform, &member, id).await? {
        Icon::Drawn(drawing) => Ok(respond_with_drawing(drawing, &parts.headers, Visibility::Private)),
        Icon::Picture(picture) => {
            let (file, _) = prepare(&platform, &member, picture, None, false).await?;
            respond(&platform, &file, &parts.method, &parts.headers).await
        }
    }
}

/// Returns the caller, if the request is authenticated.
async fn viewer(platform: &Platform, parts: &mut Parts) -> Result<Option<Member>> {
    let member = if parts.headers.contains_key(AUTHORIZATION) {
        Caller::authenticate(platform, &parts.headers).await.map(|caller| caller.member)
    } else {
        Member::from_request_parts(parts, &()).await
    };
    match member {
        Ok(member) => Ok(Some(member)),
        Err(error) if error.kind == ErrorKind::Unauthenticated => Ok(None),
        Err(error) => Err(error),
    }
}
