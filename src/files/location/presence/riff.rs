//! AVI (RIFF): XMP, EXIF, notes, and the tracks of cameras.

use std::io::{Read, Seek};

use super::reader::Reader;
use super::{mpeg, tiff, xmp_has_location};
use crate::files::location::BLOCK_MAX;
use crate::files::location::budget::SearchError;
use crate::files::location::words;

/// Maximum nesting of lists.
const DEPTH_MAX: usize = 4;
/// Maximum length of a note that is read, in bytes.
const NOTE_MAX: u64 = 64 * 1024;

/// Returns whether a chunk has a location.
pub fn has_location<S: Read + Seek>(reader: &mut Reader<'_, S>) -> Result<bool, SearchError> {
    any_between(reader, 0, reader.length(), DEPTH_MAX)
}

fn any_between<S: Read + Seek>(
    reader: &mut Reader<'_, S>,
    start: u64,
    end: u64,
    depth: usize,
) -> Result<bool, SearchError> {
    let mut at = start;
    while at.saturating_add(8) <= end {
        let Some([a, b, c, d, size @ ..]) = reader.array::<8>(at)? else { break };
        let (content, size) = (at + 8, u64::from(u32::from_le_bytes(size)));
        let stop = (content + size).min(end);
        if tells_a_location(reader, [a, b, c, d], (content, stop), depth)? {
            return Ok(true);
        }
        // Chunks start at even offsets.
        at = content + size + size % 2;
    }
    Ok(false)
}

fn tells_a_location<S: Read + Seek>(
    reader: &mut Reader<'_, S>,
    name: [u8; 4],
    (start, end): (u64, u64),
    depth: usize,
) -> Result<bool, SearchError> {
    let read = |reader: &mut Reader<'_, S>, limit: u64| -> Result<Vec<u8>, SearchError> {
        Ok(reader.bytes(start, (end - start).min(limit))?.unwrap_or_default())
    };
    match &name {
        b"RIFF" | b"LIST" => match reader.array::<4>(start)? {
            // Subtitles of dashboard cameras.
            Some(kind) if &kind == b"movi" => Ok(mpeg::has_track(&read(reader, BLOCK_MAX)?)),
            Some(_) if depth > 0 => any_between(reader, start + 4, end, depth - 1),
            _ => Ok(false),
        },
        b"_PMX" | b"XMP " => xmp_has_location(&read(reader, BLOCK_MAX)?, reader.budget),
        // Cameras write EXIF after the letters AVIF and a number.
        b"strd" | b"EXIF" | b"exif" => {
            let is_prefixed = reader.array::<4>(start)? == Some(*b"AVIF");
            tiff::has_location(reader, if is_prefixed { start + 8 } else { start }, end)
        }
        b"gps0" => Ok(read(reader, NOTE_MAX)?.iter().any(|byte| *byte != 0)),
        b"idx1" | b"indx" | b"strf" => Ok(false),
        _ => {
            let note = read(reader, NOTE_MAX)?;
            reader.budget.spend(note.len())?;
            Ok(words::tell_a_location(&note) || words::has_coordinates(&note) || mpeg::has_track(&note))
        }
    }
}
