//! SQL of previews.

use sqlx::FromRow;

use crate::files::attachments::media_type::{FileKind, MediaType};
use crate::files::attachments::model::PreviewState;
use crate::files::attachments::store::LocationState;
use crate::ids::{AttachmentId, OrganizationId};
use crate::platform::byte_size::ByteSize;
use crate::platform::db::{On, execute, fetch_optional};
use crate::platform::storage::ObjectKey;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// A file that needs a preview.
#[derive(Debug, FromRow)]
pub struct PreviewRow {
    pub id: AttachmentId,
    pub organization_id: OrganizationId,
    /// Bytes.
    pub file_size: ByteSize,
    pub content_type: String,
    pub animated: bool,
    pub object_key: Option<ObjectKey>,
    /// See [`crate::files::attachments::photo_location`].
    pub location: Option<LocationState>,
}

impl PreviewRow {
    /// Returns the key of its bytes.
    pub fn key(&self) -> ObjectKey {
        self.object_key.clone().unwrap_or(ObjectKey::Attachment(self.id.0))
    }
}

/// The result of reading a file.
pub struct Reading {
    pub state: PreviewState,
    /// Why there is no preview, for people.
    pub reason: Option<String>,
    pub pixels: Option<(i32, i32)>,
    pub thumbhash: Option<Vec<u8>>,
    pub duration_ms: Option<i64>,
    pub page_count: Option<i32>,
    pub animated: bool,
    /// The corrected type, if its start was misleading.
    pub content_type: Option<String>,
}

impl Reading {
    pub fn none(reason: String) -> Self {
        Self { reason: Some(reason), ..Self::default() }
    }

    pub fn ready(thumbhash: Vec<u8>) -> Self {
        Self { state: PreviewState::Ready, thumbhash: Some(thumbhash), ..Self::default() }
    }
}

impl Default for Reading {
    /// Returns an empty result without an error.
    fn default() -> Self {
        Self {
            state: PreviewState::None,
            reason: None,
            pixels: None,
            thumbhash: None,
            duration_ms: None,
            page_count: None,
            animated: false,
            content_type: None,
        }
    }
}

/// Returns a complete file with bytes (a deleted one may be restored), of any organization: for the job, which runs
/// without a member.
pub async fn find(on: On<'_>, id: AttachmentId) -> Result<Option<PreviewRow>> {
    fetch_optional!(
        on,
        PreviewRow,
        "SELECT id, organization_id, file_size, content_type, animated, object_key, location FROM attachments
         WHERE id = $1 AND status = 'complete' AND purged_at IS NULL",
        id
    )
}

/// Writes the result. Returns whether the file still exists.
pub async fn write(on: On<'_>, id: AttachmentId, reading: &Reading) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET preview = $2, preview_reason = $3, thumbhash = $4, duration_ms = $5, page_count = $6,
           animated = $7, width = COALESCE($8, width), height = COALESCE($9, height),
           content_type = COALESCE($10, content_type), kind = COALESCE($11, kind),
           media_type = CASE WHEN media_type = 'ICON' THEN media_type ELSE COALESCE($12, media_type) END
         WHERE id = $1 AND purged_at IS NULL",
        id,
        reading.state,
        reading.reason.as_deref(),
        reading.thumbhash.as_deref(),
        reading.duration_ms,
        reading.page_count,
        reading.animated,
        reading.pixels.map(|(width, _)| width),
        reading.pixels.map(|(_, height)| height),
        reading.content_type.as_deref(),
        reading.content_type.as_deref().map(FileKind::of),
        reading.content_type.as_deref().map(MediaType::of)
    )?;
    Ok(changed > 0)
}
