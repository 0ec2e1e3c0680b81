//! What the first bytes of a file say that it is. The client's word is only a hint.

use super::media_type::OCTET_STREAM;

/// How much of a file is looked at: enough for a JPEG's EXIF block before its size.
pub const SNIFF_BYTES: u64 = 256 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The content type to store.
    Known(String),
    /// The bytes contradict what was announced; with what they are.
    Mismatch(Option<&'static str>),
}

/// Formats whose files always begin with their signature: a file announced as one of these and not recognised is not one.
const ALWAYS_SIGNED: [&str; 17] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
    "image/tiff",
    "image/heic",
    "image/heif",
    "video/mp4",
    "video/webm",
    "video/quicktime",
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/x-7z-compressed",
    "application/vnd.rar",
];

/// Compares announced and seen. A picture of another kind than announced is taken for what it is: phones and browsers
/// mislabel them all day. Anything else that contradicts is refused.
pub fn judge(announced: &str, start: &[u8]) -> Verdict {
    let seen = infer::get(start).map(|kind| canonical(kind.mime_type()));
    let announced = canonical(announced);
    let family = |content_type: &str| content_type.split('/').next().unwrap_or_default().to_owned();
    match seen {
        Some(seen) if announced == OCTET_STREAM || seen == announced || is_container_of(seen, announced) => {
            // A container holds the announced format: its name tells more.
            let known = if announced == OCTET_STREAM || !is_container_of(seen, announced) { seen } else { announced };
            Verdict::Known(known.to_owned())
        }
        Some(seen)
            if is_media(seen)
                && is_media(announced)
                && (family(seen) == family(announced) || is_av_pair(seen, announced)) =>
        {
            Verdict::Known(seen.to_owned())
        }
        Some(seen) if is_media(announced) || ALWAYS_SIGNED.contains(&announced) => Verdict::Mismatch(Some(seen)),
        // A document format that `infer` takes for something close to it; nothing of it is shown in the page.
        Some(seen) if is_media(seen) || seen == "application/pdf" => Verdict::Known(seen.to_owned()),
        None if ALWAYS_SIGNED.contains(&announced) => Verdict::Mismatch(None),
        // Not recognised, so it is not shown in the page either.
        None if is_media(announced) => Verdict::Known(OCTET_STREAM.to_owned()),
        _ => Verdict::Known(announced.to_owned()),
    }
}

/// What the bytes are by themselves, for files of which nobody says it.
pub fn by_bytes(start: &[u8]) -> String {
    match infer::get(start) {
        Some(kind) => canonical(kind.mime_type()).to_owned(),
        None if is_text(start) => "text/plain".to_owned(),
        None => OCTET_STREAM.to_owned(),
    }
}

