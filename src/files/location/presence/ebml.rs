//! Matroska (RFC 9559): tags that name a location.

use std::io::{Read, Seek};

use super::reader::Reader;
use crate::files::location::budget::SearchError;
use crate::files::location::words;
use crate::platform::file_types::ebml::{HEAD_MAX, Head, elements, head};

const SEGMENT: u32 = 0x1853_8067;
const TAGS: u32 = 0x1254_c367;
const TAG: u32 = 0x7373;
const SIMPLE_TAG: u32 = 0x67c8;
const TAG_NAME: u32 = 0x45a3;
const TAG_STRING: u32 = 0x4487;
/// Maximum nesting of tags.
const DEPTH_MAX: usize = 8;

/// Returns whether a tag names a location.
pub fn has_location<S: Read + Seek>(reader: &mut Reader<'_, S>) -> Result<bool, SearchError> {
    let mut at = 0;
    while at < reader.length() {
        let bytes = reader.bytes(at, HEAD_MAX.min(reader.length() - at))?.unwrap_or_default();
        let Some(Head { id, size, length }) = head(&bytes) else { return Ok(false) };
        let start = at + size as u64;
        match (id, length) {
            (SEGMENT, _) => at = start,
            (TAGS, Some(length)) => {
                let tags = reader.bytes(start, length)?.unwrap_or_default();
                if tell_a_location(&tags, DEPTH_MAX) {
                    return Ok(true);
                }
                at = start.saturating_add(length);
            }
            (_, Some(length)) => at = start.saturating_add(length),
            // The tags of a live recording are before this element.
            (_, None) => return Ok(false),
        }
    }
    Ok(false)
}

fn tell_a_location(tags: &[u8], depth: usize) -> bool {
    let (mut is_named, mut has_value) = (false, false);
    for (id, content) in elements(tags) {
        match id {
            TAG_NAME => {
                let name = content.to_ascii_lowercase();
                is_named = words::find_any(&name, &[b"location"]).is_some() || words::name_a_location(&name);
            }
            TAG_STRING => has_value = content.iter().any(|byte| *byte > b' '),
            TAG | SIMPLE_TAG if depth > 0 && tell_a_location(content, depth - 1) => return true,
            _ => {}
        }
    }
    is_named && has_value
}
