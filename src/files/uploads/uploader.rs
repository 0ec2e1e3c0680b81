//! The uploader of a file: a member, or a visitor with the link of a file request. Both use the same steps.

use crate::channels::service as channels;
use crate::files::attachments::store;
use crate::files::attachments::store::AttachmentRow;
use crate::files::quotas::service as quotas;
use crate::files::requests::visit::{Visit, not_found};
use crate::ids::{AttachmentId, ChannelId, FileRequestId, MemberId, OrganizationId};
use crate::people::audit::service::By;
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::{On, Tx};
use crate::platform::error::{AppError, Result};

#[derive(Debug, Clone)]
pub enum Uploader {
    Member(Member),
    /// A visitor with the link of a file request.
    Visitor(Visit),
}

impl From<Member> for Uploader {
    fn from(member: Member) -> Self {
        Self::Member(member)
    }
}

impl From<Visit> for Uploader {
    fn from(visit: Visit) -> Self {
        Self::Visitor(visit)
    }
}

impl Uploader {
    pub fn organization(&self) -> OrganizationId {
        match self {
            Self::Member(member) => member.organization_id(),
            Self::Visitor(visit) => visit.request.organization_id,
        }
    }

    /// The value of a file's `uploaded_by`.
    pub fn member_id(&self) -> Option<MemberId> {
        match self {
            Self::Member(member) => Some(member.id),
            Self::Visitor(_) => None,
        }
    }

    /// The value of a file's `file_request_id`.
    pub fn file_request(&self) -> Option<FileRequestId> {
        match self {
            Self::Member(_) => None,
            Self::Visitor(visit) => Some(visit.request.id),
        }
    }

    pub fn by(&self) -> By {
        match self {
            Self::Member(member) => By::sender(member.organization_id(), Some(member.id)),
            Self::Visitor(visit) => visit.by(),
        }
    }

    /// Rejects a visitor whose link has ended.
    pub async fn check_link(&self, platform: &Platform) -> Result<()> {
        match self {
            Self::Member(_) => Ok(()),
            Self::Visitor(visit) => visit.begin(platform).await.map(|_| ()),
        }
    }

    /// Returns whether a file belongs to this uploader, in any channel.
    pub fn owns(&self, row: &AttachmentRow) -> bool {
        match self {
            Self::Member(member) => row.uploaded_by == Some(member.id),
            Self::Visitor(visit) => row.file_request_id == Some(visit.request.id),
        }
    }

    /// Returns the uploader's own upload, in a channel that they can view. Uploads of others are not found. Called once for
    /// each request; [`Self::current`] reads the upload again.
    pub async fn own(&self, platform: &Platform, id: AttachmentId) -> Result<AttachmentRow> {
        let row = self.current(platform, id).await?;
        let Self::Member(member) = self else {
            return if self.owns(&row) { Ok(row) } else { Err(AppError::not_found("upload")) };
        };
        if let Some(channel) = row.channel_id {
            channels::find(platform, member, channel).await?;
        } else if !self.owns(&row) || member.only_channel().is_some() {
            return Err(AppError::not_found("upload"));
        }
        if !self.owns(&row) {
            return Err(AppError::forbidden("Only the person who started this upload can complete, fail or retry it."));
        }
        Ok(row)
    }

    /// Returns an upload as it is now.
    pub async fn current(&self, platform: &Platform, id: AttachmentId) -> Result<AttachmentRow> {
        let row = store::find(platform.db.on(), self.organization(), id).await?;
        row.filter(|row| row.deleted_at.is_none()).ok_or_else(|| AppError::not_found("upload"))
    }

    /// Rejects members without permission to upload. A visitor's link is the permission.
    pub fn require_upload(&self) -> Result<()> {
        match self {
            Self::Member(member) => member.require(Permission::AttachmentUpload),
            Self::Visitor(_) => Ok(()),
        }
    }

    /// Rejects a channel that the uploader can't upload to.
    async fn check_channel(&self, on: On<'_>, channel: ChannelId) -> Result<()> {
        match self {
            Self::Member(member) => channels::find_on(on, member, channel).await.map(|_| ()),
            Self::Visitor(visit) if visit.request.channel_id == channel => Ok(()),
            Self::Visitor(_) => Err(not_found()),
        }
    }

    /// Rejects a declared type that the link doesn't accept. For an unknown type the bytes decide later.
    pub fn check_announced_kind(&self, content_type: &str) -> Result<()> {
        match self {
            Self::Member(_) => Ok(()),
            Self::Visitor(visit) => visit.check_announced_kind(content_type),
        }
    }

    /// Rejects a type of file that the link doesn't accept.
    pub fn check_kind(&self, content_type: &str) -> Result<()> {
        match self {
            Self::Member(_) => Ok(()),
            Self::Visitor(visit) => visit.check_kind(content_type),
        }
    }

    /// Begins a transaction in which the permission to upload can't change. Returns it with the uploader's current state.
    pub async fn begin(&self, platform: &Platform) -> Result<(Tx, Self)> {
        self.begin_in(platform, None).await
    }

    /// Does the same for a new file of this channel.
    pub async fn begin_in(&self, platform: &Platform, channel: Option<ChannelId>) -> Result<(Tx, Self)> {
        let (mut tx, uploader): (Tx, Self) = match self {
            Self::Member(member) => {
                let (tx, member) = rights::begin(platform, member).await?;
                (tx, member.into())
            }
            Self::Visitor(visit) => {
                let (tx, visit) = visit.begin(platform).await?;
                (tx, visit.into())
            }
        };
        if let Some(channel) = channel {
            uploader.check_channel(tx.on(), channel).await?;
        }
        uploader.require_upload()?;
        Ok((tx, uploader))
    }

    /// Rejects a file of `size` bytes that was just counted in this transaction if it exceeds the link's limits or the quota.
    pub async fn check_counted(&self, platform: &Platform, tx: &mut Tx, size: u64) -> Result<()> {
        if let Self::Visitor(visit) = self {
            visit.check_counted(tx, size).await?;
        }
        quotas::check(platform, tx, self.organization(), size).await
    }
}
