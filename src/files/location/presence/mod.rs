//! Detects a location in formats that are not rewritten: HEIF, AVIF, TIFF and raw photos, JPEG XL, JPEG 2000, MP4, MOV,
//! Matroska, Ogg, AVI, and MPEG transport and program streams. Other formats are not searched.

mod boxes;
mod ebml;
mod mpeg;
mod reader;
mod riff;
#[cfg(test)]
mod tests;
mod tiff;

use std::io::{Read, Seek, SeekFrom};

use super::budget::{Budget, SearchError};
use super::{words, xmp};
use reader::Reader;

/// Number of bytes of an Ogg file that are searched for comments.
const COMMENTS_MAX: u64 = 256 * 1024;

/// Returns whether a location was found.
pub fn is_present<S: Read + Seek>(source: &mut S, content_type: &str) -> Result<bool, SearchError> {
    let length = source.seek(SeekFrom::End(0))?;
    is_present_within(source, content_type, &mut Budget::for_length(length))
}

/// Does the same within a given budget.
pub fn is_present_within<S: Read + Seek>(
    source: &mut S,
    content_type: &str,
    budget: &mut Budget,
) -> Result<bool, SearchError> {
    let length = source.seek(SeekFrom::End(0))?;
    let mut reader = Reader::new(source, length, budget);
    let Some(start) = reader.array::<12>(0)? else { return Ok(false) };
    if start.starts_with(b"II") || start.starts_with(b"MM") {
        return tiff::has_location(&mut reader, 0, length);
    }
    if start.starts_with(b"\x1a\x45\xdf\xa3") {
        return ebml::has_location(&mut reader);
    }
    if start.starts_with(b"OggS") {
        let comments = reader.bytes(0, COMMENTS_MAX.min(length))?.unwrap_or_default();
        return Ok(names_a_place(&comments));
    }
    match content_type {
        "video/mp2t" => return mpeg::is_in_transport(&mut reader),
        "video/mpeg" => return mpeg::is_in_program(&mut reader),
        _ if start.starts_with(b"RIFF") => return riff::has_location(&mut reader),
        _ => {}
    }
    let is_boxed = content_type.starts_with("video/") || content_type.starts_with("image/");
    if is_boxed { boxes::has_location(&mut reader, content_type) } else { Ok(false) }
}

/// Returns whether comments of an Ogg file have `LOCATION=` or `GEO_LOCATION=` with a value.
fn names_a_place(comments: &[u8]) -> bool {
    const NAME: &[u8] = b"LOCATION=";
    comments
        .windows(NAME.len() + 1)
        .any(|part| part[..NAME.len()].eq_ignore_ascii_case(NAME) && part[NAME.len()] > b' ')
}

/// Returns whether an XMP packet has coordinates.
fn xmp_has_location(packet: &[u8], budget: &mut Budget) -> Result<bool, SearchError> {
    budget.spend(packet.len())?;
    let names_coordinates = words::occurrences(packet).any(|(_, name)| name != b"gps");
    Ok(names_coordinates && xmp::without_place(packet, budget)?.is_some())
}
