//! JPEG: segments, then entropy-coded data, then perhaps more of both (ITU-T T.81 Annex B).

use std::io::{Read, Seek};

use super::budget::SearchError;
use super::search::Search;
use super::{Patch, exif, trailer, words, xmp};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// An XMP packet over 64 kB continues in these, each with a checksum of 32 characters, a length and an offset.
const MORE_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const MORE_XMP_HEAD: usize = MORE_XMP.len() + 40;
/// Photoshop's resources, which may contain EXIF and XMP again.
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
/// Segments that decoders need: sizes and thumbnails, color profiles, Adobe's color transform.
const KEPT_SEGMENTS: [(u8, &[u8]); 4] =
    [(0xe0, b"JFIF\0"), (0xe0, b"JFXX\0"), (0xe2, b"ICC_PROFILE\0"), (0xee, b"Adobe")];
/// JUMBF, in which C2PA stores its claims (ISO 19566-5).
const BOXES: u8 = 0xeb;
const COMMENT: u8 = 0xfe;

/// The end of a picture.
pub enum End {
    /// At the position of the search; anything may follow.
    Here,
    /// The file ends within the picture. Data from this offset on could not be parsed.
    Cut(u64),
}

pub fn find<S: Read + Seek>(search: &mut Search<S>) -> Result<(), SearchError> {
    let end = find_one(search)?;
    trailer::find(search, end)
}

/// Searches the JPEG that starts here.
pub fn find_one<S: Read + Seek>(search: &mut Search<S>) -> Result<End, SearchError> {
    search.skip(2)?;
    let mut runs = Runs::default();
    let end = find_segments(search, &mut runs)?;
    runs.more_xmp.finish(search);
    runs.photoshop.finish(search);
    runs.boxes.finish(search);
    Ok(end)
}

fn find_segments<S: Read + Seek>(search: &mut Search<S>, runs: &mut Runs) -> Result<End, SearchError> {
    loop {
        let from = search.position();
        let Some(marker) = next_marker(search)? else { return Ok(End::Cut(from)) };
        match marker {
            // The end.
            0xd9 => {
                search.consume(2);
                return Ok(End::Here);
            }
            // Another start, which is not part of this one.
            0xd8 => return Ok(End::Here),
            // A marker without a length.
            0x01 | 0xd0..=0xd7 => {
                search.consume(2);
                continue;
            }
            _ => search.consume(2),
        }
        let length_at = search.position();
        let Some(length) = search.head()? else { return Ok(End::Cut(length_at)) };
        let length = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
        let payload_at = search.position();
        if length > search.length().saturating_sub(payload_at) {
            return Ok(End::Cut(length_at));
        }
        if !matches!(marker, 0xe0..=0xef | COMMENT) {
            search.skip(length)?;
        } else if let Some(payload) = search.block(length)? {
            segment(search, runs, marker, payload_at, &payload.bytes)?;
        }
    }
}

/// Cleans a segment of metadata.
fn segment<S: Read + Seek>(
    search: &mut Search<S>,
    runs: &mut Runs,
    marker: u8,
    at: u64,
    payload: &[u8],
) -> Result<(), SearchError> {
    let is_metadata = matches!(marker, 0xe1 | 0xed);
    if let Some(tiff) = payload.strip_prefix(EXIF).filter(|_| is_metadata) {
        if let Some(clean) = exif::without_place(tiff, search.budget)? {
            search.replace(at + EXIF.len() as u64, clean)?;
        }
    } else if let Some(packet) = payload.strip_prefix(XMP).filter(|_| is_metadata) {
        if let Some(clean) = xmp::without_place(packet, search.budget)? {
            search.replace(at + XMP.len() as u64, clean)?;
        }
    } else if is_metadata && payload.starts_with(MORE_XMP) && payload.len() >= MORE_XMP_HEAD {
        let text = &payload[MORE_XMP_HEAD..];
        runs.more_xmp.add(search, at + MORE_XMP_HEAD as u64, text, words::name_a_location)?;
    } else if let Some(resources) = payload.strip_prefix(PHOTOSHOP).filter(|_| is_metadata) {
        let tell = |resources: &[u8]| {
            words::find_any(resources, &[b"8BIM\x04\x22", b"8BIM\x04\x23"]).is_some()
                || words::name_a_location(resources)
        };
        runs.photoshop.add(search, at + PHOTOSHOP.len() as u64, resources, tell)?;
    } else if marker == BOXES {
        runs.boxes.add(search, at, payload, words::tell_a_location)?;
    } else if !KEPT_SEGMENTS.iter().any(|(kept, head)| *kept == marker && payload.starts_with(head)) {
        search.budget.spend(payload.len())?;
        if words::tell_a_location(payload) {
            let blank = if marker == COMMENT { b' ' } else { 0 };
            search.fill(at, blank, payload.len() as u64)?;
        }
    }
    Ok(())
}

/// Metadata that is split over several segments, by kind.
#[derive(Default)]
struct Runs {
    more_xmp: Run<b' '>,
    photoshop: Run<0>,
    boxes: Run<0>,
}

/// Segments that are blanked together if one of them contains a location, or if two do across their boundary.
#[derive(Default)]
struct Run<const BLANK: u8> {
    parts: Vec<(u64, u64)>,
    /// The last bytes of the previous part.
    tail: Vec<u8>,
    tells: bool,
}

impl<const BLANK: u8> Run<BLANK> {
    fn add<S: Read + Seek>(
        &mut self,
        search: &mut Search<S>,
        at: u64,
        part: &[u8],
        tell: impl Fn(&[u8]) -> bool,
    ) -> Result<(), SearchError> {
        search.budget.reserve_patch(0)?;
        self.parts.push((at, part.len() as u64));
        if self.tells {
            return Ok(());
        }
        let joined = [&self.tail, part].concat();
        search.budget.spend(joined.len())?;
        self.tells = tell(&joined);
        self.tail = joined[joined.len().saturating_sub(words::REACH)..].to_vec();
        Ok(())
    }

    fn finish<S: Read + Seek>(self, search: &mut Search<S>) {
        if self.tells {
            let parts = self.parts.into_iter().filter(|(_, length)| *length > 0);
            for (at, length) in parts {
                search.push_reserved(Patch::fill(at, BLANK, length));
            }
        }
    }
}

/// Moves to the next marker: two bytes, the second neither 0, which is data, nor 255, which fills.
fn next_marker<S: Read + Seek>(search: &mut Search<S>) -> Result<Option<u8>, SearchError> {
    loop {
        let window = search.window(2)?;
        let Some(last) = window.len().checked_sub(1).filter(|last| *last > 0) else { return Ok(None) };
        let found = memchr::memchr_iter(0xff, &window[..last]).find(|at| !matches!(window[at + 1], 0 | 0xff));
        let (marker, scanned) = found.map_or((None, last), |at| (Some(window[at + 1]), at));
        search.budget.spend(scanned + 2)?;
        search.consume(scanned);
        if marker.is_some() {
            return Ok(marker);
        }
    }
}
