//! Writes audit entries.

use uuid::Uuid;

use super::model::Action;
use super::store;
use crate::ids::{AttachmentId, AuditEntryId, ChannelId, MemberId, MessageId, OrganizationId, ShareLinkId};
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::On;
use crate::platform::error::Result;
use crate::platform::timestamp::Timestamp;

/// The actor of an entry.
#[derive(Debug, Clone)]
pub struct By {
    pub organization: OrganizationId,
    /// `None` for a contact, a visitor, a client that fetched a public file, and a job.
    pub member: Option<MemberId>,
    /// The link that a visitor used.
    pub share_link: Option<ShareLinkId>,
    /// The network of a visitor, or of a client that fetched a public file.
    pub network: Option<String>,
    /// The access token that acted for the member.
    pub token: Option<Uuid>,
}

impl By {
    pub fn member(member: &Member) -> Self {
        let token = member.token.as_ref().map(|token| token.id);
        Self { token, ..Self::sender(member.organization_id(), Some(member.id)) }
    }

    /// Returns an actor of whom only the network is known.
    pub fn anybody(organization: OrganizationId, network: Option<String>) -> Self {
        Self { organization, member: None, share_link: None, network, token: None }
    }

    /// Returns the uploader of a file: `None` for a file of a contact.
    pub fn sender(organization: OrganizationId, member: Option<MemberId>) -> Self {
        Self { organization, member, share_link: None, network: None, token: None }
    }
}

/// What the entry is about.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    pub attachment: Option<AttachmentId>,
    pub message: Option<MessageId>,
    pub channel: Option<ChannelId>,
    pub share_link: Option<ShareLinkId>,
    pub file_name: String,
    /// The change in words, if it is not a file.
    pub detail: String,
}

impl Subject {
    /// Returns a subject that is not a file.
    pub fn words(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::default() }
    }
}

/// Writes an entry on `on`: in the transaction of the change, so that there is never one without the other.
pub async fn record(platform: &Platform, on: On<'_>, by: &By, action: Action, subject: &Subject) -> Result<()> {
    Ok(store::insert(on, platform.clock.new_id(), by, action, subject).await?)
}

/// Deletes the entries of a file that was deleted before anybody could see it.
pub async fn take_back(on: On<'_>, organization: OrganizationId, file: AttachmentId) -> Result<()> {
    Ok(store::delete_of_file(on, organization, file).await?)
}

/// Writes the entry of work in several transactions, in the first of them. [`amend`] adds to it in the others.
pub async fn begin(platform: &Platform, on: On<'_>, by: &By, action: Action, detail: &str) -> Result<AuditEntryId> {
    let id = platform.clock.new_id();
    store::insert(on, id, by, action, &Subject::words(detail)).await?;
    Ok(AuditEntryId(id))
}

/// Returns the detail of an entry that the same member began at this time or later.
pub async fn begun(on: On<'_>, by: &By, action: Action, id: AuditEntryId, since: Timestamp) -> Result<Option<String>> {
    Ok(store::detail(on, by, action, id, since).await?)
}

/// Replaces the detail of an entry whose work is still in progress.
pub async fn amend(on: On<'_>, id: AuditEntryId, detail: &str) -> Result<()> {
    Ok(store::set_detail(on, id, detail).await?)
}

/// Writes an entry about an action that changes nothing. A failure does not fail the action.
pub async fn note(platform: &Platform, by: &By, action: Action, subject: &Subject) {
    if let Err(error) = record(platform, platform.db.on(), by, action, subject).await {
        tracing::error!(%error, %action, file = ?subject.attachment, "failed to write an audit entry");
    }
}
