//! `POST /attachments/download-from-url`

use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::StoredFile;
use crate::files::attachments::intake::FileDescription;
use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::{intake, service};
use crate::platform::error::Result;
use crate::platform::{Platform, omitted};
use crate::rest::body::Json;
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::error::ErrorBody;

/// A file to fetch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RemoteFile)]
pub struct Input {
    /// An http or https URL on the public internet.
    #[schema(example = "https://example.com/image.png", max_length = 2048)]
    url: String,
    /// Replaces the name that the other server gives.
    #[schema(example = "promo.png")]
    #[serde(default, deserialize_with = "omitted::or_none")]
    filename: Option<String>,
    /// Detected from the file if left out. A type that contradicts the file is rejected.
    #[schema(value_type = Option<MediaType>)]
    #[serde(default, deserialize_with = "omitted::or_none")]
    media_type: Option<String>,
}

/// Fetches a file from a URL and stores it, for use in messages.
#[utoipa::path(
    post,
    path = "/attachments/download-from-url",
    tag = "Attachments",
    request_body = Input,
    responses(
        (status = 201, description = "Stored.", body = StoredFile, headers(("Location", description = "The URL."))),
        (status = 400, description = "The request is malformed, or the file can't be fetched, is too large or has a type that is not allowed.", body = ErrorBody)
    )
)]
pub async fn download_from_url(
    platform: Platform,
    caller: Caller,
    Json(input): Json<Input>,
) -> Result<impl IntoResponse> {
    let media_type = input.media_type.as_deref().map(|text| intake::parse_media_type("mediaType", text)).transpose()?;
    let description = FileDescription { name: input.filename.unwrap_or_default(), media_type };
    let id = intake::fetch(&platform, &caller.member, caller.home(), &input.url, description).await?;
    let stored = StoredFile::from(service::find(&platform, &caller.member, id).await?);
    Ok(created(&format!("attachments/{id}"), stored))
}
