//! MPEG transport and program streams (ISO/IEC 13818-1): the metadata of camcorders, drones and dashboard cameras, at the
//! start and at the end of a film.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::reader::Reader;
use crate::files::location::BLOCK_MAX;
use crate::files::location::budget::SearchError;
use crate::files::location::words;

/// Maximum number of streams of which parts are collected.
const STREAMS_MAX: usize = 64;
/// Key of the metadata of unmanned aircraft (MISB ST 0601).
const AIRCRAFT: &[u8] = b"\x06\x0e\x2b\x34\x02\x0b\x01\x01\x0e\x01\x03\x01\x01\0\0\0";
/// Tags of the latitude and longitude of the aircraft, and of what it films.
const AIRCRAFT_COORDINATES: [u8; 4] = [13, 14, 23, 24];
/// Length of a metadata block that is read, in bytes.
const AIRCRAFT_MAX: usize = 4096;
/// Start of the camera's data in H.264 (AVCHD).
const CAMCORDER: &[u8] = b"\x17\xee\x8c\x60\xf8\x4d\x11\xd9\x8c\xd6\x08\0\x20\x0c\x9a\x66MDPM";
/// Tag of the letter of the latitude.
const CAMCORDER_LATITUDE: u8 = 0xb1;
const CAMCORDER_MAX: usize = 1024;
/// Positions of a receiver (NMEA 0183), and the length of one.
const SENTENCES: [&[u8]; 4] = [b"$GPRMC,", b"$GNRMC,", b"$GPGGA,", b"$GNGGA,"];
const SENTENCE_MAX: usize = 82;
/// Length of a name that occurs in films by chance.
const SHORT_NAME: usize = 3;

/// Returns whether a transport stream has a location. Its packets have 188 bytes, or 192 with a time before each.
pub fn is_in_transport<S: Read + Seek>(reader: &mut Reader<'_, S>) -> Result<bool, SearchError> {
    let packet = if reader.array::<5>(0)?.is_some_and(|head| head[0] != 0x47 && head[4] == 0x47) { 192 } else { 188 };
    for at in pieces(reader.length(), packet) {
        let bytes = reader.bytes(at, BLOCK_MAX.min(reader.length() - at))?.unwrap_or_default();
        reader.budget.spend(3 * bytes.len())?;
        if streams(&bytes, packet).values().any(|stream| tells_a_location(stream)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns whether a program stream has a location. Its packets are longer than what is searched for.
pub fn is_in_program<S: Read + Seek>(reader: &mut Reader<'_, S>) -> Result<bool, SearchError> {
    for at in pieces(reader.length(), 1) {
        let bytes = reader.bytes(at, BLOCK_MAX.min(reader.length() - at))?.unwrap_or_default();
        reader.budget.spend(3 * bytes.len())?;
        if tells_a_location(&bytes) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the offsets of what is searched: of the start, and of the end of a longer file, which begins with a packet.
fn pieces(length: u64, packet: usize) -> impl Iterator<Item = u64> {
    let end = length.saturating_sub(BLOCK_MAX).next_multiple_of(packet as u64);
    std::iter::once(0).chain((length > BLOCK_MAX && end < length).then_some(end))
}

/// Returns the contents of the packets of each stream.
fn streams(bytes: &[u8], packet: usize) -> BTreeMap<u16, Vec<u8>> {
    let mut streams: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
    for packet in bytes.chunks_exact(packet) {
        let [0x47, first, second, flags, content @ ..] = &packet[packet.len() - 188..] else { continue };
        let id = u16::from_be_bytes([first & 0x1f, *second]);
        // An adaptation field, with its length, may come before the content.
        let skipped = if flags & 0x20 == 0 { 0 } else { usize::from(content[0]) + 1 };
        let content = content.get(skipped..).filter(|_| flags & 0x10 != 0).unwrap_or_default();
        if streams.len() < STREAMS_MAX || streams.contains_key(&id) {
            streams.entry(id).or_default().extend_from_slice(content);
        }
    }
    streams
}

fn tells_a_location(bytes: &[u8]) -> bool {
    has_track(bytes)
        || after(bytes, AIRCRAFT).any(|block| is_aircraft_somewhere(&block[..block.len().min(AIRCRAFT_MAX)]))
        || after(bytes, CAMCORDER).any(|block| is_camcorder_somewhere(&block[..block.len().min(CAMCORDER_MAX)]))
        || words::occurrences(bytes).any(|(_, name)| name.len() > SHORT_NAME)
}

/// Returns what follows each occurrence of a pattern.
fn after<'a>(bytes: &'a [u8], pattern: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
    memchr::memmem::find_iter(bytes, pattern).map(move |at| &bytes[at + pattern.len()..])
}

/// Returns whether there is a position as receivers write it.
pub fn has_track(bytes: &[u8]) -> bool {
    SENTENCES.iter().flat_map(|start| after(bytes, start)).any(|rest| {
        let sentence = &rest[..rest.len().min(SENTENCE_MAX)];
        let fields: Vec<_> = sentence.split(|byte| *byte == b',').collect();
        let has_letter = |pair: &[&[u8]]| pair[0].iter().any(u8::is_ascii_digit) && matches!(pair[1], b"N" | b"S");
        fields.windows(2).any(has_letter)
    })
}

/// Reads a length of one byte, or of several after their number (BER).
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first < 0x80 {
        return Some((usize::from(*first), rest));
    }
    let (number, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    let length =
        number.iter().try_fold(0_usize, |length, byte| length.checked_mul(256)?.checked_add(usize::from(*byte)));
    Some((length?, rest))
}

/// Returns whether a local set has coordinates. Unknown ones are the lowest number.
fn is_aircraft_somewhere(block: &[u8]) -> bool {
    let Some((size, rest)) = length(block) else { return false };
    let mut rest = &rest[..rest.len().min(size)];
    while let Some((tag, after)) = rest.split_first() {
        let Some((size, after)) = length(after) else { return false };
        let Some((value, next)) = after.split_at_checked(size) else { return false };
        let is_known = value.len() == 4 && !matches!(value, [0x80 | 0, 0, 0, 0]);
        if is_known && AIRCRAFT_COORDINATES.contains(tag) {
            return true;
        }
        rest = next;
    }
    false
}

/// Returns whether a camcorder's entries, each a tag and four bytes, have a latitude.
fn is_camcorder_somewhere(block: &[u8]) -> bool {
    // H.264 writes a 3 after two zeros.
    let mut entries = Vec::with_capacity(block.len());
    for byte in block {
        if !(*byte == 3 && entries.ends_with(&[0, 0])) {
            entries.push(*byte);
        }
    }
    let Some((count, entries)) = entries.split_first() else { return false };
    let mut entries = entries.chunks_exact(5).take(usize::from(*count));
    entries.any(|entry| entry[0] == CAMCORDER_LATITUDE && matches!(entry[1], b'N' | b'S'))
}
