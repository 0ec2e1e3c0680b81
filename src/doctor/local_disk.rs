//! Files in a folder: can it be written, and is there room.

use std::path::Path;

use super::Finding;
use crate::platform::byte_size::format_size;
use crate::platform::clock::Clock;
use crate::platform::secret::Secret;
use crate::platform::storage::LocalDisk;

/// Less than this, and uploads will soon fail.
const LITTLE_SPACE: u64 = 5_000_000_000;
const NO_SPACE: u64 = 500_000_000;

pub async fn examine(root: &Path, clock: &Clock) -> Vec<Finding> {
    const ABOUT: &str = "storage";
    let place = root.display();
    // What is signed here is not used.
    let disk = match LocalDisk::open(root.to_owned(), Secret::random(clock)).await {
        Ok(disk) => disk,
        Err(error) => return vec![Finding::problem(ABOUT, error.to_string())],
    };
    let written = match disk.check().await {
        Ok(()) => Finding::good(ABOUT, format!("{place} can be written")),
        Err(error) => Finding::problem(
            ABOUT,
            format!("{place} cannot be written ({error}). Set STORAGE_ROOT to a folder that this user may write."),
        ),
    };
    vec![written, space(&disk, root)]
}

fn space(disk: &LocalDisk, root: &Path) -> Finding {
    const ABOUT: &str = "storage: free space";
    let place = root.display();
    match disk.free_space() {
        Err(error) => Finding::advice(ABOUT, format!("{place} does not tell how much is free ({error}).")),
        Ok(free) if free < NO_SPACE => Finding::problem(
            ABOUT,
            format!("{} left on {place}. Uploads fail: make room, or move STORAGE_ROOT.", format_size(free)),
        ),
        Ok(free) if free < LITTLE_SPACE => {
            Finding::advice(ABOUT, format!("{} left on {place}. Make room soon.", format_size(free)))
        }
        Ok(free) => Finding::good(ABOUT, format!("{} left on {place}", format_size(free))),
    }
}
