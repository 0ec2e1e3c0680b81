//! What the lightbox is handed: files, with all that it says of them.

/// What kind of thing is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LightboxKind {
    Picture,
    Video,
    Audio,
    /// Pages, each a picture, at these addresses.
    Pages(Vec<String>),
    /// Read by whoever opens the lightbox: the id says which.
    Text(String),
    /// Not shown; why.
    Nothing(String),
}

/// A picture in the lightbox, or a file of another kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LightboxImage {
    /// Tells the files apart, and stays the same while all else of a file changes.
    pub id: String,
    pub url: String,
    pub alt: String,
    pub file_name: Option<String>,
    /// Pixels, where known.
    pub size: Option<(i32, i32)>,
    /// Who sent it, when, how large: the line under the name.
    pub caption: String,
    /// The name under which it is saved, for the tooltip.
    pub saved_as: Option<String>,
    /// Where it was said, when that is not the page behind.
    pub said_at: Option<String>,
    pub kind: LightboxKind,
    /// A smaller picture that is shown until the whole one has come; the still of a video.
    pub preview: Option<String>,
    /// The smallest one, for the strip.
    pub thumbnail: Option<String>,
    /// A few blurred pixels in base64, shown until the first picture has come.
    pub thumbhash: Option<String>,
}

impl LightboxImage {
    /// The address that saves the picture instead of showing it. An existing query is kept.
    pub fn download_url(&self) -> String {
        download_url(&self.url)
    }

    /// What people call it.
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

/// Where a file is saved that is served at `url`.
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
