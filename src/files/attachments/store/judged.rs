//! SQL of files whose type an older table has detected.

use super::{ATTACHMENT_COLUMNS, AttachmentRow, Result};
use crate::files::attachments::media_type::{FileKind, MediaType};
use crate::files::attachments::model::PreviewState;
use crate::ids::AttachmentId;
use crate::platform::db::{On, execute, fetch_all};
use const_format::concatcp;

/// The version of the table. Raising it checks all stored files again.
pub const DETECTION_VERSION: i32 = 1;

/// Returns files after `after`, by id, that an older version has checked.
pub async fn by_older(on: On<'_>, after: AttachmentId, limit: i64) -> Result<Vec<AttachmentRow>> {
    fetch_all!(
        on,
        AttachmentRow,
        concatcp!(
            "SELECT ",
            ATTACHMENT_COLUMNS,
            " FROM attachments a WHERE a.status = 'complete' AND a.purged_at IS NULL AND a.judged < $1 AND a.id > $2
             ORDER BY a.id LIMIT CAST($3 AS BIGINT)"
        ),
        DETECTION_VERSION,
        after,
        limit
    )
}

/// The corrected properties of a file.
pub struct TypeCorrection<'a> {
    pub content_type: &'a str,
    pub media_type: MediaType,
    pub pixels: Option<(i32, i32)>,
    pub animated: bool,
    pub preview: Option<PreviewState>,
}

/// Corrects a file whose type is still `old`. Returns whether it was.
pub async fn correct(on: On<'_>, id: AttachmentId, old: &str, new: &TypeCorrection<'_>) -> Result<bool> {
    let changed = execute!(
        on,
        "UPDATE attachments SET content_type = $3, media_type = $4, kind = $5, width = $6, height = $7, animated = $8,
           preview = $9, location = NULL, preview_reason = NULL, thumbhash = NULL, duration_ms = NULL, page_count = NULL, judged = $10
         WHERE id = $1 AND content_type = $2 AND status = 'complete' AND purged_at IS NULL",
        id,
        old,
        new.content_type,
        new.media_type,
        FileKind::of(new.content_type),
        new.pixels.map(|(width, _)| width),
        new.pixels.map(|(_, height)| height),
        new.animated,
        new.preview,
        DETECTION_VERSION
    )?;
    Ok(changed > 0)
}

/// Records that a file was checked and is correct. Its kind is written as well, because the table may have another for
/// the same type.
pub async fn confirm(on: On<'_>, id: AttachmentId, media_type: MediaType, content_type: &str) -> Result<()> {
    execute!(
        on,
        "UPDATE attachments SET judged = $2, media_type = $3, kind = $4 WHERE id = $1 AND content_type = $5",
        id,
        DETECTION_VERSION,
        media_type,
        FileKind::of(content_type),
        content_type
    )?;
    Ok(())
}
