//! Cuts the place where a photo was taken out of JPEG, PNG and WebP, and nothing else: the pixels, the orientation and the
//! colours stay byte for byte, and so does the size of the file.
//!
//! Pure: whatever can be read and sought comes in, and out come [`Patch`]es, so that a file is rewritten, or streamed in parts,
//! without ever being in memory as a whole. What cannot be understood is taken for a place and blanked.

mod exif;
mod jpeg;
mod png;
#[cfg(test)]
mod tests;
mod trailer;
mod webp;
mod xmp;

use std::io::{self, Read, Seek, SeekFrom, Write};

/// Longest block of metadata that is looked into, in bytes; a longer one is blanked unread.
const BLOCK_MAX: u64 = 16 * 1024 * 1024;

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
    matches!(content_type, "image/jpeg" | "image/png" | "image/webp")
}

/// What must be replaced so that no place is left; empty when there is none.
pub fn find<S: Read + Seek>(source: &mut S, content_type: &str) -> io::Result<Vec<Patch>> {
    let mut patches = Vec::new();
    source.seek(SeekFrom::Start(0))?;
    match content_type {
        "image/jpeg" => jpeg::find(source, &mut patches)?,
        "image/png" => png::find(source, &mut patches)?,
        "image/webp" => webp::find(source, &mut patches)?,
        _ => {}
    }
    Ok(patches)
}

/// Applies patches to the part of a file that starts at `offset`.
pub fn apply(patches: &[Patch], offset: u64, part: &mut [u8]) {
    let length = part.len();
    let end = offset + length as u64;
    let index = |at: u64| usize::try_from(at - offset).unwrap_or(length);
    for patch in patches.iter().filter(|patch| patch.at < end && patch.end() > offset) {
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

/// Copies a file without the place. Answers whether there was one.
pub fn copy_without<S: Read + Seek>(source: &mut S, content_type: &str, target: &mut impl Write) -> io::Result<bool> {
    let patches = find(source, content_type)?;
    source.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; 64 * 1024];
    let mut offset = 0;
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            return Ok(!patches.is_empty());
        }
        apply(&patches, offset, &mut buffer[..read]);
        target.write_all(&buffer[..read])?;
        offset += read as u64;
    }
}

/// Reads a block of metadata; `None` when it is longer than anybody's, or the file ends before it does.
fn block<S: Read + Seek>(source: &mut S, at: u64, length: u64) -> io::Result<Option<Vec<u8>>> {
    if length > BLOCK_MAX {
        return Ok(None);
    }
    source.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    source.take(length).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 == length))
}

/// What the names of properties that tell a place have in them. The last is how a maker of drones spells it.
const PLACE_WORDS: [&str; 4] = ["gps", "latitude", "longitude", "longtitude"];

/// Whether a text may be about a place.
fn names_a_place(text: &[u8]) -> bool {
    PLACE_WORDS.iter().any(|word| holds(text, word))
}

/// Looks for a word in any case.
fn holds(text: &[u8], word: &str) -> bool {
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}
