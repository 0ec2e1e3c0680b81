//! Prints how far a move is, with an estimate.

use std::time::Duration;

use tokio::time::Instant;

use crate::platform::byte_size::format_size;

/// The pause between two lines.
const INTERVAL: Duration = Duration::from_secs(5);

/// Files that are copied, as one of them costs as much time as its bytes and this number.
const BYTES_OF_A_FILE: u64 = 100_000;

pub struct Progress {
    files: u64,
    bytes: u64,
    all_files: u64,
    all_bytes: u64,
    begun: Instant,
    printed: Instant,
}

impl Progress {
    pub fn new() -> Self {
        let now = Instant::now();
        Self { files: 0, bytes: 0, all_files: 0, all_bytes: 0, begun: now, printed: now }
    }

    /// Begins a pass over some files.
    pub fn begin(&mut self, files: u64, bytes: u64) {
        *self = Self { all_files: files, all_bytes: bytes, ..Self::new() };
    }

    /// Counts a file of `size` bytes.
    pub fn add(&mut self, size: u64) {
        self.files += 1;
        self.bytes += size;
        if self.printed.elapsed() >= INTERVAL && self.files < self.all_files {
            self.printed = Instant::now();
            println!("{}", self.line(self.begun.elapsed()));
        }
    }

    pub fn end(&self) {
        if self.files > 0 {
            println!("Copied and compared {} files ({}).", self.files, format_size(self.bytes));
        }
    }

    fn line(&self, elapsed: Duration) -> String {
        let (files, all_files) = (self.files, self.all_files);
        let (size, all) = (format_size(self.bytes), format_size(self.all_bytes));
        format!("Copied {files} of {all_files} files ({size} of {all}). About {} left.", words(self.remaining(elapsed)))
    }

    /// Estimates the time that the rest needs.
    fn remaining(&self, elapsed: Duration) -> Duration {
        let work = |files: u64, bytes: u64| bytes.saturating_add(files.saturating_mul(BYTES_OF_A_FILE)).max(1);
        let done = work(self.files, self.bytes);
        let left = work(self.all_files, self.all_bytes).saturating_sub(done);
        let seconds = u128::from(elapsed.as_secs().max(1)) * u128::from(left) / u128::from(done);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX))
    }
}

/// Formats a duration as people say it.
fn words(duration: Duration) -> String {
    match duration.as_secs() {
        0..=89 => format!("{} seconds", duration.as_secs()),
        seconds @ 90..=5399 => format!("{} minutes", (seconds + 30) / 60),
        seconds => format!("{} hours", (seconds + 1800) / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_estimated_by_files_and_bytes() {
        let mut progress = Progress::new();
        progress.begin(400, 4_000_000_000);
        (0..100).for_each(|_| progress.add(10_000_000));
        let line = progress.line(Duration::from_mins(10));
        assert_eq!(line, "Copied 100 of 400 files (1.0 GB of 4.0 GB). About 30 minutes left.");
        progress.begin(1000, 0);
        (0..500).for_each(|_| progress.add(0));
        assert_eq!(progress.remaining(Duration::from_mins(1)), Duration::from_mins(1));
    }

    #[test]
    fn durations_are_in_words() {
        let of = |seconds| words(Duration::from_secs(seconds));
        assert_eq!(
            [of(7), of(89), of(90), of(5399), of(7200)],
            ["7 seconds", "89 seconds", "2 minutes", "90 minutes", "2 hours"]
        );
    }
}
