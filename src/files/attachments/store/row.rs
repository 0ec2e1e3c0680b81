//! Rows of attachments, alone and with their channel.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sqlx::FromRow;

use crate::channels::access::AccessRow;
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::model::{Attachment, Location, Preview, PreviewState, Status, attachment_url};
use crate::files::staged::{Owner, Staged};
use crate::ids::{AttachmentId, AttemptId, ChannelId, FileRequestId, MemberId, MessageId, OrganizationId};
use crate::named_enum;
use crate::platform::byte_size::ByteSize;
use crate::platform::storage::ObjectKey;
use crate::platform::timestamp::Timestamp;

#[derive(Debug, Clone, FromRow)]
pub struct AttachmentRow {
    pub id: AttachmentId,
    pub organization_id: OrganizationId,
    /// The channel that it was uploaded to, or first sent to; `None` while it is in no channel.
    pub channel_id: Option<ChannelId>,
    pub uploaded_by: Option<MemberId>,
    /// The request by whose link it was uploaded.
    pub file_request_id: Option<FileRequestId>,
    pub file_name: String,
    pub file_size: ByteSize,
    pub declared_type: String,
    pub content_type: String,
    pub status: Status,
    pub failure_reason: Option<String>,
    pub attempt_id: AttemptId,
    /// The storage's name for an upload in parts; none for one PUT.
    pub multipart_id: Option<String>,
    pub checksum_sha256: Option<String>,
    pub message_id: Option<MessageId>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub uploaded_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub thumbhash: Option<Vec<u8>>,
    pub duration_ms: Option<i64>,
    pub page_count: Option<i32>,
    pub animated: bool,
    pub preview: Option<PreviewState>,
    pub preview_reason: Option<String>,
    pub location: Option<LocationState>,
    pub object_key: Option<ObjectKey>,
    pub media_type: MediaType,
    /// A program called it an `ICON` in so many words.
    pub is_icon: bool,
}

impl AttachmentRow {
    /// Under which its bytes are.
    pub fn key(&self) -> ObjectKey {
        self.object_key.clone().unwrap_or(ObjectKey::Attachment(self.id.0))
    }

    pub fn file_name(&self) -> FileName {
        FileName::new(&self.file_name)
    }

    /// Returns its current attempt.
    pub fn staged(&self) -> Staged {
        Staged {
            owner: Owner::Attachments,
            id: self.id.0,
            attempt: self.attempt_id.0,
            status: self.status.name(),
            size: self.file_size.0,
            key: self.key(),
            is_joined: self.multipart_id.is_some(),
        }
    }
}

impl From<AttachmentRow> for Attachment {
    fn from(row: AttachmentRow) -> Self {
        Self {
            id: row.id,
            status: row.status,
            file_name: row.file_name(),
            file_size: row.file_size,
            media_type: row.media_type,
            content_type: row.content_type,
            failure_reason: row.failure_reason,
            width: row.width,
            height: row.height,
            checksum_sha256: row.checksum_sha256,
            uploaded_by: row.uploaded_by,
            uploaded_at: row.uploaded_at,
            url: attachment_url(row.id),
            seen_in: None,
            preview: row.preview.map(|state| Preview { state, reason: row.preview_reason }),
            thumbhash: row.thumbhash.map(|hash| BASE64_STANDARD.encode(hash)),
            duration_ms: row.duration_ms,
            page_count: row.page_count,
            animated: row.animated,
            location: row.location.and_then(LocationState::shown),
        }
    }
}

/// A file with its contact.
#[derive(FromRow)]
pub struct PlacedRow {
    #[sqlx(flatten)]
    pub attachment: AttachmentRow,
    /// The first name of the channel's contact.
    pub first_name: Option<String>,
    /// The preferred phone of the contact, else the first.
    pub phone: Option<String>,
}

impl AttachmentRow {
    /// Converts the row to a file of this message.
    pub fn seen_in(self, message: MessageId) -> Attachment {
        let seen_in = (self.message_id != Some(message)).then_some(message);
        Attachment { seen_in, ..self.into() }
    }
}

/// A file in its channel, with what decides its visibility.
#[derive(FromRow)]
pub struct VisibleRow {
    #[sqlx(flatten)]
    pub placed: PlacedRow,
    #[sqlx(flatten)]
    pub access: AccessRow,
}

named_enum! {
    /// State of the location in a file. NULL if the file was not searched.
    pub enum LocationState in "attachments.location" {
        Removed = "removed";
        Left = "left";
        /// The photo was searched and has none. It isn't shown to users.
        Absent = "absent";
        /// The photo could not be searched. It is never public.
        Unsearchable = "unsearchable";
    }
}

impl LocationState {
    /// The part of it that people see.
    const fn shown(self) -> Option<Location> {
        match self {
            Self::Removed => Some(Location::Removed),
            Self::Left => Some(Location::Left),
            Self::Absent | Self::Unsearchable => None,
        }
    }
}

pub const ATTACHMENT_COLUMNS: &str = "a.id, a.organization_id, a.channel_id, a.uploaded_by, a.file_request_id, a.file_name, a.file_size, a.declared_type, a.content_type, a.status,
         a.failure_reason, a.attempt_id, a.multipart_id, a.checksum_sha256, a.message_id, a.width, a.height, a.uploaded_at,
         a.deleted_at, a.thumbhash, a.duration_ms, a.page_count, a.animated, a.preview, a.preview_reason, a.location,
         a.object_key, a.media_type, a.is_icon";
