//! Previews of files, and their URLs.

use serde::{Deserialize, Serialize};

use super::Attachment;
use crate::named_enum;
use crate::platform::byte_size::ByteSize;

/// Whether a file has a preview, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub state: PreviewState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

named_enum! {
    /// How far the making of a preview is.
    pub enum PreviewState in "attachments.preview", "message_attachments.preview" {
        /// It is being made.
        Pending = "pending";
        Ready = "ready";
        /// There will be none.
        None = "none";
    }
}

/// Maximum number of pixels of a picture that is decoded, on the server or in a browser.
pub const PIXELS_MAX: i64 = 100_000_000;
/// Maximum size of an original that the feed loads, in bytes.
const SMALL_ORIGINAL: ByteSize = ByteSize(200_000);
/// Over this many pixels on a side, or bytes, a picture has a middle size for the lightbox to show first.
const VIEW_SIDE: i32 = 2560;
const VIEW_BYTES: ByteSize = ByteSize(500_000);

/// Returns whether a picture gets a screen-sized version, in addition to the small one for the feed.
pub fn has_view(file_size: ByteSize, width: i32, height: i32) -> bool {
    file_size > VIEW_BYTES || width.max(height) > VIEW_SIDE
}

impl Attachment {
    fn is_ready(&self) -> bool {
        self.preview.as_ref().is_some_and(|preview| preview.state == PreviewState::Ready)
    }

    /// Returns whether smaller versions of this picture exist.
    fn has_pictures(&self) -> bool {
        self.is_ready() && self.content_type.starts_with("image/")
    }

    /// Returns what the feed loads of a picture: a small version, or the file itself if it is small and not animated.
    /// `None` while there is neither.
    pub fn feed_url(&self) -> Option<String> {
        let is_light = self.file_size <= SMALL_ORIGINAL && !self.is_bomb();
        if self.is_picture() && is_light && !self.animated {
            return Some(self.url.clone());
        }
        self.has_pictures().then(|| format!("{}/thumbnail?size=feed", self.url))
    }

    /// Returns the small version of a picture, or the poster of a video or a document; never the file itself.
    pub fn still_url(&self) -> Option<String> {
        self.has_pictures().then(|| format!("{}/thumbnail?size=feed", self.url)).or_else(|| self.poster_url())
    }

    /// Returns the largest version of a picture that is not the file itself, or the poster of a video or a document.
    pub fn large_still_url(&self) -> Option<String> {
        let (width, height) = self.width.zip(self.height).unwrap_or_default();
        if self.has_pictures() && has_view(self.file_size, width, height) {
            return Some(format!("{}/thumbnail?size=view", self.url));
        }
        self.still_url()
    }

    /// Returns whether a picture has more pixels than a browser should decode, however small the file.
    pub fn is_bomb(&self) -> bool {
        self.width.zip(self.height).is_some_and(|(width, height)| i64::from(width) * i64::from(height) > PIXELS_MAX)
    }

    /// Returns what the lightbox shows of a picture until it has loaded the file itself.
    pub fn view_url(&self) -> Option<String> {
        let (width, height) = self.width.zip(self.height)?;
        if self.has_pictures() && has_view(self.file_size, width, height) {
            return Some(format!("{}/thumbnail?size=view", self.url));
        }
        self.feed_url()
    }

    /// Returns a frame of a video, or the first page of a document.
    pub fn poster_url(&self) -> Option<String> {
        (self.is_ready() && !self.content_type.starts_with("image/"))
            .then(|| format!("{}/thumbnail?size=poster", self.url))
    }

    /// Returns the reason for people why there is no preview.
    pub fn why_no_preview(&self) -> Option<&str> {
        self.preview.as_ref().filter(|preview| preview.state == PreviewState::None)?.reason.as_deref()
    }
}
