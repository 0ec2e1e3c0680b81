//! Writes audit entries.

use uuid::Uuid;

use super::model::Action;
use super::store;
use crate::ids::{AttachmentId, ChannelId, MemberId, MessageId, OrganizationId};
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::On;
use crate::platform::error::Result;

/// Who did it.
#[derive(Debug, Clone)]
pub struct By {
    pub organization: OrganizationId,
    /// None for a contact, a visitor, who fetched a public file, and a job.
    pub member: Option<MemberId>,
    /// The link by which a visitor came.
    pub share_link: Option<Uuid>,
    /// Of a visitor, and of who fetched a public file.
    pub network: Option<String>,
    /// The access token that acted for the member.
    pub token: Option<Uuid>,
}

impl By {
    pub fn member(member: &Member) -> Self {
        let token = member.token.as_ref().map(|token| token.id);
        Self { token, ..Self::sender(member.organization_id(), Some(member.id)) }
    }

    /// Somebody of whom nothing is known but where they are.
    pub fn anybody(organization: OrganizationId, network: Option<String>) -> Self {
        Self { organization, member: None, share_link: None, network, token: None }
    }

    /// Whoever uploaded a file: none for what a contact sent.
    pub fn sender(organization: OrganizationId, member: Option<MemberId>) -> Self {
        Self { organization, member, share_link: None, network: None, token: None }
    }
}

/// What it was done to.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    pub attachment: Option<AttachmentId>,
    pub message: Option<MessageId>,
    pub channel: Option<ChannelId>,
    pub share_link: Option<Uuid>,
    pub file_name: String,
    /// What was changed, in words, where it is no file.
    pub detail: String,
}

impl Subject {
    /// Something that is no file.
    pub fn words(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::default() }
    }
}

/// Writes an entry where `on` says: in the transaction of what it tells of, so that there is never one without the other.
pub async fn record(platform: &Platform, on: On<'_>, by: &By, action: Action, subject: &Subject) -> Result<()> {
    Ok(store::insert(on, platform.clock.new_id(), by, action, subject).await?)
}

/// Writes an entry about what changes nothing. Whoever did it gets what they came for also when that fails.
pub async fn note(platform: &Platform, by: &By, action: Action, subject: &Subject) {
    if let Err(error) = record(platform, platform.db.on(), by, action, subject).await {
        tracing::error!(%error, %action, file = ?subject.attachment, "failed to write an audit entry");
    }
}
