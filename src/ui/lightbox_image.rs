//! The lightbox's input: files with everything it shows about them.

/// What kind of file is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LightboxKind {
    Picture,
    Video,
    Audio,
    /// Pages, each a picture, at these URLs.
    Pages(Vec<String>),
    /// Text, which the owner of the lightbox loads by this id.
    Text(String),
    /// Not shown, with the reason.
    Nothing(String),
}

/// A picture in the lightbox, or a file of another kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LightboxImage {
    /// Identifies the file, and stays the same when everything else changes.
    pub id: String,
    pub url: String,
    pub alt: String,
    pub file_name: Option<String>,
    /// Pixels, if known.
    pub size: Option<(i32, i32)>,
    /// Sender, time and size: the line under the name.
    pub caption: String,
    /// The name of the download, for the tooltip.
    pub saved_as: Option<String>,
    /// The message with the file, if it is not on the page behind.
    pub said_at: Option<String>,
    pub kind: LightboxKind,
    /// A smaller picture that is shown until the full one is loaded; the poster of a video.
    pub preview: Option<String>,
    /// The smallest picture, for the strip.
    pub thumbnail: Option<String>,
    /// A few blurred pixels in base64, shown until the first picture is loaded.
    pub thumbhash: Option<String>,
}

impl LightboxImage {
    /// Returns the URL that saves the picture instead of showing it. An existing query is kept.
    pub fn download_url(&self) -> String {
        download_url(&self.url)
    }

    /// Returns the name for people.
    pub(super) fn noun(&self) -> &'static str {
        if self.kind == LightboxKind::Picture { "image" } else { "file" }
    }

    pub(super) fn zooms(&self) -> bool {
        matches!(self.kind, LightboxKind::Picture | LightboxKind::Pages(_))
    }

    pub(super) fn name(&self) -> &str {
        self.file_name.as_deref().unwrap_or(&self.alt)
    }
}

/// Returns the download URL of a file that is served at `url`.
pub fn download_url(url: &str) -> String {
    let join = if url.contains('?') { '&' } else { '?' };
    format!("{url}{join}download=1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_download_url_keeps_an_existing_query() {
        assert_eq!(download_url("/a/1"), "/a/1?download=1");
        assert_eq!(download_url("/a/1?v=2"), "/a/1?v=2&download=1");
    }
}
