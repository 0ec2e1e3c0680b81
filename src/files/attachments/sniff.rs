//! Metadata in the first bytes of a picture: its size, and whether it is animated.

use crate::files::location;
use crate::platform::file_types::recognize::is_sequence;

/// Returns width and height in pixels after the EXIF orientation. `None` if the header does not contain them.
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

/// Returns whether a picture is animated, or may be, as far as its start shows: for a GIF, only the whole file does.
pub fn may_move(content_type: &str, start: &[u8]) -> bool {
    match content_type {
        "image/gif" => true,
        "image/avif" => is_sequence(start),
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

/// Returns whether the EXIF orientation (5 to 8) swaps width and height.
fn is_turned(content_type: &str, start: &[u8]) -> bool {
    let block = match content_type {
        "image/jpeg" => exif_of_jpeg(start),
        "image/png" => chunk(start.get(8..), *b"eXIf", u32::from_be_bytes, true),
        _ => chunk(start.get(12..), *b"EXIF", u32::from_le_bytes, false),
    };
    let block = block.map(|block| block.strip_prefix(b"Exif\0\0").unwrap_or(block));
    block.and_then(location::orientation).is_some_and(|orientation| orientation >= 5)
}

/// Returns the first EXIF block of a JPEG, as far as it is present (ITU-T T.81 Annex B).
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

/// Returns the data of the first chunk with a name, as far as it is present, in a PNG or a RIFF file.
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
        // A checksum, or padding to an even length.
        rest = data.get(length.checked_add(if is_png { 4 } else { length % 2 })?..);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x80\x08\x06\0\0\0";
    const PDF: &[u8] = b"%PDF-1.7\n";

    #[test]
    fn sizes_come_from_the_header() {
        assert_eq!(pixel_size("image/png", PNG), Some((256, 128)));
        assert_eq!(pixel_size("image/png", b"\x89PNG"), None);
        assert_eq!(pixel_size("application/pdf", PDF), None);
    }

    /// Returns a JPEG of 64 × 48 pixels with a block of EXIF.
    fn jpeg(block: &[u8]) -> Vec<u8> {
        let length = u16::try_from(block.len() + 8).unwrap().to_be_bytes();
        let frame = b"\xff\xc0\0\x0b\x08\0\x30\0\x40\x01\x01\x11\0";
        [b"\xff\xd8\xff\xe1".as_slice(), &length, b"Exif\0\0", block, frame].concat()
    }

    /// Returns a directory of entries, each of which points to the directory, followed by the orientation.
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
