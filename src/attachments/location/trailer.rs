//! What follows the end of a picture: further pictures (several exposures, a map of brightness), the video of a "live" photo,
//! anything.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Patch, holds, jpeg};

/// Bytes looked at together; words that lie across two looks are found too.
const WINDOW: usize = 256 * 1024;
const OVERLAP: usize = 64;
/// Start of a JPEG.
const START: &[u8] = b"\xff\xd8\xff";
/// What formats call a place, and what starts a block of metadata that may hold one.
const SIGNS: [&[u8]; 6] =
    [b"\xa9xyz", b"loci", b"location.ISO6709", b"Exif\0\0", b"http://ns.adobe.com/x", b"<x:xmpmeta"];

/// Cleans JPEGs that follow, and blanks the rest when there is a sign of a place in it.
pub fn find<S: Read + Seek>(source: &mut S, from: u64, patches: &mut Vec<Patch>) -> io::Result<()> {
    let mut rest = Vec::new();
    let mut at = from;
    while let Some(start) = search(source, at, |window| window.windows(3).position(|bytes| bytes == START))? {
        rest.push((at, start));
        source.seek(SeekFrom::Start(start))?;
        at = jpeg::find_one(source, patches)?.max(start + 3);
    }
    let end = source.seek(SeekFrom::End(0))?;
    rest.push((at, end));
    let mut tells = false;
    for (first, last) in &rest {
        let sign = search(source, *first, |window| {
            let sign =
                SIGNS.iter().filter_map(|sign| window.windows(sign.len()).position(|bytes| bytes == *sign)).min();
            sign.or_else(|| holds(window, "gps").then_some(0).filter(|_| holds(window, "gpslatitude")))
        })?;
        tells |= sign.is_some_and(|sign| sign < *last);
    }
    if tells {
        let parts = rest.into_iter().filter(|(first, last)| last > first);
        patches.extend(parts.map(|(first, last)| Patch::fill(first, 0, last - first)));
    }
    Ok(())
}

/// Looks through the file from here on, a window at a time.
fn search<S: Read + Seek>(source: &mut S, from: u64, look: impl Fn(&[u8]) -> Option<usize>) -> io::Result<Option<u64>> {
    let mut at = from;
    let mut window = Vec::with_capacity(WINDOW);
    loop {
        source.seek(SeekFrom::Start(at))?;
        window.clear();
        source.take(WINDOW as u64).read_to_end(&mut window)?;
        if let Some(place) = look(&window) {
            return Ok(Some(at + place as u64));
        }
        if window.len() < WINDOW {
            return Ok(None);
        }
        at += (WINDOW - OVERLAP) as u64;
    }
}
