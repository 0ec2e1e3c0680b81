//! Objects that no row requires. Those of uploads, and those that a job will remove, are no problem.

use std::time::Duration;

use anyhow::Result;

use super::store::{Use, use_of};
use super::{Difference, Repair, Report};
use crate::files::attachments::clean_up::LEFTOVER_RETENTION;
use crate::platform::Platform;
use crate::platform::storage::{Listed, ObjectKey};

const ABOUT: &str = "leftover";
/// A file that passes through the server is stored before its row is written.
const FRESH: Duration = Duration::from_hours(1);
/// The daily job removes older leftovers of uploads and previews.
const CLEANED_AFTER: Duration = Duration::from_hours(2 * 24);

pub async fn examine(platform: &Platform, stored: impl Iterator<Item = Listed>, report: &mut Report) -> Result<()> {
    for object in stored {
        let Ok(key) = object.key.parse::<ObjectKey>() else {
            report.foreign.push(object.key);
            continue;
        };
        if is_left(platform, &key, &object).await? {
            let says = format!("{key} belongs to no row ({} bytes)", object.size);
            report.differences.push(Difference::new(ABOUT, says, Some(Repair::Delete { object })));
        }
    }
    report.foreign.sort();
    Ok(())
}

/// Returns whether nothing uses an object, and nothing will remove it.
pub async fn is_left(platform: &Platform, key: &ObjectKey, object: &Listed) -> Result<bool> {
    let age_min = match key {
        ObjectKey::Staging(..) | ObjectKey::Derived(..) => LEFTOVER_RETENTION + CLEANED_AFTER,
        _ => FRESH,
    };
    Ok(object.modified < platform.clock.now().minus(age_min) && use_of(platform, key).await? == Use::Unknown)
}
