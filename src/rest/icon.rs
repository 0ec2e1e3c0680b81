//! A bucket's picture among the attachments of its messages, as an `ICON`, for clients that show it beside them. Added
//! when a message is read, so that it is the current picture.

use crate::channels::model::Channel;
use crate::channels::service as channels;
use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::model::Attachment;
use crate::files::attachments::service as attachments;
use crate::ids::{AttachmentId, ChannelId};
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::{ErrorKind, Result};

/// Returns the picture of this channel's icon. `None`: it is drawn, this is no bucket, or this member may not view
/// files.
pub async fn of(platform: &Platform, member: &Member, channel: ChannelId) -> Result<Option<Attachment>> {
    let channel = channels::find(platform, member, channel).await?;
    of_channel(platform, member, &channel).await
}

/// Does the same for a channel that was loaded.
pub async fn of_channel(platform: &Platform, member: &Member, channel: &Channel) -> Result<Option<Attachment>> {
    let Some(id) = channel.bucket.as_ref().and_then(|look| look.icon) else { return Ok(None) };
    match attachments::find(platform, member, id).await {
        Ok(icon) => Ok(Some(Attachment { media_type: MediaType::Icon, ..icon })),
        Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether to add an icon to attachments, given by media type and, for stored files, id: not if there is an
/// `ICON` already, or the picture itself.
pub fn joins(icon: &Attachment, carried: impl IntoIterator<Item = (MediaType, Option<AttachmentId>)>) -> bool {
    carried.into_iter().all(|(media_type, id)| media_type != MediaType::Icon && id != Some(icon.id))
}
