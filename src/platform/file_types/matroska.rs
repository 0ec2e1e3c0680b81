//! Matroska and `WebM` (RFC 9559).

use super::ebml::elements;
use super::tracks::Tracks;

const HEADER: u32 = 0x1a45_dfa3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const CLUSTER: u32 = 0x1f43_b675;

/// Returns the MIME name.
pub fn name(start: &[u8]) -> Option<&'static str> {
    let (id, header) = elements(start).next()?;
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

/// Returns the tracks. `None` if the start does not contain them.
pub fn tracks(start: &[u8]) -> Option<Tracks> {
    let (_, segment) = elements(start).nth(1).filter(|(id, _)| *id == SEGMENT)?;
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
