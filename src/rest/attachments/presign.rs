//! `POST /attachments/presign`

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::files::uploads::model::PresignRequest;
use crate::files::uploads::presign;
use crate::ids::AttachmentId;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::http::BaseUrl;
use crate::platform::timestamp::Timestamp;
use crate::platform::{Platform, omitted};
use crate::rest::body::{Json, whole_number};
use crate::rest::caller::Caller;

/// A file to upload directly to the storage.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewUpload)]
pub struct Input {
    #[serde(default, deserialize_with = "omitted::or_default")]
    #[schema(example = "film.mp4", value_type = Option<String>)]
    filename: String,
    /// Exact size in bytes.
    #[serde(deserialize_with = "whole_number")]
    #[schema(value_type = i64, example = 52_428_800, minimum = 1, maximum = 5_497_558_138_880_i64)]
    file_size: i64,
    /// Detected from the file's content if left out.
    #[serde(default, deserialize_with = "omitted::or_default")]
    #[schema(example = "video/mp4", value_type = Option<String>)]
    content_type: String,
    /// The base64 SHA-256 checksum of the file. The storage rejects data that doesn't match it.
    #[serde(default, deserialize_with = "omitted::or_none")]
    checksum_sha256: Option<String>,
}

/// How to send the file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignedUpload)]
pub struct SignedUpload {
    /// The ID of the file. Complete it after the upload.
    pub id: AttachmentId,
    #[schema(example = "https://files.example.com/api/storage/staging/019f8000?signature=Q7mXaTqkzv0yA9dTsmq1")]
    pub upload_url: String,
    #[schema(example = "PUT")]
    pub method: String,
    /// Send these headers unchanged.
    #[schema(example = json!({ "content-type": "video/mp4" }))]
    pub headers: BTreeMap<String, String>,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Creates a file and a URL to upload it to within 5 minutes. Then complete the file.
///
/// The size and type limits of uploads through the server do not apply.
#[utoipa::path(
    post,
    path = "/attachments/presign",
    tag = "Attachments",
    request_body = Input,
    responses((status = 201, description = "Upload the file to the URL, then complete it.", body = SignedUpload))
)]
pub async fn presign_attachment(
    platform: Platform,
    caller: Caller,
    BaseUrl(base): BaseUrl,
    Json(input): Json<Input>,
) -> Result<(StatusCode, axum::Json<SignedUpload>)> {
    // Checked before anything is created.
    if u64::try_from(input.file_size).is_ok_and(|size| !presign::fits_one_put(&platform, size)) {
        let message = "One PUT can carry at most 5 GiB. Upload larger files with the app, which sends them in parts.";
        return Err(AppError::new(ErrorKind::TooLarge, message).on("fileSize"));
    }
    let request = PresignRequest {
        file_name: input.filename,
        file_size: input.file_size,
        content_type: input.content_type,
        checksum_sha256: input.checksum_sha256,
        upload_type: "attachment".to_owned(),
        channel_id: None,
        bot_id: None,
        name: None,
    };
    let home = caller.home();
    let signed = presign::presign_file(&platform, &caller.member.into(), &base, home, request).await?;
    let upload_url = signed.upload_url.ok_or_else(AppError::internal)?;
    Ok((
        StatusCode::CREATED,
        axum::Json(SignedUpload {
            id: AttachmentId(signed.resource_id),
            upload_url,
            method: signed.method,
            headers: signed.headers,
            expires_at: signed.expires_at,
        }),
    ))
}
