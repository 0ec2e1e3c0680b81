//! Reads a file once, front to back, and collects the patches.

use std::io::{self, Read, Seek, SeekFrom};

use super::budget::{Budget, SearchError};
use super::{BLOCK_MAX, Patch, words};

/// Size of the buffer, and of a read.
const WINDOW: usize = 64 * 1024;
/// Steps of a skip of any length.
const SKIP_STEPS: usize = 16;

pub struct Search<'a, S> {
    source: &'a mut S,
    /// Length of the file.
    length: u64,
    buffer: Vec<u8>,
    /// The part of the buffer that was read and not consumed yet.
    start: usize,
    end: usize,
    /// Offset in the file of the next byte.
    at: u64,
    pub budget: &'a mut Budget,
    patches: Vec<Patch>,
}

/// Metadata that may be shorter than announced, because the file ends early.
pub struct Block {
    pub bytes: Vec<u8>,
    pub is_whole: bool,
}

impl<'a, S: Read + Seek> Search<'a, S> {
    pub fn new(source: &'a mut S, length: u64, budget: &'a mut Budget) -> io::Result<Self> {
        source.seek(SeekFrom::Start(0))?;
        Ok(Self { source, length, buffer: vec![0; WINDOW], start: 0, end: 0, at: 0, budget, patches: Vec::new() })
    }

    /// Returns the patches in the order of the file. They don't overlap.
    pub fn into_patches(mut self) -> Vec<Patch> {
        self.patches.sort_by_key(|patch| patch.at);
        self.patches
    }

    pub fn position(&self) -> u64 {
        self.at
    }

    /// Length of the file.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns the next bytes: at least `least` of them, unless the file ends.
    pub fn window(&mut self, least: usize) -> Result<&[u8], SearchError> {
        while self.end - self.start < least {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            let read = match self.source.read(&mut self.buffer[self.end..]) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if read == 0 {
                break;
            }
            self.budget.spend(read)?;
            self.end += read;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Moves past bytes of the window.
    pub fn consume(&mut self, count: usize) {
        self.start += count;
        self.at += count as u64;
    }

    /// Moves forward, possibly beyond the end of the file.
    pub fn skip(&mut self, count: u64) -> Result<(), SearchError> {
        self.budget.spend(SKIP_STEPS)?;
        match usize::try_from(count) {
            Ok(count) if count <= self.end - self.start => self.consume(count),
            _ => self.move_to(self.at.saturating_add(count))?,
        }
        Ok(())
    }

    /// Moves to any offset. The caller must ensure that this reads no byte more than a few times.
    pub fn move_to(&mut self, at: u64) -> Result<(), SearchError> {
        (self.start, self.end, self.at) = (0, 0, at);
        self.source.seek(SeekFrom::Start(at.min(self.length)))?;
        Ok(())
    }

    /// Reads the next bytes. `None` if the file ends before.
    pub fn head<const N: usize>(&mut self) -> Result<Option<[u8; N]>, SearchError> {
        let head = self.window(N)?.first_chunk::<N>().copied();
        if head.is_some() {
            self.budget.spend(N)?;
            self.consume(N);
        }
        Ok(head)
    }

    /// Reads a metadata block. `None` if it is longer than [`BLOCK_MAX`]; nothing is consumed then.
    pub fn block(&mut self, length: u64) -> Result<Option<Block>, SearchError> {
        if length > BLOCK_MAX {
            return Ok(None);
        }
        let available = length.min(self.length.saturating_sub(self.at));
        let available = usize::try_from(available).unwrap_or_default();
        self.budget.spend(SKIP_STEPS)?;
        let mut bytes = Vec::with_capacity(available);
        while bytes.len() < available {
            let missing = available - bytes.len();
            let window = self.window(1)?;
            let part = missing.min(window.len());
            if part == 0 {
                break;
            }
            bytes.extend_from_slice(&window[..part]);
            self.budget.spend(part)?;
            self.consume(part);
        }
        let is_whole = bytes.len() as u64 == length;
        Ok(Some(Block { bytes, is_whole }))
    }

    /// Moves past a block that is too long to keep. Returns whether it contains a location.
    pub fn tells_a_location(&mut self, length: u64) -> Result<bool, SearchError> {
        self.any(length, words::REACH, words::tell_a_location)
    }

    /// Moves past a block that is too long to keep. Returns whether it is not all zeros.
    pub fn has_content(&mut self, length: u64) -> Result<bool, SearchError> {
        self.any(length, 1, |bytes| bytes.iter().any(|byte| *byte != 0))
    }

    /// Moves past a block. Returns whether `look` accepts some of its bytes, which it sees at least `reach` at a time.
    fn any(&mut self, length: u64, reach: usize, look: impl Fn(&[u8]) -> bool) -> Result<bool, SearchError> {
        let end = self.at.saturating_add(length);
        let mut found = false;
        while self.at < end && !found {
            let left = usize::try_from(end - self.at).unwrap_or(usize::MAX);
            let window = self.window(reach.min(left))?;
            let looked_at = window.len().min(left);
            if looked_at == 0 {
                break;
            }
            found = look(&window[..looked_at]);
            self.budget.spend(looked_at)?;
            // Bytes that may begin a word are searched again together with the next ones.
            let is_last = looked_at == left || looked_at < reach;
            self.consume(if is_last { looked_at } else { looked_at + 1 - reach });
        }
        self.move_to(end)?;
        Ok(found)
    }

    /// Adds a patch that replaces bytes by others.
    pub fn replace(&mut self, at: u64, bytes: Vec<u8>) -> Result<(), SearchError> {
        self.budget.reserve_patch(bytes.len())?;
        self.patches.push(Patch::bytes(at, bytes));
        Ok(())
    }

    /// Adds a patch that fills a range with one byte.
    pub fn fill(&mut self, at: u64, byte: u8, length: u64) -> Result<(), SearchError> {
        self.budget.reserve_patch(0)?;
        if length > 0 {
            self.patches.push(Patch::fill(at, byte, length));
        }
        Ok(())
    }

    /// Adds a patch that was reserved before.
    pub fn push_reserved(&mut self, patch: Patch) {
        self.patches.push(patch);
    }
}
