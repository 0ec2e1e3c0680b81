//! Cuts the place where a photo was taken out of JPEG, PNG and WebP, and nothing else: the pixels, the orientation and the
//! colors stay byte for byte, and so does the size of the file.
//!
//! Pure: whatever can be read and sought comes in, and out come [`Patch`]es, so that a file is rewritten, or streamed in parts,
//! without ever being in memory as a whole. What cannot be understood is taken for a place and blanked. Files come from anybody:
//! a [`Budget`] bounds the work and the memory, and a file that exceeds it is [`SearchError::Unsearchable`].

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

/// Longest block of metadata that is read, in bytes; a longer one is blanked unread.
const BLOCK_MAX: u64 = 4 * 1024 * 1024;

/// Bytes to put in place of as many others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Offset in the file.
    pub at: u64,
    pub with: With,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum With {
    Bytes(Vec<u8>),
    /// So many of this byte.
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

/// Whether the place is cut out of files of this type.
pub fn is_cut_from(content_type: &str) -> bool {
    file_types::find(content_type).is_some_and(|row| row.place == PlaceData::Removable)
}

/// Returns what must be replaced so that no location is left, in the order of the file; empty when there is none. Takes time
/// in proportion to the length of the file and less than 32 MB of memory.
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

/// Applies patches to the part of a file that starts at `offset`. They must be in the order of the file, as [`find`] returns them.
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

/// What fuzz targets need besides.
#[cfg(fuzzing)]
pub mod fuzzing {
    pub use super::exif::without_place as without_exif_location;
    pub use super::xmp::without_place as without_xmp_location;
}
