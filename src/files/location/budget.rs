//! Limits the cost of a search for a location. Counts work instead of time, so that the limits are the same on any
//! machine and tests are exact.

use std::io;

/// Steps that every search may use. A step is about one byte that is read once.
const STEPS_BASE: u64 = 16_000_000;
/// Additional steps per byte of the file.
const STEPS_PER_BYTE: u64 = 32;
/// Maximum steps of a search: a few seconds of processor time.
const STEPS_MAX: u64 = 4_000_000_000;
/// Maximum number of metadata blocks to replace in one file. Photos have fewer than ten, very large ones some hundred.
const PATCHES_MAX: u64 = 16_384;
/// Maximum bytes of replaced blocks in memory at the same time.
const PATCHED_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Maximum bytes that all compressed texts of a file may inflate to.
const INFLATED_MAX: usize = 4 * 1024 * 1024;

/// Why a search has no result.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The file needs more work or memory than any photo. It may have a location.
    #[error("The file cannot be searched for a location")]
    Unsearchable,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The remaining work and memory of one search.
#[derive(Debug, Clone)]
pub struct Budget {
    steps: u64,
    spent: u64,
    patches: u64,
    patched_bytes: u64,
    inflated: usize,
}

impl Budget {
    /// Returns the budget for a file of `length` bytes.
    pub fn for_length(length: u64) -> Self {
        let steps = length.saturating_mul(STEPS_PER_BYTE).saturating_add(STEPS_BASE);
        Self {
            steps: steps.min(STEPS_MAX),
            spent: 0,
            patches: PATCHES_MAX,
            patched_bytes: PATCHED_BYTES_MAX,
            inflated: INFLATED_MAX,
        }
    }

    /// Returns a budget of `steps` steps, for tests.
    #[cfg(test)]
    pub fn of_steps(steps: u64) -> Self {
        Self { steps, ..Self::for_length(0) }
    }

    /// Returns the steps spent so far.
    #[cfg(any(test, fuzzing))]
    pub fn spent(&self) -> u64 {
        self.spent
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), SearchError> {
        self.spent += steps as u64;
        if self.spent > self.steps { Err(SearchError::Unsearchable) } else { Ok(()) }
    }

    /// Reserves a patch that keeps `bytes` bytes in memory.
    pub(super) fn reserve_patch(&mut self, bytes: usize) -> Result<(), SearchError> {
        let patches = self.patches.checked_sub(1);
        let bytes = self.patched_bytes.checked_sub(bytes as u64);
        let (Some(patches), Some(bytes)) = (patches, bytes) else { return Err(SearchError::Unsearchable) };
        (self.patches, self.patched_bytes) = (patches, bytes);
        Ok(())
    }

    /// Returns how many bytes may still be inflated.
    pub(super) fn inflated_left(&self) -> usize {
        self.inflated
    }

    pub(super) fn spend_inflated(&mut self, bytes: usize) {
        self.inflated = self.inflated.saturating_sub(bytes);
    }
}
