//! Content types that clients announce, and the API's coarse media type.

use crate::named_enum;
use crate::platform::error::{AppError, Result};
use crate::platform::file_types::{self, Family, FileType, GIF, OCTET_STREAM, PlaceData, Preview};

named_enum! {
    /// The media type of a file.
    #[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
    pub enum MediaType in "attachments.media_type", "message_attachments.media_type" {
        Image = "IMAGE";
        Video = "VIDEO";
        Gif = "GIF";
        Audio = "AUDIO";
        /// Documents and everything else.
        Icon = "ICON";
    }
}

impl MediaType {
    /// Returns the media type of a content type. A picture is one if it can have a preview; an SVG is a document.
    pub fn of(content_type: &str) -> Self {
        let Some(row) = file_types::find(content_type) else {
            return match FileKind::of(content_type) {
                FileKind::Video => Self::Video,
                FileKind::Audio => Self::Audio,
                _ => Self::Icon,
            };
        };
        match (row.family, row.preview) {
            (Family::Picture, _) if row.name == GIF => Self::Gif,
            (Family::Picture, Preview::Picture | Preview::Heif) => Self::Image,
            (Family::Video, _) => Self::Video,
            (Family::Sound, _) => Self::Audio,
            _ => Self::Icon,
        }
    }

    /// Returns whether this is a valid media type for a content type. `ICON` fits everything; a GIF is also an image.
    pub fn fits(self, content_type: &str) -> bool {
        match self {
            Self::Icon => true,
            Self::Image => matches!(Self::of(content_type), Self::Image | Self::Gif),
            _ => self == Self::of(content_type),
        }
    }
}

named_enum! {
    /// The kind of a file, as the filter of the files view.
    pub enum FileKind in "attachments.kind", "file_requests.kinds", "webhooks.kinds" {
        Image = "image", "Images";
        Video = "video", "Videos";
        Audio = "audio", "Audio";
        /// Documents to read: text, PDF, office documents.
        Document = "document", "Documents";
        Other = "other", "Other files";
    }
}

#[cfg(feature = "server")]
impl utoipa::PartialSchema for FileKind {
    /// Written by hand: the derived one does not see names that a macro has made.
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let names = Self::ALL.iter().map(|kind| kind.name());
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        text.enum_values(Some(names)).build().into()
    }
}

#[cfg(feature = "server")]
impl utoipa::ToSchema for FileKind {}

impl FileKind {
    /// Returns the kind. Unlike [`MediaType`], a picture is one whether or not browsers show it.
    pub fn of(content_type: &str) -> Self {
        if let Some(row) = file_types::find(content_type) {
            return match row.family {
                Family::Picture => Self::Image,
                Family::Video => Self::Video,
                Family::Sound => Self::Audio,
                Family::Text | Family::Document => Self::Document,
                Family::Archive | Family::Program | Family::Other => Self::Other,
            };
        }
        match content_type.split_once('/').unwrap_or_default() {
            ("image", _) => Self::Image,
            ("video", _) => Self::Video,
            ("audio", _) => Self::Audio,
            ("text", _) => Self::Document,
            ("application", subtype) if OFFICE.iter().any(|family| subtype.starts_with(family)) => Self::Document,
            _ => Self::Other,
        }
    }
}

/// Families of office types of which the table has only the usual ones.
const OFFICE: [&str; 5] =
    ["vnd.openxmlformats-officedocument", "vnd.oasis.opendocument", "vnd.ms-excel", "vnd.ms-powerpoint", "vnd.ms-word"];

/// Returns whether this is a raster picture that every browser shows.
pub fn is_picture(content_type: &str) -> bool {
    file_types::find(content_type).is_some_and(FileType::is_raster)
}

/// Returns whether this is text; shown as text, never as markup.
pub fn is_text(content_type: &str, extension: &str) -> bool {
    let row =
        if content_type == OCTET_STREAM { file_types::by_extension(extension) } else { file_types::find(content_type) };
    row.map_or(content_type.starts_with("text/"), FileType::is_text)
}

/// Returns whether files of this detected type may be shown in the page. SVG and HTML never are: they can contain
/// scripts.
pub fn is_inline(content_type: &str) -> bool {
    file_types::find(content_type).is_some_and(|row| row.inline)
}

/// Returns whether files of this type may contain a location, and are not changed.
pub fn may_keep_place(content_type: &str) -> bool {
    file_types::find(content_type).map_or(content_type.starts_with("video/"), |row| row.place == PlaceData::Kept)
}

/// Returns the announced type in lower case without parameters; [`OCTET_STREAM`] if empty. Rejects an invalid type (RFC
/// 9110 §8.3.1).
pub fn check_content_type(text: &str) -> Result<String> {
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence.is_empty() {
        return Ok(OCTET_STREAM.to_owned());
    }
    let is_token = |part: &str| {
        !part.is_empty()
            && part.len() <= 127
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c))
    };
    match essence.split_once('/') {
        Some((kind, subtype)) if is_token(kind) && is_token(subtype) => Ok(essence),
        _ => Err(AppError::invalid(
            "contentType",
            "This is not a content type. Use one such as image/jpeg, or leave it out.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_normalized_or_refused() {
        assert_eq!(check_content_type("Image/JPEG; q=1").unwrap(), "image/jpeg");
        assert_eq!(check_content_type("").unwrap(), OCTET_STREAM);
        for wrong in ["jpeg", "image/", "/x", "image/jp eg", "a/b\r\nX: y", "a/b/c", "é/x"] {
            assert!(check_content_type(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn scripts_are_never_inline() {
        for hostile in
            ["image/svg+xml", "text/html", "text/xml", "application/xhtml+xml", "application/javascript", OCTET_STREAM]
        {
            assert!(!is_inline(hostile), "{hostile}");
        }
        assert_eq!(MediaType::of("image/svg+xml"), MediaType::Icon);
        assert_eq!(MediaType::of("image/gif"), MediaType::Gif);
    }
}
