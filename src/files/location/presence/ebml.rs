//! Matroska (RFC 9559): tags that name a location.

use std::io::{Read, Seek};
use std::ops::Range;

use super::reader::Reader;
use crate::files::location::budget::SearchError;
use crate::files::location::words;

const SEGMENT: u64 = 0x1853_8067;
const TAGS: u64 = 0x1254_c367;
const TAG: u64 = 0x7373;
const SIMPLE_TAG: u64 = 0x67c8;
const TAG_NAME: u64 = 0x45a3;
const TAG_STRING: u64 = 0x4487;
/// Longest head of an element: 4 bytes of its id, 8 of its length.
const HEAD_MAX: u64 = 12;
/// How deep tags are nested at most.
const DEPTH_MAX: usize = 8;

/// Returns whether a tag names a location.
pub fn has_location<S: Read + Seek>(reader: &mut Reader<'_, S>) -> Result<bool, SearchError> {
    let mut at = 0;
    while at < reader.length() {
        let head = reader.bytes(at, HEAD_MAX.min(reader.length() - at))?.unwrap_or_default();
        let Some((id, body)) = head_of(&head) else { return Ok(false) };
        let start = at + body.start as u64;
        match (id, body.end) {
            (SEGMENT, _) => at = start,
            (TAGS, Some(length)) => {
                let tags = reader.bytes(start, length)?.unwrap_or_default();
                if tell_a_location(&tags, DEPTH_MAX) {
                    return Ok(true);
                }
                at = start.saturating_add(length);
            }
            (_, Some(length)) => at = start.saturating_add(length),
            // A recording that was sent while it was made has its tags before this element.
            (_, None) => return Ok(false),
        }
    }
    Ok(false)
}

/// The body of an element: where it starts after the head, and its length, which recorders may leave open.
struct Body {
    start: usize,
    end: Option<u64>,
}

fn head_of(bytes: &[u8]) -> Option<(u64, Body)> {
    let id_size = size_of_number(*bytes.first()?).filter(|size| *size <= 4)?;
    let id = bytes.get(..id_size)?.iter().fold(0, |id, byte| id << 8 | u64::from(*byte));
    let first = *bytes.get(id_size)?;
    let length_size = size_of_number(first)?;
    let rest = bytes.get(id_size + 1..id_size + length_size)?;
    let mask = u64::from(0xff_u16 >> length_size);
    let length = rest.iter().fold(u64::from(first) & mask, |length, byte| length << 8 | u64::from(*byte));
    let is_open = length == (1_u64 << (7 * length_size)) - 1;
    Some((id, Body { start: id_size + length_size, end: (!is_open).then_some(length) }))
}

/// How many bytes a number has, by its first.
fn size_of_number(first: u8) -> Option<usize> {
    (first != 0).then(|| first.leading_zeros() as usize + 1)
}

/// The elements inside of one, as far as they are whole.
fn elements(mut bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        let (id, body) = head_of(bytes)?;
        let Range { start, end } = body.start..body.start.checked_add(usize::try_from(body.end?).ok()?)?;
        let content = bytes.get(start..end)?;
        bytes = &bytes[end..];
        Some((id, content))
    })
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
