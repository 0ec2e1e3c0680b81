//! Attachments as both sides see them.

use serde::{Deserialize, Serialize};

use super::file_name::FileName;
use super::media_type::{MediaType, is_picture, is_text};
use crate::channels::model::Channel;
use crate::id_type;
use crate::organizations::model::MemberId;
use crate::platform::timestamp::Timestamp;

id_type! {
    AttachmentId,
    MessageId,
}

/// Where an upload stands. Only `uploading → complete | failed` and `failed → uploading` are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema), schema(as = UploadStatus))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Uploading,
    Complete,
    Failed,
}

impl Status {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Complete => "complete",
            Self::Failed => "failed",
        }
    }

    pub fn from_name(name: &str) -> Self {
        match name {
            "complete" => Self::Complete,
            "uploading" => Self::Uploading,
            _ => Self::Failed,
        }
    }
}

/// Something that a message carries and that is stored elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteFile {
    pub url: String,
    pub name: Option<FileName>,
    pub media_type: MediaType,
    /// How many of the message's `attachments` come before it.
    pub after: usize,
}

impl RemoteFile {
    /// What people read: its name, else the last part of the URL, else the host.
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
    pub file_size: i64,
    /// What the bytes say, once complete; before that the client's word.
    pub content_type: String,
    pub media_type: MediaType,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// Pixels as a person sees them, for pictures whose header tells.
    pub width: Option<i32>,
    pub height: Option<i32>,
    /// Base64 of the SHA-256 that the bytes were checked with; `{base64}-{parts}` for what came in parts. None if not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_sha256: Option<String>,
    /// None when a contact sent it.
    pub uploaded_by: Option<MemberId>,
    pub uploaded_at: Option<Timestamp>,
    /// Where the file is served; with `?download=1` to save it.
    pub url: String,
    /// What is shown in the file's place; none for types that have no preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    /// A blurred preview (<https://evanw.github.io/thumbhash/>) as base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbhash: Option<String>,
    /// Of video and audio, in milliseconds, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<i64>,
    /// Of a PDF, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_count: Option<i32>,
    /// A picture that moves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub animated: bool,
    /// What became of the place where it was taken, if it was removed or may be left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// What an organisation that removes places from photos did to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Location {
    Removed,
    /// Files of this type are left as they are.
    Left,
}

impl Location {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Left => "left",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Removed, Self::Left].into_iter().find(|location| location.name() == name)
    }

    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Removed => "location removed",
            Self::Left => "location, if any, left in the file",
        }
    }
}

/// The start of a text file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileText {
    pub text: String,
    /// The file goes on.
    pub truncated: bool,
}

/// Whether photos keep the place where they were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoLocation {
    pub keep: bool,
}

/// Whether a small picture stands for a file, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub state: PreviewState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PreviewState {
    /// It is being made.
    Pending,
    Ready,
    /// There will be none.
    None,
}

impl PreviewState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::None => "none",
        }
    }

    pub fn from_name(name: &str) -> Self {
        match name {
            "pending" => Self::Pending,
            "ready" => Self::Ready,
            _ => Self::None,
        }
    }
}

/// Most pixels of a picture that is decoded, here or in a browser.
pub const PIXELS_MAX: i64 = 100_000_000;
/// Largest picture that the feed loads as it was uploaded, in bytes.
const SMALL_ORIGINAL: i64 = 200_000;
/// Over so many pixels on a side, or so many bytes, a picture has one in between, for the lightbox to show at once.
const VIEW_SIDE: i32 = 2560;
const VIEW_BYTES: i64 = 500_000;

/// Whether a picture is to have a version as large as a screen, beside the small one for the feed.
pub fn has_view(file_size: i64, width: i32, height: i32) -> bool {
    file_size > VIEW_BYTES || width.max(height) > VIEW_SIDE
}

impl Attachment {
    pub fn is_picture(&self) -> bool {
        is_picture(&self.content_type)
    }

    fn is_ready(&self) -> bool {
        self.preview.as_ref().is_some_and(|preview| preview.state == PreviewState::Ready)
    }

    /// Whether smaller versions of this picture are there.
    fn has_pictures(&self) -> bool {
        self.is_ready() && self.content_type.starts_with("image/")
    }

