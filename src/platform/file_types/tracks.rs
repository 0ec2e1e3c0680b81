//! Whether a file contains video, or audio only.

/// The kinds of tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(any(feature = "server", fuzzing), derive(serde::Serialize, serde::Deserialize))]
pub struct Tracks {
    pub video: bool,
    pub sound: bool,
}

#[cfg(any(feature = "server", fuzzing))]
mod server {
    use std::io::{self, Read, Seek, SeekFrom};

    use super::Tracks;
    use crate::platform::file_types::{iso, matroska, ogg};

    /// Maximum number of boxes skipped in the search for the movie box.
    const BOXES: usize = 10_000;
    /// Maximum size of the movie box, in bytes: that of a film of several hours.
    const MOVIE_MAX: u64 = 24_000_000;

    /// Returns the tracks if the first bytes show them.
    pub fn in_start(start: &[u8]) -> Option<Tracks> {
        iso::tracks(start).or_else(|| matroska::tracks(start)).or_else(|| ogg::tracks(start))
    }

    /// Searches the movie box of an MP4 in the whole file: cameras and recorders write it last.
    ///
    /// # Errors
    /// Only if the file can't be read.
    pub fn in_file<S: Read + Seek>(source: &mut S) -> io::Result<Option<Tracks>> {
        let end = source.seek(SeekFrom::End(0))?;
        let mut at = 0;
        for _ in 0..BOXES {
            let mut head = [0; 16];
            source.seek(SeekFrom::Start(at))?;
            let read = read_most(source, &mut head)?;
            if read < 8 {
                return Ok(None);
            }
            let short = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
            let length = match short {
                0 => end - at,
                1 => u64::from_be_bytes([head[8], head[9], head[10], head[11], head[12], head[13], head[14], head[15]]),
                _ => short,
            };
            if &head[4..8] == b"moov" {
                return movie(source, at, length);
            }
            match at.checked_add(length).filter(|next| length >= 8 && *next < end) {
                Some(next) => at = next,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    fn movie<S: Read + Seek>(source: &mut S, at: u64, length: u64) -> io::Result<Option<Tracks>> {
        if length > MOVIE_MAX {
            return Ok(None);
        }
        source.seek(SeekFrom::Start(at))?;
        let mut movie = Vec::new();
        source.take(length).read_to_end(&mut movie)?;
        Ok(iso::tracks(&movie))
    }

    fn read_most(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = 0;
        while read < buffer.len() {
            match source.read(&mut buffer[read..])? {
                0 => break,
                more => read += more,
            }
        }
        Ok(read)
    }
}

#[cfg(any(feature = "server", fuzzing))]
pub use server::{in_file, in_start};
