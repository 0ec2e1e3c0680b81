//! Formats made of boxes (ISO/IEC 14496-12): HEIF and AVIF, MP4 and MOV, JPEG XL, JPEG 2000, Canon's CR3.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::reader::Reader;
use super::{tiff, xmp_has_location};
use crate::files::location::budget::SearchError;
use crate::files::location::words;

/// Boxes that contain relevant boxes.
const CONTAINERS: [&[u8; 4]; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta"];
/// Maximum nesting of boxes.
const DEPTH_MAX: usize = 8;
/// Ids of `uuid` boxes: XMP, EXIF in JPEG 2000, and Canon's box of boxes.
const XMP: [u8; 16] = *b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
const EXIF: [u8; 16] = *b"JpgTiffExif->JP2";
const CANON: [u8; 16] = *b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";
/// Number of bytes that are searched in the first sample of an action camera's metadata.
const TELEMETRY: u64 = 64 * 1024;

/// A box: its name, and the range of its content in the file.
#[derive(Clone, Copy)]
struct IsoBox {
    name: [u8; 4],
    start: u64,
    end: u64,
}

/// Returns whether a box has a location.
pub fn has_location<S: Read + Seek>(reader: &mut Reader<'_, S>, content_type: &str) -> Result<bool, SearchError> {
    let is_heif = matches!(content_type, "image/heic" | "image/heif" | "image/avif");
    let mut at = 0;
    while let Some(found) = next(reader, at, reader.length())? {
        if is_heif && &found.name == b"meta" {
            if has_item_with_location(reader, found)? {
                return Ok(true);
            }
        } else if tells_a_location(reader, found, DEPTH_MAX)? {
            return Ok(true);
        }
        at = found.end;
    }
    Ok(false)
}

/// Reads the header of the box at `at`. `None` at the end, and if there is no box.
fn next<S: Read + Seek>(reader: &mut Reader<'_, S>, at: u64, end: u64) -> Result<Option<IsoBox>, SearchError> {
    let Some(head) = reader.array::<8>(at)? else { return Ok(None) };
    let name = [head[4], head[5], head[6], head[7]];
    let (head_size, length) = match number(&head[..4]) {
        0 => (8, end - at),
        1 => match reader.array::<8>(at + 8)? {
            Some(long) => (16, number(&long)),
            None => return Ok(None),
        },
        short => (8, short),
    };
    let ends = at.checked_add(length).filter(|ends| length >= head_size && *ends <= end);
    Ok(ends.map(|end| IsoBox { name, start: at + head_size, end }))
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Returns the boxes in the content of a box, from `start` on.
fn inside<S: Read + Seek>(reader: &mut Reader<'_, S>, start: u64, end: u64) -> Result<Vec<IsoBox>, SearchError> {
    let (mut boxes, mut at) = (Vec::new(), start);
    while at < end {
        let Some(found) = next(reader, at, end)? else { break };
        at = found.end;
        boxes.push(found);
    }
    Ok(boxes)
}

fn content<S: Read + Seek>(reader: &mut Reader<'_, S>, found: IsoBox) -> Result<Vec<u8>, SearchError> {
    Ok(reader.bytes(found.start, found.end.saturating_sub(found.start))?.unwrap_or_default())
}

fn tells_a_location<S: Read + Seek>(
    reader: &mut Reader<'_, S>,
    found: IsoBox,
    depth: usize,
) -> Result<bool, SearchError> {
    match &found.name {
        // ISO 6709 coordinates; phones without a position write zeros.
        b"\xa9xyz" => Ok(content(reader, found)?.iter().skip(4).any(|byte| matches!(byte, b'1'..=b'9'))),
        // 3GPP TS 26.244 §8.10.
        b"loci" => Ok(true),
        b"XMP_" | b"xml " => xmp_has_location(&content(reader, found)?, reader.budget),
        // JPEG XL: the offset of the TIFF comes first.
        b"Exif" => tiff::has_location(reader, found.start.saturating_add(4), found.end),
        b"CMT4" => tiff::is_gps_directory(reader, found.start, found.end),
        b"uuid" => of_uuid(reader, found, depth),
        b"meta" => names_a_location(reader, found),
        b"trak" if has_telemetry(reader, found)? => Ok(true),
        name if CONTAINERS.contains(&name) && depth > 0 => any_inside(reader, found.start, found.end, depth),
        _ => Ok(false),
    }
}

fn any_inside<S: Read + Seek>(
    reader: &mut Reader<'_, S>,
    start: u64,
    end: u64,
    depth: usize,
) -> Result<bool, SearchError> {
    for inner in inside(reader, start, end)? {
        if tells_a_location(reader, inner, depth - 1)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn of_uuid<S: Read + Seek>(reader: &mut Reader<'_, S>, found: IsoBox, depth: usize) -> Result<bool, SearchError> {
    let Some(id) = reader.array::<16>(found.start)? else { return Ok(false) };
    let start = found.start + 16;
    match id {
        XMP => xmp_has_location(&content(reader, IsoBox { start, ..found })?, reader.budget),
        EXIF => tiff::has_location(reader, start, found.end),
        CANON if depth > 0 => any_inside(reader, start, found.end, depth),
        _ => Ok(false),
    }
}

/// Returns where the boxes of a `meta` box start: a MOV has no version and flags before them.
fn start_of_meta<S: Read + Seek>(reader: &mut Reader<'_, S>, meta: IsoBox) -> Result<u64, SearchError> {
    let is_bare = reader.array::<8>(meta.start)?.is_some_and(|head| &head[4..] == b"hdlr");
    Ok(if is_bare { meta.start } else { meta.start.saturating_add(4) })
}

/// Returns whether a key of a MOV's metadata is a location.
fn names_a_location<S: Read + Seek>(reader: &mut Reader<'_, S>, meta: IsoBox) -> Result<bool, SearchError> {
    let start = start_of_meta(reader, meta)?;
    for inner in inside(reader, start, meta.end)? {
        let tells = match &inner.name {
            b"keys" => words::find_any(&content(reader, inner)?.to_ascii_lowercase(), &[b"location.iso6709"]).is_some(),
            b"xml " => xmp_has_location(&content(reader, inner)?, reader.budget)?,
            _ => false,
        };
        if tells {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns whether a track is an action camera's metadata (GPMF) and has a position.
fn has_telemetry<S: Read + Seek>(reader: &mut Reader<'_, S>, track: IsoBox) -> Result<bool, SearchError> {
    let mut found = track;
    for name in [b"mdia", b"minf", b"stbl"] {
        let Some(inner) = inside(reader, found.start, found.end)?.into_iter().find(|inner| &inner.name == name) else {
            return Ok(false);
        };
        found = inner;
    }
    let boxes = inside(reader, found.start, found.end)?;
    let named = |name: &[u8; 4]| boxes.iter().copied().find(|inner| &inner.name == name);
    let Some(description) = named(b"stsd") else { return Ok(false) };
    if reader.array::<4>(description.start.saturating_add(12))? != Some(*b"gpmd") {
        return Ok(false);
    }
    // The offset of the first sample follows version, flags and count.
    let first = match (named(b"stco"), named(b"co64")) {
        (Some(offsets), _) => reader.array::<4>(offsets.start.saturating_add(8))?.map(|bytes| number(&bytes)),
        (None, Some(offsets)) => reader.array::<8>(offsets.start.saturating_add(8))?.map(|bytes| number(&bytes)),
        (None, None) => None,
    };
    let Some(first) = first else { return Ok(false) };
    let sample = reader.bytes(first, TELEMETRY.min(reader.length().saturating_sub(first)))?.unwrap_or_default();
    Ok(words::find_any(&sample, &[b"GPS5", b"GPS9"]).is_some())
}

/// Returns whether an item of a picture is EXIF or XMP with a location (ISO/IEC 23008-12, annex A).
fn has_item_with_location<S: Read + Seek>(reader: &mut Reader<'_, S>, meta: IsoBox) -> Result<bool, SearchError> {
    let start = start_of_meta(reader, meta)?;
    let boxes = inside(reader, start, meta.end)?;
    let named = |name: &[u8; 4]| boxes.iter().copied().find(|inner| &inner.name == name);
    let (Some(infos), Some(places)) = (named(b"iinf"), named(b"iloc")) else { return Ok(false) };
    let data = named(b"idat").map_or(0, |data| data.start);
    let items = items(reader, infos)?;
    for (id, start, length) in places_of(&content(reader, places)?, data) {
        let Some(kind) = items.get(&id) else { continue };
        let end = start.saturating_add(length).min(reader.length());
        let tells = match kind {
            Kind::Exif => {
                // The offset of the TIFF after this number.
                let Some(offset) = reader.array::<4>(start)? else { continue };
                tiff::has_location(reader, start.saturating_add(4).saturating_add(number(&offset)), end)?
            }
            Kind::Xmp => {
                let packet = reader.bytes(start, end.saturating_sub(start))?.unwrap_or_default();
                xmp_has_location(&packet, reader.budget)?
            }
        };
        if tells {
            return Ok(true);
        }
    }
    Ok(false)
}

enum Kind {
    Exif,
    Xmp,
}

/// Returns the ids of the metadata items.
fn items<S: Read + Seek>(reader: &mut Reader<'_, S>, infos: IsoBox) -> Result<HashMap<u64, Kind>, SearchError> {
    let Some([version, ..]) = reader.array::<4>(infos.start)? else { return Ok(HashMap::new()) };
    let first = infos.start + if version == 0 { 6 } else { 8 };
    let mut items = HashMap::new();
    for info in inside(reader, first, infos.end)?.into_iter().filter(|inner| &inner.name == b"infe") {
        let bytes = content(reader, info)?;
        // Version and flags, the id, an index, and the type of the item.
        let id_size = if bytes.first() == Some(&3) { 4 } else { 2 };
        let (Some(id), Some(kind)) = (bytes.get(4..4 + id_size), bytes.get(6 + id_size..10 + id_size)) else {
            continue;
        };
        let kind = match kind {
            b"Exif" => Kind::Exif,
            b"mime" => Kind::Xmp,
            _ => continue,
        };
        items.insert(number(id), kind);
    }
    Ok(items)
}

/// Returns item, offset in the file and length of each entry of `iloc` that is in one piece. `data` is where `idat`
/// starts.
fn places_of(bytes: &[u8], data: u64) -> Vec<(u64, u64, u64)> {
    let mut rest = bytes;
    let mut take = |size: usize| -> Option<u64> {
        let (taken, left) = rest.split_at_checked(size)?;
        rest = left;
        Some(number(taken))
    };
    let mut places = Vec::new();
    let mut read = || -> Option<()> {
        let version = take(4)? >> 24;
        let sizes = usize::try_from(take(2)?).ok()?;
        let [offset_size, length_size, base_size, index_size] = [12, 8, 4, 0].map(|shift| sizes >> shift & 15);
        let wide = if version < 2 { 2 } else { 4 };
        for _ in 0..take(wide)? {
            let id = take(wide)?;
            let method = if version == 0 { 0 } else { take(2)? & 15 };
            take(2)?;
            let base = take(base_size)?;
            let count = take(2)?;
            let index_size = if version == 0 { 0 } else { index_size };
            if count != 1 || method > 1 {
                take(usize::try_from(count).ok()? * (index_size + offset_size + length_size))?;
                continue;
            }
            take(index_size)?;
            let (offset, length) = (take(offset_size)?, take(length_size)?);
            let from = if method == 1 { data } else { 0 };
            places.push((id, from.saturating_add(base).saturating_add(offset), length));
        }
        Some(())
    };
    let _ = read();
    places
}