    /// What the feed loads of a picture: a small version, or the file itself when it is small and stands still. None while
    /// there is neither.
    pub fn feed_url(&self) -> Option<String> {
        let is_light = self.file_size <= SMALL_ORIGINAL && !self.is_bomb();
        if self.is_picture() && is_light && !self.animated {
            return Some(self.url.clone());
        }
        self.has_pictures().then(|| format!("{}/thumbnail?size=feed", self.url))
    }

    /// More pixels than a browser should be made to decode, however few the bytes.
    pub fn is_bomb(&self) -> bool {
        self.width.zip(self.height).is_some_and(|(width, height)| i64::from(width) * i64::from(height) > PIXELS_MAX)
    }

    /// What the lightbox shows of a picture until it has loaded the file itself.
    pub fn view_url(&self) -> Option<String> {
        let (width, height) = self.width.zip(self.height)?;
        if self.has_pictures() && has_view(self.file_size, width, height) {
            return Some(format!("{}/thumbnail?size=view", self.url));
        }
        self.feed_url()
    }

    /// A still of a video, the first page of a document.
    pub fn poster_url(&self) -> Option<String> {
        (self.is_ready() && !self.content_type.starts_with("image/"))
            .then(|| format!("{}/thumbnail?size=poster", self.url))
    }

    /// In seconds, where known.
    pub fn duration(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "nothing plays for so long")]
        self.duration_ms.map(|length| length as f64 / 1000.0)
    }

    /// Text that people read, code too; by its type, or by its name where the type says nothing.
    pub fn is_text(&self) -> bool {
        is_text(&self.content_type, self.file_name.extension())
    }

    /// Why there is no small version, for people.
    pub fn why_no_preview(&self) -> Option<&str> {
        self.preview.as_ref().filter(|preview| preview.state == PreviewState::None)?.reason.as_deref()
    }

    /// What stands where the name is shown.
    pub fn label(&self) -> &str {
        if self.file_name.is_empty() { "attachment" } else { self.file_name.as_str() }
    }
}

/// What is left of a deleted file in its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedAttachment {
    pub id: AttachmentId,
    pub file_name: FileName,
    pub deleted_at: Timestamp,
    /// The name of who did it.
    pub deleted_by: String,
}

/// A deleted file as those see it who may bring it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedFile {
    #[serde(flatten)]
    pub attachment: DeletedAttachment,
    /// Bytes.
    pub file_size: i64,
    pub content_type: String,
    pub channel: Channel,
    /// Its message was deleted: it comes back with that.
    pub deleted_with_message: bool,
    pub message_id: MessageId,
}

/// A page of deleted files, latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedFiles {
    pub files: Vec<DeletedFile>,
    /// Hand this in as `before` for the next page; none: this is the last.
    pub next: Option<String>,
}

pub fn attachment_url(id: AttachmentId) -> String {
    format!("/api/messages/attachments/{id}")
}

/// `4.2 MB`: three digits at most, decimal units, as people know sizes.
pub fn format_size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut size = bytes as f64 / 1000.0;
    while size >= 999.5 && unit < UNITS.len() - 1 {
        size /= 1000.0;
        unit += 1;
    }
    if size < 9.95 { format!("{size:.1} {}", UNITS[unit]) } else { format!("{size:.0} {}", UNITS[unit]) }
}

/// `1.8 of 4.3 MB`: the unit once where both have the same.
pub fn format_progress(sent: u64, all: u64) -> String {
    let (sent, all) = (format_size(sent), format_size(all));
    match (sent.split_once(' '), all.split_once(' ')) {
        (Some((number, unit)), Some((_, of_all))) if unit == of_all => format!("{number} of {all}"),
        _ => format!("{sent} of {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{format_progress, format_size};

    #[test]
    fn progress_names_a_unit_once() {
        assert_eq!(format_progress(1_800_000, 4_300_000), "1.8 of 4.3 MB");
        assert_eq!(format_progress(640_000, 4_300_000), "640 kB of 4.3 MB");
        assert_eq!(format_progress(0, 4_300_000), "0 B of 4.3 MB");
    }

    #[test]
    fn sizes_read_well() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (182_000, "182 kB"),
            (999_600, "1.0 MB"),
            (4_200_000, "4.2 MB"),
            (24_600_000, "25 MB"),
            (2_000_000_000, "2.0 GB"),
        ] {
            assert_eq!(format_size(bytes), text);
        }
    }
}
