//! What is shown in a file's place, and where it is fetched.

use serde::{Deserialize, Serialize};

use super::Attachment;

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

    /// The small version of a picture, or the still of a video or a document; never the file itself, however small.
    pub fn still_url(&self) -> Option<String> {
        self.has_pictures().then(|| format!("{}/thumbnail?size=feed", self.url)).or_else(|| self.poster_url())
    }

    /// The largest version of a picture that is not the file itself, or the still of a video or a document.
    pub fn large_still_url(&self) -> Option<String> {
        let (width, height) = self.width.zip(self.height).unwrap_or_default();
        if self.has_pictures() && has_view(self.file_size, width, height) {
            return Some(format!("{}/thumbnail?size=view", self.url));
        }
        self.still_url()
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

    /// Why there is no small version, for people.
    pub fn why_no_preview(&self) -> Option<&str> {
        self.preview.as_ref().filter(|preview| preview.state == PreviewState::None)?.reason.as_deref()
    }
}