/// UTF-8 without control characters but for those of lines. The last letter may be cut.
fn is_text(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or(""),
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

/// One name for what goes by several.
fn canonical(content_type: &str) -> &str {
    match content_type {
        "image/jpg" | "image/pjpeg" => "image/jpeg",
        "image/x-ms-bmp" => "image/bmp",
        "audio/mp3" | "audio/x-mp3" | "audio/x-mpeg" => "audio/mpeg",
        "audio/x-m4a" | "audio/m4a" => "audio/mp4",
        "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => "audio/wav",
        "audio/x-flac" => "audio/flac",
        // The codec of voice notes, in its usual container.
        "audio/opus" => "audio/ogg",
        "application/x-zip-compressed" => "application/zip",
        "application/x-gzip" => "application/gzip",
        "application/x-rar-compressed" => "application/vnd.rar",
        other => other,
    }
}

/// Pictures, video and audio; an SVG is a document that can hold scripts.
fn is_media(content_type: &str) -> bool {
    let family = content_type.split('/').next().unwrap_or_default();
    matches!(family, "image" | "video" | "audio") && content_type != "image/svg+xml"
}

/// The same container carries sound with or without a picture.
fn is_av_pair(a: &str, b: &str) -> bool {
    let av = |content_type: &str| content_type.starts_with("video/") || content_type.starts_with("audio/");
    av(a) && av(b)
}

fn is_container_of(seen: &str, announced: &str) -> bool {
    match seen {
        "application/zip" => {
            announced.starts_with("application/vnd.openxmlformats-officedocument.")
                || announced.starts_with("application/vnd.oasis.opendocument.")
                || matches!(
                    announced,
                    "application/epub+zip" | "application/java-archive" | "application/vnd.android.package-archive"
                )
        }
        _ => false,
    }
}

/// Width and height in pixels as a person sees the picture, after the EXIF orientation. `None` when the header does not tell.
pub fn pixel_size(content_type: &str, start: &[u8]) -> Option<(i32, i32)> {
    if !content_type.starts_with("image/") {
        return None;
    }
    let size = imagesize::blob_size(start).ok()?;
    let (width, height) = (i32::try_from(size.width).ok()?, i32::try_from(size.height).ok()?);
    if width == 0 || height == 0 {
        return None;
    }
    let turned = matches!(content_type, "image/jpeg" | "image/webp" | "image/png") && is_turned(start);
    Some(if turned { (height, width) } else { (width, height) })
}

/// Whether a picture moves, or may, as far as its start tells: only all of a GIF tells whether it does.
pub fn may_move(content_type: &str, start: &[u8]) -> bool {
    match content_type {
        "image/gif" => true,
        // The flag of the extended header (RFC 9649 §2.7).
        "image/webp" => start.get(12..16) == Some(b"VP8X") && start.get(20).is_some_and(|flags| flags & 2 != 0),
        // Its chunk comes before the first one of pixels.
        "image/png" => {
            let pixels = start.windows(4).position(|name| name == b"IDAT").unwrap_or(start.len());
            start[..pixels].windows(4).any(|name| name == b"acTL")
        }
        _ => false,
    }
}

/// Whether the EXIF orientation (5 to 8) swaps width and height.
fn is_turned(start: &[u8]) -> bool {
    let exif = exif::Reader::new().continue_on_error(true).read_from_container(&mut std::io::Cursor::new(start));
    let exif = match exif {
        Ok(exif) => exif,
        Err(error) => match error.distill_partial_result(|_| ()) {
            Ok(exif) => exif,
            Err(_) => return false,
        },
    };
    exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)
        .and_then(|field| field.value.get_uint(0))
        .is_some_and(|orientation| (5..=8).contains(&orientation))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x80\x08\x06\0\0\0";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0";
    const PDF: &[u8] = b"%PDF-1.7\n";
    const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\0\0";
    const HTML: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";

    fn known(content_type: &str) -> Verdict {
        Verdict::Known(content_type.to_owned())
    }

    #[test]
    fn the_bytes_decide() {
        assert_eq!(judge("image/png", PNG), known("image/png"));
        assert_eq!(judge(OCTET_STREAM, PNG), known("image/png"));
        assert_eq!(judge("image/png", JPEG), known("image/jpeg"));
        assert_eq!(judge("image/jpg", JPEG), known("image/jpeg"));
        assert_eq!(
            judge("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ZIP),
            known("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
        );
    }

    #[test]
    fn contradictions_are_refused() {
        assert_eq!(judge("image/png", HTML), Verdict::Mismatch(Some("text/html")));
        assert_eq!(judge("image/jpeg", PDF), Verdict::Mismatch(Some("application/pdf")));
        assert_eq!(judge("application/pdf", JPEG), Verdict::Mismatch(Some("image/jpeg")));
        assert_eq!(judge("image/jpeg", b"just text"), Verdict::Mismatch(None));
        assert_eq!(judge("application/pdf", b""), Verdict::Mismatch(None));
        assert_eq!(judge("video/mp4", PNG), Verdict::Mismatch(Some("image/png")));
    }

    #[test]
    fn what_cannot_be_recognised_is_not_shown() {
        assert_eq!(judge("audio/mpeg", b"no frame"), known(OCTET_STREAM));
        assert_eq!(judge("text/plain", b"hello"), known("text/plain"));
        assert_eq!(judge("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), known("image/svg+xml"));
    }

    #[test]
    fn bytes_speak_for_themselves() {
        assert_eq!(by_bytes(PNG), "image/png");
        assert_eq!(by_bytes(PDF), "application/pdf");
        assert_eq!(by_bytes(HTML), "text/html");
        assert_eq!(by_bytes("Grüße\n".as_bytes()), "text/plain");
        assert_eq!(by_bytes(&"Grüße".as_bytes()[..3]), "text/plain");
        for none in [&b""[..], b"\0\0\0\0", b"a\x01b", b"\xff\xfe\xfd\xfc"] {
            assert_eq!(by_bytes(none), OCTET_STREAM, "{none:?}");
        }
    }

    #[test]
    fn sizes_come_from_the_header() {
        assert_eq!(pixel_size("image/png", PNG), Some((256, 128)));
        assert_eq!(pixel_size("image/png", b"\x89PNG"), None);
        assert_eq!(pixel_size("application/pdf", PDF), None);
    }
}
