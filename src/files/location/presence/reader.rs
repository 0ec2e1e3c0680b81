//! Reads parts of a file at any offset, within a budget.

use std::io::{Read, Seek, SeekFrom};

use crate::files::location::BLOCK_MAX;
use crate::files::location::budget::{Budget, SearchError};

/// Steps of one read at another offset.
const SEEK_STEPS: usize = 1024;

pub struct Reader<'a, S> {
    source: &'a mut S,
    length: u64,
    pub budget: &'a mut Budget,
}

impl<'a, S: Read + Seek> Reader<'a, S> {
    pub fn new(source: &'a mut S, length: u64, budget: &'a mut Budget) -> Self {
        Self { source, length, budget }
    }

    /// Length of the file, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Reads `length` bytes at `at`. `None` if the file ends before, or if they are more than [`BLOCK_MAX`].
    pub fn bytes(&mut self, at: u64, length: u64) -> Result<Option<Vec<u8>>, SearchError> {
        let is_inside = at.checked_add(length).is_some_and(|end| end <= self.length);
        let Some(size) = usize::try_from(length).ok().filter(|_| is_inside && length <= BLOCK_MAX) else {
            return Ok(None);
        };
        self.budget.spend(SEEK_STEPS + size)?;
        let mut bytes = vec![0; size];
        self.source.seek(SeekFrom::Start(at))?;
        self.source.read_exact(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Reads `N` bytes at `at`. `None` if the file ends before.
    pub fn array<const N: usize>(&mut self, at: u64) -> Result<Option<[u8; N]>, SearchError> {
        Ok(self.bytes(at, N as u64)?.and_then(|bytes| bytes.try_into().ok()))
    }
}
