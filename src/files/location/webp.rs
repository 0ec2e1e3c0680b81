//! WebP: chunks of a RIFF file (RFC 9649 §2).

use std::io::{Read, Seek};

use super::budget::{Budget, SearchError};
use super::jpeg::End;
use super::search::Search;
use super::{exif, trailer, words, xmp};

/// Chunks that define how the pixels are shown, which are not searched.
const KEPT_CHUNKS: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

pub fn find<S: Read + Seek>(search: &mut Search<S>) -> Result<(), SearchError> {
    let Some(head) = search.head::<12>()? else { return Ok(()) };
    let end = 8 + u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    loop {
        let at = search.position();
        // Some programs append metadata after the end without updating it.
        let is_past_end = at >= end && !matches!(search.window(4)?.get(..4), Some(b"EXIF" | b"XMP "));
        if is_past_end {
            return trailer::find(search, End::Here);
        }
        let Some([k0, k1, k2, k3, length @ ..]) = search.head::<8>()? else { return Ok(()) };
        let (kind, length) = ([k0, k1, k2, k3], u64::from(u32::from_le_bytes(length)));
        if KEPT_CHUNKS.contains(&&kind) {
            search.skip(length)?;
        } else {
            find_in_chunk(search, kind, length)?;
        }
        search.skip(length % 2)?;
    }
}

/// Searches the chunk at the current position and moves to the next one.
fn find_in_chunk<S: Read + Seek>(search: &mut Search<S>, kind: [u8; 4], length: u64) -> Result<(), SearchError> {
    let at = search.position();
    let is_known = matches!(&kind, b"EXIF" | b"XMP ");
    let Some(block) = search.block(length)? else {
        let blank = if is_known { search.has_content(length)? } else { search.tells_a_location(length)? };
        if blank {
            search.fill(at, 0, length)?;
        }
        return Ok(());
    };
    if block.is_whole || !is_known {
        if let Some(clean) = chunk(kind, &block.bytes, search.budget)? {
            search.replace(at, clean)?;
        }
    } else if block.bytes.iter().any(|byte| *byte != 0) {
        // The file ends here.
        search.fill(at, 0, block.bytes.len() as u64)?;
    }
    Ok(())
}

fn chunk(kind: [u8; 4], data: &[u8], budget: &mut Budget) -> Result<Option<Vec<u8>>, SearchError> {
    match &kind {
        b"XMP " => xmp::without_place(data, budget),
        b"EXIF" => {
            // Some programs add the prefix that JPEG requires.
            let head = if data.starts_with(b"Exif\0\0") { 6 } else { 0 };
            let clean = exif::without_place(&data[head..], budget)?;
            Ok(clean.map(|clean| [&data[..head], &clean].concat()))
        }
        _ => {
            budget.spend(data.len())?;
            Ok(words::tell_a_location(data).then(|| vec![0; data.len()]))
        }
    }
}
