//! What the first bytes of a file say that it is. The client's word is only a hint.

use super::location;
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
    let turned = matches!(content_type, "image/jpeg" | "image/webp" | "image/png") && is_turned(content_type, start);
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
fn is_turned(content_type: &str, start: &[u8]) -> bool {
    let block = match content_type {
        "image/jpeg" => exif_of_jpeg(start),
        "image/png" => chunk(start.get(8..), *b"eXIf", u32::from_be_bytes, true),
        _ => chunk(start.get(12..), *b"EXIF", u32::from_le_bytes, false),
    };
    let block = block.map(|block| block.strip_prefix(b"Exif\0\0").unwrap_or(block));
    block.and_then(location::orientation).is_some_and(|orientation| orientation >= 5)
}

/// The first EXIF block of a JPEG, as far as it is there (ITU-T T.81 Annex B).
fn exif_of_jpeg(start: &[u8]) -> Option<&[u8]> {
    let mut rest = start.get(2..)?;
    loop {
        let [0xff, marker, after @ ..] = rest else { return None };
        match marker {
            0xff => rest = &rest[1..],
            0x01 | 0xd0..=0xd7 => rest = after,
            // The scan, or the end.
            0xda | 0xd9 => return None,
            _ => {
                let length = usize::from(u16::from_be_bytes(*after.first_chunk()?)).max(2);
                let payload = &after[2..length.min(after.len()).max(2)];
                if *marker == 0xe1 && payload.starts_with(b"Exif\0\0") {
                    return Some(payload);
                }
                rest = after.get(length..)?;
            }
        }
    }
}

/// The data of the first chunk of a name, as far as it is there, in a PNG or a RIFF file.
fn chunk(mut rest: Option<&[u8]>, name: [u8; 4], length: fn([u8; 4]) -> u32, is_png: bool) -> Option<&[u8]> {
    loop {
        let chunk = rest?;
        let (first, data) = (chunk.first_chunk::<4>()?, chunk.get(8..)?);
        let second = chunk[4..].first_chunk::<4>()?;
        let (kind, length) = if is_png { (second, length(*first)) } else { (first, length(*second)) };
        let length = usize::try_from(length).ok()?;
        if *kind == name {
            return Some(&data[..length.min(data.len())]);
        }
        // A checksum, or a byte that makes the length even.
        rest = data.get(length.checked_add(if is_png { 4 } else { length % 2 })?..);
    }
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

    /// A JPEG of 64 × 48 pixels with a block of EXIF.
    fn jpeg(block: &[u8]) -> Vec<u8> {
        let length = u16::try_from(block.len() + 8).unwrap().to_be_bytes();
        let frame = b"\xff\xc0\0\x0b\x08\0\x30\0\x40\x01\x01\x11\0";
        [b"\xff\xd8\xff\xe1".as_slice(), &length, b"Exif\0\0", block, frame].concat()
    }

    /// A directory of entries, each of which is a pointer to the directory, and at last the orientation.
    fn pointers(count: u16) -> Vec<u8> {
        let mut block = b"II*\0\x08\0\0\0".to_vec();
        block.extend((count + 1).to_le_bytes());
        block.extend(b"\x69\x87\x04\0\xff\x3f\0\0\x08\0\0\0".repeat(usize::from(count)));
        block.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0");
        block
    }

    #[test]
    fn the_orientation_turns_the_size() {
        for count in [0, 3, 5_000] {
            let block = pointers(count);
            assert_eq!(pixel_size("image/jpeg", &jpeg(&block)), Some((48, 64)), "{count}");
            let length = u32::try_from(block.len()).unwrap();
            let png = [PNG, &[0; 4], &length.to_be_bytes(), b"eXIf", &block].concat();
            assert_eq!(pixel_size("image/png", &png), Some((128, 256)), "{count}");
            let head = b"RIFF\0\0\x01\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\x3f\0\0\x2f\0\0";
            let webp = [head, b"EXIF".as_slice(), &length.to_le_bytes(), &block].concat();
            assert_eq!(pixel_size("image/webp", &webp), Some((48, 64)), "{count}");
        }
        assert_eq!(pixel_size("image/jpeg", &jpeg(b"II*\0\x08\0\0\0")), Some((64, 48)));
    }
}
