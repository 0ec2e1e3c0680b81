//! JPEG: segments, then entropy-coded data, then perhaps more of both (ITU-T T.81 Annex B).

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use super::{Patch, block, exif, names_a_place, trailer, xmp};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// An XMP packet over 64 kB goes on in these, each with a checksum of 32 characters, a length and an offset.
const MORE_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const MORE_XMP_HEAD: usize = MORE_XMP.len() + 40;
/// Photoshop's resources, which may hold EXIF and XMP once more.
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";

pub fn find<S: Read + Seek>(source: &mut S, patches: &mut Vec<Patch>) -> io::Result<()> {
    let end = find_one(source, patches)?;
    trailer::find(source, end, patches)
}

/// Looks through the JPEG that starts here; answers where it ends.
pub fn find_one<S: Read + Seek>(source: &mut S, patches: &mut Vec<Patch>) -> io::Result<u64> {
    let mut at = source.stream_position()? + 2;
    let mut more_xmp = Vec::new();
    let mut more_text = Vec::new();
    while let Some((marker_at, marker)) = next_marker(source, at)? {
        at = marker_at + 2;
        match marker {
            // The end.
            0xd9 => break,
            // Another start: not part of this one any more.
            0xd8 => {
                at = marker_at;
                break;
            }
            // Alone: no length follows.
            0x01 | 0xd0..=0xd7 => continue,
            _ => {}
        }
        let mut length = [0; 2];
        source.seek(SeekFrom::Start(at))?;
        if source.read_exact(&mut length).is_err() {
            break;
        }
        let length = u64::from(u16::from_be_bytes(length));
        let (payload_at, payload_length) = (at + 2, length.saturating_sub(2));
        if matches!(marker, 0xe1 | 0xed) {
            let Some(payload) = block(source, payload_at, payload_length)? else { break };
            if let Some(clean) = segment(&payload) {
                patches.push(Patch::bytes(payload_at, clean));
            } else if marker == 0xe1 && payload.starts_with(MORE_XMP) && payload.len() >= MORE_XMP_HEAD {
                let text = &payload[MORE_XMP_HEAD..];
                more_xmp.push(Patch::fill(payload_at + MORE_XMP_HEAD as u64, b' ', text.len() as u64));
                more_text.extend_from_slice(text);
            }
        }
        at += length.max(2);
    }
    if names_a_place(&more_text) {
        patches.extend(more_xmp);
    }
    Ok(at)
}

/// A segment of metadata without the place; `None` when it holds none.
fn segment(payload: &[u8]) -> Option<Vec<u8>> {
    let with_head = |head: &[u8], clean: Vec<u8>| [head, &clean].concat();
    if let Some(tiff) = payload.strip_prefix(EXIF) {
        return exif::without_place(tiff).map(|clean| with_head(EXIF, clean));
    }
    if let Some(packet) = payload.strip_prefix(XMP) {
        return xmp::without_place(packet).map(|clean| with_head(XMP, clean));
    }
    let resources = payload.strip_prefix(PHOTOSHOP)?;
    let holds_exif = resources.windows(6).any(|bytes| bytes == b"8BIM\x04\x22" || bytes == b"8BIM\x04\x23");
    (holds_exif || names_a_place(resources)).then(|| with_head(PHOTOSHOP, vec![0; resources.len()]))
}

/// The next marker from here on: two bytes, the second neither 0, which is data, nor 255, which fills.
fn next_marker<S: Read + Seek>(source: &mut S, from: u64) -> io::Result<Option<(u64, u8)>> {
    source.seek(SeekFrom::Start(from))?;
    let mut reader = BufReader::with_capacity(32 * 1024, source);
    let mut at = from;
    let mut after_ff = false;
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(None);
        }
        for (place, byte) in bytes.iter().enumerate() {
            match byte {
                0xff => after_ff = true,
                0 => after_ff = false,
                marker if after_ff => return Ok(Some((at + place as u64 - 1, *marker))),
                _ => {}
            }
        }
        let length = bytes.len();
        at += length as u64;
        reader.consume(length);
    }
}
