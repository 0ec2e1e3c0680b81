//! Files in responses of the REST API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::model;
use crate::files::attachments::model::Status;
use crate::ids::AttachmentId;
use crate::platform::byte_size::ByteSize;
use crate::platform::timestamp::Timestamp;
use crate::rest::ROOT;

/// A stored file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attachment)]
pub struct StoredFile {
    pub id: AttachmentId,
    #[schema(example = "banner.png")]
    pub filename: String,
    pub media_type: MediaType,
    /// Detected from the file's content.
    #[schema(example = "image/png")]
    pub content_type: String,
    /// In bytes.
    #[schema(value_type = i64)]
    pub file_size: ByteSize,
    pub status: Status,
    /// Why the upload failed.
    #[schema(example = "8 bytes were announced, 4 came")]
    pub failure_reason: Option<String>,
    /// In pixels, for pictures.
    pub width: Option<i32>,
    pub height: Option<i32>,
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-01-05T09:30:00.123Z")]
    pub uploaded_at: Option<Timestamp>,
    /// The download URL, for callers who can view the file.
    #[schema(example = "/api/v1/attachments/019f8000-0000-7000-8000-000000000000/download")]
    pub download_url: String,
    /// The public download URL. It works while the file is in a message of a bucket with public downloads, or is the
    /// bucket's icon.
    #[schema(example = "/api/v1/attachments/019f8000-0000-7000-8000-000000000000/download/public")]
    pub public_url: String,
}

impl From<model::Attachment> for StoredFile {
    fn from(file: model::Attachment) -> Self {
        let download_url = format!("{ROOT}/attachments/{}/download", file.id);
        Self {
            id: file.id,
            filename: file.file_name.as_str().to_owned(),
            media_type: file.media_type,
            content_type: file.content_type,
            file_size: file.file_size,
            status: file.status,
            failure_reason: file.failure_reason,
            width: file.width,
            height: file.height,
            uploaded_at: file.uploaded_at,
            public_url: format!("{download_url}/public"),
            download_url,
        }
    }
}
