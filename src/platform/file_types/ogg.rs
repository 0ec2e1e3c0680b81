//! Ogg (RFC 3533): the codecs that its first pages name.

use super::tracks::Tracks;

/// Maximum number of streams that are inspected.
const STREAMS: usize = 16;
/// The flag of a stream's first page.
const BEGINS: u8 = 2;
const VIDEO: [&[u8]; 4] = [b"\x80theora", b"BBCD\0", b"OVP80\x01", b"\x01video"];

/// Returns the MIME name.
pub fn name(start: &[u8]) -> Option<&'static str> {
    start
        .starts_with(b"OggS\0")
        .then(|| if tracks(start).is_some_and(|it| it.video) { "video/ogg" } else { "audio/ogg" })
}

/// Returns the kinds of streams: the first page of each comes before all others.
pub fn tracks(start: &[u8]) -> Option<Tracks> {
    let (mut rest, mut tracks) = (start, Tracks::default());
    for _ in 0..STREAMS {
        let Some(packet) = page(&mut rest) else { break };
        let is_video = VIDEO.iter().any(|codec| packet.starts_with(codec));
        tracks.video |= is_video;
        // A skeleton describes the other streams.
        tracks.sound |= !is_video && !packet.starts_with(b"fishead\0");
    }
    (tracks != Tracks::default()).then_some(tracks)
}

/// Returns the data of a page that begins a stream, as far as it is present.
fn page<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let head = rest.get(..27).filter(|head| head.starts_with(b"OggS\0") && head[5] & BEGINS != 0)?;
    let lengths = rest.get(27..27 + usize::from(head[26]))?;
    let data = &rest[27 + lengths.len()..];
    let length = lengths.iter().map(|length| usize::from(*length)).sum::<usize>().min(data.len());
    *rest = &data[length..];
    Some(&data[..length])
}
