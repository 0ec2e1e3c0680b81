//! Previews of pictures that messages name by URL. The server fetches each once, so that the other server does not
//! learn who reads. The original stays there, and a browser loads it when somebody opens it.

use uuid::Uuid;

use super::intake;
use super::media_type::MediaType;
use super::model::PreviewState;
use super::service::{self, Served};
use super::store::remote_previews::{self as store, RemoteRow};
use crate::channels::service as channels;
use crate::files::previews::picture::Unreadable;
use crate::files::{media, previews as preview};
use crate::ids::{AttachmentId, MessageId, RemotePreviewId};
use crate::live_event::{self, LiveEvent};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::Tx;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::file_types::{self, Preview};
use crate::platform::jobs::{self, Attempt, Queued};
use crate::platform::storage::{Derived, ObjectKey};

/// Requests the preview of a picture inside the transaction of its message. Ignored for members who may not upload
/// files.
pub async fn request(
    platform: &Platform,
    tx: &mut Tx,
    member: &Member,
    (message, position): (MessageId, i32),
    media_type: MediaType,
) -> Result<()> {
    let is_picture = matches!(media_type, MediaType::Image | MediaType::Gif);
    if !is_picture || intake::check_may_store(platform, member).is_err() {
        return Ok(());
    }
    let id = RemotePreviewId(platform.clock.new_id());
    store::request(tx, id, message, position).await?;
    jobs::enqueue(tx.on(), &FetchRemotePreview { preview: id }, member.organization_id().0, platform.clock.now())
        .await?;
    Ok(())
}

/// Fetches a picture, stores its preview, and updates open feeds.
pub struct FetchRemotePreview {
    pub preview: RemotePreviewId,
}

impl Queued for FetchRemotePreview {
    const NAME: &'static str = "fetch_remote_preview";

    fn key(&self) -> Uuid {
        self.preview.0
    }

    fn from_key(key: Uuid) -> Self {
        Self { preview: RemotePreviewId(key) }
    }

    async fn run(self, platform: Platform, attempt: Attempt) -> Result<u64> {
        fetch(platform, self.preview, attempt).await
    }
}

async fn fetch(platform: Platform, id: RemotePreviewId, attempt: Attempt) -> Result<u64> {
    let Some(row) = store::find(platform.db.on(), id, PreviewState::Pending).await? else { return Ok(0) };
    let pixels = match make(&platform, &row, id).await {
        Ok(pixels) => Some(pixels),
        Err(error) if is_ours(&error) && !attempt.is_last => return Err(error),
        Err(error) => {
            // Its message names the URL.
            tracing::debug!(kind = ?error.kind, "a picture elsewhere has no preview");
            None
        }
    };
    store::write(platform.db.on(), id, pixels).await?;
    let event = LiveEvent::MessageChanged { channel_id: row.channel_id, message_id: row.message_id };
    live_event::publish(&platform, row.organization_id, event).await;
    Ok(u64::from(pixels.is_some()))
}

/// Returns whether a retry may succeed: not if the other server or its picture is at fault.
fn is_ours(error: &AppError) -> bool {
    matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable | ErrorKind::ReadOnly)
}

/// Creates the preview. Returns the size of the picture in pixels.
async fn make(platform: &Platform, row: &RemoteRow, id: RemotePreviewId) -> Result<(i32, i32)> {
    let organization = row.organization_id;
    let (file, content_type) = intake::fetch_picture(platform, organization, &row.url).await?;
    if file_types::find(content_type).is_none_or(|known| known.preview != Preview::Picture) {
        return Err(AppError::new(ErrorKind::FileTypeNotAllowed, "This type has no preview here."));
    }
    let unreadable = |error: Unreadable| match error {
        Unreadable::Io(reason) => AppError::unexpected("a picture could not be read", reason),
        reason => AppError::new(ErrorKind::FileTypeNotAllowed, reason.to_string()),
    };
    let again = file.try_clone().map_err(|error| AppError::unexpected("a picture could not be read", error))?;
    let header = media::header(platform, organization, file, content_type).await.map_err(unreadable)?;
    let picture = media::picture(platform, organization, again, content_type, &header, (false, false)).await;
    let feed = picture.map_err(unreadable)?.feed;
    platform.storage.put_bytes(&ObjectKey::Derived(id.0, Derived::Feed), preview::CONTENT_TYPE, feed).await?;
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
    Ok((side(header.width), side(header.height)))
}

/// Returns a preview for a member who can view the message.
pub async fn prepare(platform: &Platform, member: &Member, id: RemotePreviewId) -> Result<Served> {
    member.require(Permission::MessageViewAttachment)?;
    let row = store::find(platform.db.on(), id, PreviewState::Ready).await?;
    let row = row.filter(|row| row.organization_id == member.organization_id());
    let row = row.ok_or_else(|| AppError::not_found("preview"))?;
    channels::find(platform, member, row.channel_id).await?;
    service::served_preview(platform, AttachmentId(id.0), Derived::Feed).await
}

/// Returns the URL of a preview.
pub fn url(id: RemotePreviewId) -> String {
    format!("/api/messages/remote-previews/{id}")
}
