//! `GET /buckets/{id}/icon`

use axum::http::{HeaderMap, Method};
use axum::response::Response;

use crate::attachments::serve::{respond_public, respond_with_drawing};
use crate::attachments::service::prepare_public;
use crate::buckets::service::{self, Icon};
use crate::channels::model::ChannelId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::error::ErrorBody;

/// The icon of a bucket, for whoever asks while its public downloads are on: its picture, else one that is drawn from name and
/// colour.
#[utoipa::path(
    get,
    path = "/buckets/{id}/icon",
    tag = "Buckets",
    params(("id" = ChannelId, Path, description = "Of the bucket.")),
    responses(
        (status = 200, description = "The picture, or a drawing.", content_type = "image/*"),
        (status = 304, description = "It is the one that you have."),
        (status = 404, description = "There is none, or its public downloads are off.", body = ErrorBody)
    )
)]
pub async fn bucket_icon(
    platform: Platform,
    Path(id): Path<ChannelId>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    match service::icon(&platform, id).await? {
        Icon::Picture(picture) => {
            let file = prepare_public(&platform, picture).await?;
            respond_public(&platform, &file.served, &method, &headers).await
        }
        Icon::Drawn(drawing) => Ok(respond_with_drawing(drawing, &headers)),
    }
}
