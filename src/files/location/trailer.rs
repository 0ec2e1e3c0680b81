//! Data after the end of a picture: further pictures (several exposures, a gain map), the video of a motion photo, or
//! anything.

use std::io::{Read, Seek};

use super::budget::SearchError;
use super::jpeg::{self, End};
use super::search::Search;
use super::words;

/// Start of a JPEG.
const START: &[u8] = b"\xff\xd8\xff";
/// Start of a video. By chance, JPEGs contain it near the start.
const VIDEO: &[u8] = b"ftyp";
/// The above, then names of a location, and starts of metadata blocks that may contain one.
const SIGNS: [&[u8]; 8] =
    [START, VIDEO, b"\xa9xyz", b"loci", b"location.ISO6709", b"Exif\0\0", b"http://ns.adobe.com/x", b"<x:xmpmeta"];
/// Another sign, in any case.
const LATITUDE: &[u8] = b"gpslatitude";
/// Length of the longest sign.
const SIGN_MAX: usize = 21;

/// Cleans following JPEGs, and blanks the rest if it has a sign of a location.
pub fn find<S: Read + Seek>(search: &mut Search<S>, mut end: End) -> Result<(), SearchError> {
    let mut parts = Vec::new();
    let mut tells = false;
    loop {
        let may_go_on = match end {
            End::Here => true,
            // The file ends within a picture, so no other can follow.
            End::Cut(at) => {
                search.move_to(at)?;
                false
            }
        };
        let from = search.position();
        let found_start = find_rest(search, may_go_on, &mut tells)?;
        if search.position() > from {
            search.budget.reserve_patch(0)?;
            parts.push((from, search.position() - from));
        }
        if !found_start {
            break;
        }
        end = jpeg::find_one(search)?;
    }
    if tells {
        for (at, length) in parts {
            search.push_reserved(super::Patch::fill(at, 0, length));
        }
    }
    Ok(())
}

/// Searches for signs until a JPEG starts or the file ends. Returns whether a JPEG starts.
fn find_rest<S: Read + Seek>(
    search: &mut Search<S>,
    mut until_start: bool,
    tells: &mut bool,
) -> Result<bool, SearchError> {
    loop {
        let window = search.window(SIGN_MAX)?;
        let is_last = window.len() < SIGN_MAX;
        // A sign at the end of the window may be incomplete.
        let limit = if is_last { window.len() } else { window.len() + 1 - SIGN_MAX };
        // One sign is enough, and searching for more would scan the whole window for each.
        let found = if *tells { next_start(window) } else { next_sign(window) };
        let found = found.filter(|(at, sign)| *at < limit || *sign == Sign::Start);
        let scanned = found.map_or(limit, |(at, _)| at);
        search.budget.spend(scanned + 1)?;
        search.consume(scanned);
        match found {
            Some((_, Sign::Start)) if until_start => return Ok(true),
            Some((_, sign)) => {
                *tells |= sign == Sign::Location;
                until_start &= sign != Sign::Video;
                search.consume(1);
            }
            None if is_last => return Ok(false),
            None => {}
        }
    }
}

#[derive(PartialEq, Clone, Copy)]
enum Sign {
    Start,
    Video,
    Location,
}

fn next_start(window: &[u8]) -> Option<(usize, Sign)> {
    let found = words::find_any(window, &SIGNS[..2]);
    found.map(|(at, index)| (at, if index == 0 { Sign::Start } else { Sign::Video }))
}

fn next_sign(window: &[u8]) -> Option<(usize, Sign)> {
    let exact = words::find_any(window, &SIGNS).map(|(at, index)| match index {
        0 => (at, Sign::Start),
        1 => (at, Sign::Video),
        _ => (at, Sign::Location),
    });
    let before = exact.map_or(window.len(), |(at, _)| (at + LATITUDE.len()).min(window.len()));
    let any_case = words::occurrences(&window[..before])
        .map(|(at, _)| at)
        .find(|at| window[*at..].get(..LATITUDE.len()).is_some_and(|part| part.eq_ignore_ascii_case(LATITUDE)));
    any_case.map(|at| (at, Sign::Location)).into_iter().chain(exact).min_by_key(|(at, _)| *at)
}
