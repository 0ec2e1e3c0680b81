//! Detection of stored files again after the table of types has changed: their type, kind, size and preview become the
//! current ones. Changes no bytes and removes no file.

use super::media_type::MediaType;
use super::model::PreviewState;
use super::store::AttachmentRow;
use super::store::judged::{self as store, TypeCorrection};
use super::{sniff, verify};
use crate::files::previews as preview;
use crate::ids::AttachmentId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::file_types::recognize::{SNIFF_BYTES, Verdict, by_bytes, judge};
use crate::platform::file_types::{self, Family, OCTET_STREAM, PlaceData, Preview};
use crate::platform::jobs;
use crate::platform::storage::StorageError;
use crate::platform::sweep::Sweep;

/// Number of rows that are read at a time, and per run. The next run continues.
const BATCH: i64 = 200;
const PER_RUN: usize = 2000;

/// Runs the job. Returns the number of corrected files.
pub async fn recheck_stored_files(platform: Platform) -> Result<u64> {
    let mut sweep = Sweep::new("re-check of stored file types");
    let (mut after, mut looked) = (AttachmentId(uuid::Uuid::nil()), 0);
    while looked < PER_RUN {
        let rows = store::by_older(platform.db.on(), after, BATCH).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        looked += rows.len();
        for row in rows {
            sweep.note(row.id.0, judge_one(&platform, &row).await)?;
        }
    }
    let corrected = sweep.end();
    if looked > 0 {
        tracing::info!(looked, corrected, "stored file types were checked again");
        platform.job_added.notify_one();
    }
    Ok(corrected)
}

async fn judge_one(platform: &Platform, row: &AttachmentRow) -> Result<u64> {
    let start = match platform.storage.read_start(&row.key(), SNIFF_BYTES).await {
        Ok(start) => start,
        // No bytes to check.
        Err(StorageError::NotFound) => {
            store::confirm(platform.db.on(), row.id, media_type(row, &row.content_type), &row.content_type).await?;
            return Ok(0);
        }
        Err(error) => return Err(error.into()),
    };
    let seen = verify::of_tracks(platform, row, seen(row, &start), &start).await?;
    if seen == row.content_type { keep(platform, row).await } else { correct(platform, row, &seen, &start).await }
}

/// Returns the type of the bytes. A stored file is not rejected.
fn seen(row: &AttachmentRow, start: &[u8]) -> String {
    let seen = match judge(&row.declared_type, row.file_name().extension(), start) {
        // For files that passed through the server, only the bytes decide.
        _ if row.object_key.is_some() => by_bytes(start).to_owned(),
        Verdict::Known(name) => name,
        Verdict::Mismatch(_) => by_bytes(start).to_owned(),
    };
    // An older version had evidence that the table does not have.
    let is_unknown = seen == OCTET_STREAM && file_types::find(&row.content_type).is_none();
    // Audio in a video container was detected by reading the whole file.
    let is_inner = file_types::find(&row.content_type)
        .is_some_and(|known| known.family == Family::Sound && known.container == Some(seen.as_str()));
    if is_unknown || is_inner { row.content_type.clone() } else { seen }
}

/// Returns the media type. A program's own choice stays while it fits.
fn media_type(row: &AttachmentRow, content_type: &str) -> MediaType {
    let said = Some(row.media_type).filter(|said| row.object_key.is_some() && said.fits(content_type));
    match said {
        Some(MediaType::Icon) if !row.is_icon => MediaType::of(content_type),
        Some(said) => said,
        None => MediaType::of(content_type),
    }
}

/// Handles a correct type. Its preview is created if there was none, and again if previews of this type have changed.
async fn keep(platform: &Platform, row: &AttachmentRow) -> Result<u64> {
    let media_type = media_type(row, &row.content_type);
    let is_ready = row.preview == Some(PreviewState::Ready);
    let known = file_types::find(&row.content_type);
    let is_made_anew = known.is_some_and(|known| match known.preview {
        Preview::Heif | Preview::Demuxer(_) => true,
        Preview::Drawing | Preview::Pages => !is_ready,
        // The preview job searches the location too.
        Preview::Picture | Preview::None => known.place == PlaceData::Kept,
    });
    let mut tx = platform.db.begin().await?;
    store::confirm(tx.on(), row.id, media_type, &row.content_type).await?;
    if is_made_anew {
        jobs::enqueue(tx.on(), &preview::MakePreview { file: row.id }, row.organization_id.0, platform.clock.now())
            .await?;
    }
    tx.commit().await?;
    Ok(u64::from(media_type != row.media_type))
}

async fn correct(platform: &Platform, row: &AttachmentRow, seen: &str, start: &[u8]) -> Result<u64> {
    let has_preview = preview::is_made_for(seen);
    let new = TypeCorrection {
        content_type: seen,
        media_type: media_type(row, seen),
        pixels: sniff::pixel_size(seen, start),
        animated: sniff::may_move(seen, start),
        preview: has_preview.then_some(PreviewState::Pending),
    };
    let mut tx = platform.db.begin().await?;
    if !store::correct(tx.on(), row.id, &row.content_type, &new).await? {
        return Ok(0);
    }
    if has_preview {
        jobs::enqueue(tx.on(), &preview::MakePreview { file: row.id }, row.organization_id.0, platform.clock.now())
            .await?;
    }
    tx.commit().await?;
    tracing::debug!(file = %row.id, was = row.content_type, is = seen, "corrected the type of a stored file");
    preview::tell(platform, row.organization_id, row.id).await?;
    Ok(1)
}
