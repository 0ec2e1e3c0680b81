//! Checks of local storage: whether it can be written, and has space.

use std::path::Path;

use super::Finding;
use crate::platform::byte_size::format_size;
use crate::platform::clock::Clock;
use crate::platform::secret::Secret;
use crate::platform::storage::LocalDisk;

/// Below this many free bytes, uploads will soon fail.
const MIN_FREE_SPACE: u64 = 5_000_000_000;
const NO_SPACE: u64 = 500_000_000;

pub async fn examine(root: &Path, clock: &Clock) -> Vec<Finding> {
    const ABOUT: &str = "storage";
    let place = root.display();
    // Nothing is signed here.
    let disk = match LocalDisk::open(root.to_owned(), Secret::random(clock)).await {
        Ok(disk) => disk,
        Err(error) => return vec![Finding::problem(ABOUT, error.to_string())],
    };
    let written = match disk.check().await {
        Ok(()) => Finding::good(ABOUT, format!("{place} is writable")),
        Err(error) => Finding::problem(
            ABOUT,
            format!("{place} is not writable ({error}). Set STORAGE_ROOT to a folder that this user can write to."),
        ),
    };
    vec![written, space(&disk, root)]
}

fn space(disk: &LocalDisk, root: &Path) -> Finding {
    const ABOUT: &str = "storage: free space";
    let place = root.display();
    match disk.free_space() {
        Err(error) => Finding::advice(ABOUT, format!("Cannot read the free space of {place} ({error}).")),
        Ok(free) if free < NO_SPACE => Finding::problem(
            ABOUT,
            format!("{} free on {place}. Uploads fail. Free up space, or move STORAGE_ROOT.", format_size(free)),
        ),
        Ok(free) if free < MIN_FREE_SPACE => {
            Finding::advice(ABOUT, format!("{} free on {place}. Free up space soon.", format_size(free)))
        }
        Ok(free) => Finding::good(ABOUT, format!("{} free on {place}", format_size(free))),
    }
}
