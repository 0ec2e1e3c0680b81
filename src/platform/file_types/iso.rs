//! ISO base media files (ISO/IEC 14496-12): MP4, `QuickTime`, 3GP, HEIF and AVIF.

use super::evidence::u32_be;
use super::tracks::Tracks;

/// Maximum number of boxes before the one that names the brands.
const FIRST_BOXES: usize = 8;
/// Boxes that a `QuickTime` file without brands begins with.
const QUICKTIME: [&[u8; 4]; 6] = [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"];
const AVIF: [&[u8; 4]; 2] = [b"avif", b"avis"];
/// Pictures coded with HEVC (ISO/IEC 23008-12 Annex B).
const HEIC: [&[u8; 4]; 8] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"];
/// Pictures of any coding, or of one other than HEVC and AV1.
const HEIF: [&[u8; 4]; 12] =
    [b"mif1", b"mif2", b"msf1", b"miaf", b"MiHB", b"MiHE", b"avci", b"avcs", b"jpeg", b"jpgs", b"1pic", b"unif"];
/// Brands of audio files, possibly with a cover.
const SOUND: [&[u8; 4]; 5] = [b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "];

/// The part of a box that is present.
struct Part<'a> {
    kind: &'a [u8; 4],
    body: &'a [u8],
    is_whole: bool,
}

/// Returns the boxes in sequence in `bytes`. Each is at least 8 bytes long, so there are at most an eighth of the
/// length.
fn parts(bytes: &[u8]) -> impl Iterator<Item = Part<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let short = u32_be(rest, 0)?;
        let kind = rest.get(4..)?.first_chunk()?;
        let (head, length) = match short {
            0 => (8, u64::MAX),
            1 => (16, u64::from_be_bytes(*rest.get(8..)?.first_chunk()?)),
            _ => (8, u64::from(short)),
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length < head {
            return None;
        }
        let end = length.min(rest.len());
        let part = Part { kind, body: rest.get(head..end)?, is_whole: short == 0 || length <= rest.len() };
        rest = &rest[end..];
        Some(part)
    })
}

fn child(body: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    parts(body).find(|part| *part.kind == kind).map(|part| part.body)
}

struct Brands<'a> {
    major: &'a [u8; 4],
    compatible: &'a [[u8; 4]],
}

impl Brands<'_> {
    fn has(&self, wanted: &[&[u8; 4]]) -> bool {
        wanted.contains(&self.major) || self.compatible.iter().any(|brand| wanted.contains(&brand))
    }
}

fn brands(start: &[u8]) -> Option<Brands<'_>> {
    for part in parts(start).take(FIRST_BOXES) {
        match part.kind {
            b"ftyp" | b"styp" => {
                let (major, rest) = part.body.split_first_chunk()?;
                return Some(Brands { major, compatible: rest.get(4..).unwrap_or_default().as_chunks().0 });
            }
            b"free" | b"skip" | b"wide" | b"uuid" | b"pdin" => {}
            _ => return None,
        }
    }
    None
}

/// Returns the MIME name.
pub fn name(start: &[u8]) -> Option<&'static str> {
    let Some(brands) = brands(start) else {
        let first = parts(start).next()?;
        return QUICKTIME.contains(&first.kind).then_some("video/quicktime");
    };
    let major = brands.major;
    Some(match major {
        b"qt  " => "video/quicktime",
        b"crx " => "image/x-canon-cr3",
        b"jp2 " | b"jpx " | b"jpm " => "image/jp2",
        _ if AVIF.contains(&major) => "image/avif",
        _ if HEIC.contains(&major) => "image/heic",
        _ if HEIF.contains(&major) && brands.has(&AVIF) => "image/avif",
        _ if HEIF.contains(&major) && brands.has(&HEIC) => "image/heic",
        _ if HEIF.contains(&major) => "image/heif",
        _ => film(start, &brands),
    })
}

/// Returns the type of a video or audio file: MP4, unless the brands are 3GP only.
fn film(start: &[u8], brands: &Brands) -> &'static str {
    let by_brand = SOUND.contains(&brands.major);
    let is_sound = tracks(start).map_or(by_brand, |tracks| tracks.sound && !tracks.video);
    let is_mp4 = brands.has(&[b"mp41", b"mp42"]);
    match (brands.major, is_sound) {
        ([b'3', b'g', b'2', _], sound) if !is_mp4 => {
            if sound {
                "audio/3gpp2"
            } else {
                "video/3gpp2"
            }
        }
        ([b'3', b'g', b'a'..=b'z', _], sound) if !is_mp4 => {
            if sound {
                "audio/3gpp"
            } else {
                "video/3gpp"
            }
        }
        (_, true) => "audio/mp4",
        (_, false) => "video/mp4",
    }
}

/// Returns whether the brand is that of an animated picture.
#[cfg(any(feature = "server", fuzzing))]
pub fn is_sequence(start: &[u8]) -> bool {
    brands(start).is_some_and(|brands| brands.major == b"avis")
}

/// Returns the codes of the primaries and of the transfer curve of a picture (ITU-T H.273), if they are in the start. `None`
/// for a picture with a profile.
#[cfg(feature = "server")]
pub fn color_codes(start: &[u8]) -> Option<[u8; 2]> {
    let meta = child(start, *b"meta")?.get(4..)?;
    let properties = child(child(meta, *b"iprp")?, *b"ipco")?;
    let colors = || parts(properties).filter(|part| part.kind == b"colr").map(|part| part.body);
    if colors().any(|color| color.starts_with(b"prof") || color.starts_with(b"rICC")) {
        return None;
    }
    colors().find_map(|color| match color {
        [b'n', b'c', b'l', b'x', 0, primaries, 0, transfer, ..] => Some([*primaries, *transfer]),
        _ => None,
    })
}

/// Returns the tracks. `None` if `start` does not contain the whole movie box.
pub fn tracks(start: &[u8]) -> Option<Tracks> {
    let movie = parts(start).find(|part| part.kind == b"moov").filter(|part| part.is_whole)?;
    let is_sound = brands(start).is_some_and(|brands| SOUND.contains(&brands.major));
    let mut tracks = Tracks::default();
    for track in parts(movie.body).filter(|part| part.kind == b"trak") {
        let Some(media) = child(track.body, *b"mdia") else { continue };
        match child(media, *b"hdlr").and_then(|handler| handler.get(8..12)) {
            Some(b"soun") => tracks.sound = true,
            // Chapter pictures of an audiobook.
            Some(b"vide") if is_sound && matches!(codec(media), Some(b"jpeg" | b"png ")) => {}
            Some(b"vide") => tracks.video = true,
            _ => {}
        }
    }
    (tracks != Tracks::default()).then_some(tracks)
}

fn codec(media: &[u8]) -> Option<&[u8; 4]> {
    let descriptions = child(child(child(media, *b"minf")?, *b"stbl")?, *b"stsd")?;
    descriptions.get(12..)?.first_chunk()
}
