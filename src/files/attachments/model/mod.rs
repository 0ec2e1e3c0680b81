//! Attachments, for both sides.

mod preview;

use serde::{Deserialize, Serialize};

use crate::channels::model::Channel;
use crate::files::attachments::file_name::FileName;
use crate::files::attachments::media_type::{MediaType, is_picture, is_text};
use crate::ids::MemberId;
use crate::ids::{AttachmentId, MessageId};
use crate::named_enum;
use crate::platform::byte_size::ByteSize;
use crate::platform::timestamp::Timestamp;

pub use preview::{PIXELS_MAX, Preview, PreviewState, has_view};

named_enum! {
    /// The state of an upload. Possible changes are `uploading → complete`, `uploading → failed` and `failed → uploading`.
    #[cfg_attr(feature = "server", derive(utoipa::ToSchema), schema(as = UploadStatus))]
    pub enum Status in "attachments.status" {
        Uploading = "uploading";
        Complete = "complete";
        Failed = "failed";
    }
}

/// A file of a message that is stored on another server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteFile {
    pub url: String,
    pub name: Option<FileName>,
    pub media_type: MediaType,
    /// The number of the message's `attachments` before it.
    pub after: usize,
    /// The preview of a picture, after the server has fetched it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<RemotePreview>,
}

/// The preview of a picture that is stored on another server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemotePreview {
    /// URL of the preview.
    pub url: String,
    /// Pixels of the picture itself.
    pub width: i32,
    pub height: i32,
}

impl RemoteFile {
    /// Returns the label: its name, else the last part of the URL, else the host.
    pub fn label(&self) -> &str {
        let named = self.name.as_ref().map(FileName::as_str).filter(|name| !name.is_empty());
        let path = self.url.split(['?', '#']).next().unwrap_or_default().split("://").nth(1).unwrap_or_default();
        let last = path.split('/').skip(1).filter(|part| !part.is_empty()).last();
        named.or(last).unwrap_or_else(|| self.host())
    }

    pub fn host(&self) -> &str {
        let rest = self.url.split("://").nth(1).unwrap_or_default();
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    pub id: AttachmentId,
    pub file_name: FileName,
    /// Bytes.
    pub file_size: ByteSize,
    /// The detected type when complete; the announced type before.
    pub content_type: String,
    pub media_type: MediaType,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// Pixels after orientation, for pictures whose header has them.
    pub width: Option<i32>,
    pub height: Option<i32>,
    /// Base64 of the SHA-256 that the bytes were checked with; `{base64}-{parts}` for uploads in parts. `None` if not
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_sha256: Option<String>,
    /// `None` for a file of a contact.
    pub uploaded_by: Option<MemberId>,
    pub uploaded_at: Option<Timestamp>,
    /// URL of the file; with `?download=1` to save it.
    pub url: String,
    /// The message that it is shown in, if another one brought it here. Passed as `message`, it decides the name of the
    /// download.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_in: Option<MessageId>,
    /// The preview; `None` for types without previews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    /// A blurred preview (<https://evanw.github.io/thumbhash/>) as base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbhash: Option<String>,
    /// Duration of video and audio in milliseconds, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Pages of a PDF, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_count: Option<i32>,
    /// Whether it is an animated picture.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub animated: bool,
    /// What happened to its location. `None`: it has none, or that is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

named_enum! {
    /// What an organization that removes locations from photos did to a file.
    pub enum Location {
        Removed = "removed", "location removed";
        /// It is still in the file: files of this type are not rewritten.
        Left = "left", "may contain location";
    }
}

/// The start of a text file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileText {
    pub text: String,
    /// Whether the file is longer.
    pub truncated: bool,
    /// The detected encoding, by its name in the Encoding Standard, such as `windows-1252`. `None`: UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
}

/// Whether photos keep their location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoLocation {
    pub keep: bool,
}

impl Attachment {
    pub fn is_picture(&self) -> bool {
        is_picture(&self.content_type)
    }

    /// Returns the duration in seconds, if known.
    pub fn duration(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "nothing plays for so long")]
        self.duration_ms.map(|length| length as f64 / 1000.0)
    }

    /// Returns whether this is text, including code; by its type, or by its name if the type is unknown.
    pub fn is_text(&self) -> bool {
        is_text(&self.content_type, self.file_name.extension())
    }

    /// Returns the URL of the file in the message that it is shown in.
    pub fn link(&self) -> String {
        self.seen_in.map_or_else(|| self.url.clone(), |message| format!("{}?message={message}", self.url))
    }

    /// Returns the displayed name.
    pub fn label(&self) -> &str {
        if self.file_name.is_empty() { "attachment" } else { self.file_name.as_str() }
    }
}

/// The tombstone of a deleted file in its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedAttachment {
    pub id: AttachmentId,
    pub file_name: FileName,
    pub deleted_at: Timestamp,
    /// The name of the person who deleted it.
    pub deleted_by: String,
    /// Whether its bytes are gone: it can't be restored.
    #[serde(default)]
    pub purged: bool,
}

/// A deleted file in the list of those that can be restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedFile {
    #[serde(flatten)]
    pub attachment: DeletedAttachment,
    /// Bytes.
    pub file_size: ByteSize,
    pub content_type: String,
    pub channel: Channel,
    /// Whether its message was deleted: it is restored with that.
    pub deleted_with_message: bool,
    pub message_id: MessageId,
}

/// A page of deleted files, latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedFiles {
    pub files: Vec<DeletedFile>,
    /// Pass this as `before` for the next page; `None` on the last.
    pub next: Option<String>,
}

pub fn attachment_url(id: AttachmentId) -> String {
    format!("/api/messages/attachments/{id}")
}
