//! `POST /attachments/upload`

use axum::http::HeaderMap;
use axum::response::IntoResponse;
use utoipa::ToSchema;

use super::model::StoredFile;
use crate::files::attachments::intake::FileDescription;
use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::{intake, service};
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::error::ErrorBody;
use crate::rest::multipart::{
    self, File, FileBytes, Texts, name_of_field, refuse_nameless, refuse_twice, refuse_unknown,
};

/// A file and its fields, in any order.
#[derive(ToSchema)]
#[schema(as = Upload)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, never made: it is read field by field")]
pub struct Form {
    /// The content of the file.
    #[schema(value_type = String, format = Binary)]
    file: FileBytes,
    /// Replaces the name that was sent with the file.
    #[schema(example = "banner.png", nullable = false)]
    filename: Option<String>,
    /// Detected from the file if left out. A type that contradicts the file is rejected.
    #[serde(rename = "mediaType")]
    #[schema(nullable = false)]
    media_type: Option<MediaType>,
}

/// Uploads a file, for use in messages.
#[utoipa::path(
    post,
    path = "/attachments/upload",
    tag = "Attachments",
    request_body(content = Form, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "Stored.", body = StoredFile, headers(("Location", description = "The URL."))),
        (status = 400, description = "The form is malformed, or the file is too large or has a type that is not allowed.", body = ErrorBody)
    )
)]
pub async fn upload_attachment(
    platform: Platform,
    caller: Caller,
    headers: HeaderMap,
    mut form: multipart::Form,
) -> Result<impl IntoResponse> {
    intake::check_may_store(&platform, &caller.member)?;
    let (mut file, mut name, mut media_type, mut texts) = (None, None, None, Texts::default());
    let organization = caller.member.organization_id();
    while let Some(field) = form.next_field().await? {
        match name_of_field(&field).as_deref() {
            Some("file") if file.is_none() => file = Some(File::read(&platform, organization, field).await?),
            Some("file") => {
                return Err(AppError::new(ErrorKind::MalformedRequest, "Send one file at a time.").on("file"));
            }
            Some("filename") if name.is_none() => name = Some(texts.read("filename", field).await?),
            Some("mediaType") if media_type.is_none() => {
                media_type = Some(texts.read("mediaType", field).await?);
            }
            Some(known @ ("filename" | "mediaType")) => return Err(refuse_twice(known)),
            None => return Err(refuse_nameless()),
            Some(name) => return Err(refuse_unknown(name, "file, filename, mediaType")),
        }
    }
    let missing = || AppError::new(ErrorKind::MalformedRequest, "Send the file in the form field file.").on("file");
    let file = file.ok_or_else(missing)?;
    let name = name.filter(|name| !name.is_empty()).unwrap_or(file.name);
    let media_type = media_type.filter(|text| !text.is_empty());
    let media_type = media_type.map(|text| intake::parse_media_type("mediaType", &text)).transpose()?;
    let description = FileDescription { name, media_type };
    let caller = Caller::again(&platform, &headers).await?;
    intake::check_may_store(&platform, &caller.member)?;
    let id = intake::store(&platform, &caller.member, caller.home(), file.spooled, description).await?;
    let stored = StoredFile::from(service::find(&platform, &caller.member, id).await?);
    Ok(created(&format!("attachments/{id}"), stored))
}
