//! Matroska and `WebM` (RFC 9559), which are EBML (RFC 8794).

use super::tracks::Tracks;

const HEADER: u32 = 0x1a45_dfa3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const CLUSTER: u32 = 0x1f43_b675;

/// Bytes of a number whose first byte is this; none for a byte that begins no number.
fn width(first: u8) -> Option<usize> {
    (first != 0).then(|| first.leading_zeros() as usize + 1)
}

/// The identifier and the data of the first element, as far as they are there, and what follows it.
fn element(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let id_width = width(*bytes.first()?).filter(|width| *width <= 4)?;
    let id = bytes.get(..id_width)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    let rest = &bytes[id_width..];
    let size_width = width(*rest.first()?)?;
    let digits = rest.get(..size_width)?;
    let marked = digits.iter().fold(0_u64, |size, byte| size << 8 | u64::from(*byte));
    let mask = (1_u64 << (7 * size_width)) - 1;
    let data = &rest[size_width..];
    // All ones: of unknown size, so as long as what it is in.
    let size = if marked & mask == mask { data.len() } else { usize::try_from(marked & mask).unwrap_or(usize::MAX) };
    let (data, rest) = data.split_at(size.min(data.len()));
    Some((id, data, rest))
}

/// The elements that lie one after the other. Each has at least two bytes.
fn elements(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (id, data, after) = element(rest)?;
        rest = after;
        Some((id, data))
    })
}

/// The MIME name of what this is.
pub fn name(start: &[u8]) -> Option<&'static str> {
    let (id, header, _) = element(start)?;
    let kind = elements(header).find(|(id, _)| *id == DOC_TYPE).map(|(_, data)| data.trim_ascii_end());
    if id != HEADER {
        return None;
    }
    let is_sound = tracks(start).is_some_and(|tracks| tracks.sound && !tracks.video);
    match (kind?.split(|byte| *byte == 0).next()?, is_sound) {
        (b"webm", false) => Some("video/webm"),
        (b"webm", true) => Some("audio/webm"),
        (b"matroska", false) => Some("video/x-matroska"),
        (b"matroska", true) => Some("audio/x-matroska"),
        _ => None,
    }
}

/// Which tracks there are. `None` where the start does not tell.
pub fn tracks(start: &[u8]) -> Option<Tracks> {
    let (_, _, rest) = element(start)?;
    let (_, segment, _) = element(rest).filter(|(id, ..)| *id == SEGMENT)?;
    let (_, entries) = elements(segment).take_while(|(id, _)| *id != CLUSTER).find(|(id, _)| *id == TRACKS)?;
    let mut tracks = Tracks::default();
    for (_, entry) in elements(entries).filter(|(id, _)| *id == TRACK) {
        match elements(entry).find(|(id, _)| *id == TRACK_TYPE).map(|(_, data)| data) {
            Some([1]) => tracks.video = true,
            Some([2]) => tracks.sound = true,
            _ => {}
        }
    }
    (tracks != Tracks::default()).then_some(tracks)
}
