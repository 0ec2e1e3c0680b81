//! `POST /attachments/download-from-url`

use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::StoredFile;
use crate::attachments::intake::{self, Said};
use crate::attachments::media_type::MediaType;
use crate::attachments::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::left_out;
use crate::rest::body::Json;
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::error::ErrorBody;

/// A file to fetch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RemoteFile)]
pub struct Input {
    /// http or https, on the public internet.
    #[schema(example = "https://example.com/image.png", max_length = 2048)]
    url: String,
    /// Instead of the name that the other server gives it.
    #[schema(example = "promo.png")]
    #[serde(default, deserialize_with = "left_out::or_none")]
    filename: Option<String>,
    /// One of VIDEO, IMAGE, GIF, AUDIO and ICON. Left out, it is found out from the bytes; one that contradicts them is refused.
    #[schema(value_type = Option<MediaType>)]
    #[serde(default, deserialize_with = "left_out::or_none")]
    media_type: Option<String>,
}

/// Fetches a file and stores it, to be named in messages later.
#[utoipa::path(
    post,
    path = "/attachments/download-from-url",
    tag = "Attachments",
    request_body = Input,
    responses(
        (status = 201, description = "It is stored.", body = StoredFile, headers(("Location", description = "Where it is."))),
        (status = 400, description = "The request cannot be read, or the file cannot be fetched, is too large or of a type that is not taken.", body = ErrorBody)
    )
)]
pub async fn download_from_url(
    platform: Platform,
    caller: Caller,
    Json(input): Json<Input>,
) -> Result<impl IntoResponse> {
    let media_type = input.media_type.as_deref().map(|text| intake::parse_media_type("mediaType", text)).transpose()?;
    let said = Said { name: input.filename.unwrap_or_default(), media_type };
    let id = intake::fetch(&platform, &caller.member, caller.home(), &input.url, said).await?;
    let stored = StoredFile::from(service::find(&platform, &caller.member, id).await?);
    Ok(created(&format!("attachments/{id}"), stored))
}
