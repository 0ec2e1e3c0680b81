//! Removes the location from JPEG, PNG and WebP, and nothing else: pixels, orientation and colors stay byte for byte,
//! and so does the size of the file.
//!
//! Pure: the input is readable and seekable, the output are [`Patch`]es, so that a file is rewritten, or streamed in
//! parts, without ever being in memory as a whole. Data that can't be parsed is treated as a location and blanked.
//! Files are untrusted: a [`Budget`] limits work and memory, and a file that exceeds it is
//! [`SearchError::Unsearchable`].

mod budget;
mod exif;
#[cfg(test)]
mod hostile_exif;
#[cfg(test)]
mod hostile_tests;
mod jpeg;
mod png;
pub mod presence;
mod search;
#[cfg(test)]
mod tests;
mod trailer;
mod webp;
mod words;
mod xmp;

use std::io::{Read, Seek, SeekFrom};

pub use budget::{Budget, SearchError};
pub use exif::orientation;
use search::Search;

use crate::platform::file_types::{self, PlaceData};

/// Maximum size of a metadata block that is read, in bytes; a longer one is blanked unread.
const BLOCK_MAX: u64 = 4 * 1024 * 1024;

/// Bytes that replace others of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Offset in the file.
    pub at: u64,
    pub with: With,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum With {
    Bytes(Vec<u8>),
    /// This many repetitions of a byte.
    Fill(u8, u64),
}

impl Patch {
    fn bytes(at: u64, bytes: Vec<u8>) -> Self {
        Self { at, with: With::Bytes(bytes) }
    }

    fn fill(at: u64, byte: u8, length: u64) -> Self {
        Self { at, with: With::Fill(byte, length) }
    }

    fn end(&self) -> u64 {
        self.at
            + match &self.with {
                With::Bytes(bytes) => bytes.len() as u64,
                With::Fill(_, length) => *length,
            }
    }
}

/// Returns whether the location is removed from files of this type.
pub fn is_cut_from(content_type: &str) -> bool {
    file_types::find(content_type).is_some_and(|row| row.place == PlaceData::Removable)
}

/// Returns the patches that remove every location, in the order of the file; empty if there is none. Takes linear time
/// and less than 32 MB of memory.
pub fn find<S: Read + Seek>(source: &mut S, content_type: &str) -> Result<Vec<Patch>, SearchError> {
    let length = source.seek(SeekFrom::End(0))?;
    find_within(source, content_type, &mut Budget::for_length(length))
}

/// Does the same within a given budget.
pub fn find_within<S: Read + Seek>(
    source: &mut S,
    content_type: &str,
    budget: &mut Budget,
) -> Result<Vec<Patch>, SearchError> {
    let length = source.seek(SeekFrom::End(0))?;
    let mut search = Search::new(source, length, budget)?;
    match content_type {
        "image/jpeg" => jpeg::find(&mut search)?,
        "image/png" => png::find(&mut search)?,
        "image/webp" => webp::find(&mut search)?,
        _ => {}
    }
    Ok(search.into_patches())
}

/// Applies patches to the part of a file that starts at `offset`. They must be in the order of the file, as [`find`]
/// returns them.
pub fn apply(patches: &[Patch], offset: u64, part: &mut [u8]) {
    let length = part.len();
    let end = offset + length as u64;
    let index = |at: u64| usize::try_from(at - offset).unwrap_or(length);
    let first = patches.partition_point(|patch| patch.end() <= offset);
    for patch in patches[first..].iter().take_while(|patch| patch.at < end) {
        let (from, to) = (patch.at.max(offset), patch.end().min(end));
        let target = index(from)..index(to);
        match &patch.with {
            With::Fill(byte, _) => part[target].fill(*byte),
            With::Bytes(bytes) => {
                let skipped = usize::try_from(from - patch.at).unwrap_or(bytes.len());
                let length = target.len();
                part[target].copy_from_slice(&bytes[skipped..skipped + length]);
            }
        }
    }
}

/// Access for fuzz targets.
#[cfg(fuzzing)]
pub mod fuzzing {
    pub use super::exif::without_place as without_exif_location;
    pub use super::xmp::without_place as without_xmp_location;
}
