//! Loads all parts of a conversation at once. The channel is found once, which decides whether the member can view them.

use std::time::Duration;

use tokio::time::timeout;

use super::model::{OpenedConversation, PanelContents};
use crate::channels::access::Visible;
use crate::channels::model::{Channel, ChannelKind};
use crate::channels::service as channels;
use crate::conversations::buckets::model::BucketContents;
use crate::conversations::buckets::service as buckets;
use crate::conversations::messages::model::FeedPage;
use crate::conversations::messages::service as messages;
use crate::files::library::model::{FILES_LATEST, FilesOverview};
use crate::files::library::service as library;
use crate::files::quotas::service as quotas;
use crate::ids::{ChannelId, MemberId, MessageId};
use crate::people::contacts::model::Contact;
use crate::people::contacts::service as contacts;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::Result;

/// How long a response waits for the files. Counting those of a large conversation can take longer than loading the
/// feed; the page then requests them separately.
const FILES_DEADLINE: Duration = Duration::from_millis(300);

/// Returns the conversation with its newest messages, or those around one.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn open(
    platform: &Platform,
    member: &Member,
    id: ChannelId,
    around: Option<MessageId>,
    with_panel: bool,
) -> Result<OpenedConversation> {
    let channel = channels::find(platform, member, id).await?;
    let panel =
        async { if with_panel { Box::pin(panel(platform, member, &channel)).await.map(Some) } else { Ok(None) } };
    // Boxed, because together they are too large for the stack.
    let (contact, feed, panel) = tokio::try_join!(
        Box::pin(contact(platform, member, &channel)),
        Box::pin(feed(platform, member, &channel, around)),
        panel,
    )?;
    Ok(OpenedConversation { channel: channel.into_inner(), contact, feed, panel })
}

async fn contact(platform: &Platform, member: &Member, channel: &Visible<Channel>) -> Result<Option<Contact>> {
    match channel.contact_id {
        Some(id) => contacts::find(platform, member, id).await.map(Some),
        None => Ok(None),
    }
}

async fn feed(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    around: Option<MessageId>,
) -> Result<FeedPage> {
    match around {
        Some(message) => messages::feed_around(platform, member, channel, message).await,
        None => messages::feed(platform, member, channel, None).await,
    }
}

async fn panel(platform: &Platform, member: &Member, channel: &Visible<Channel>) -> Result<PanelContents> {
    let storage = async { quotas::room(platform, member).await.map(Some) };
    let (files, bucket, member_ids, storage) = tokio::try_join!(
        Box::pin(files(platform, member, channel)),
        Box::pin(bucket(platform, member, channel)),
        member_ids(platform, channel),
        storage,
    )?;
    Ok(PanelContents { files, bucket, member_ids, storage })
}

async fn files(platform: &Platform, member: &Member, channel: &Visible<Channel>) -> Result<Option<FilesOverview>> {
    if !member.may(Permission::MessageViewAttachment) {
        return Ok(None);
    }
    let overview = timeout(FILES_DEADLINE, library::overview(platform, member, channel, FILES_LATEST)).await;
    Ok(overview.ok().and_then(Result::ok))
}

async fn bucket(platform: &Platform, member: &Member, channel: &Visible<Channel>) -> Result<Option<BucketContents>> {
    if channel.kind != ChannelKind::Bucket {
        return Ok(None);
    }
    buckets::contents_of(platform, member, channel).await.map(Some)
}

async fn member_ids(platform: &Platform, channel: &Visible<Channel>) -> Result<Option<Vec<MemberId>>> {
    if channel.kind != ChannelKind::Team || !channel.private {
        return Ok(None);
    }
    channels::members_of(platform, channel).await.map(Some)
}
