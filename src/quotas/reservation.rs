//! Room for files that are still coming in, so that a quota also bounds what lies on the disk meanwhile. Each server knows its own:
//! with several of them as many times the room may be taken for a while, until the files are counted.

use super::service::room_of;
use crate::organizations::model::OrganizationId;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};

/// Room is taken in steps of so many bytes, each of which asks the database once.
const STEP: u64 = 1_000_000;

/// The room of one file, given back when it is dropped.
pub struct Reservation {
    platform: Platform,
    organization: OrganizationId,
    bytes: u64,
}

impl Reservation {
    pub fn new(platform: &Platform, organization: OrganizationId) -> Self {
        Self { platform: platform.clone(), organization, bytes: 0 }
    }

    /// Makes sure that a file of `size` bytes has room, beside everything else that is coming in.
    ///
    /// # Errors
    /// [`ErrorKind::QuotaExceeded`].
    pub async fn grow(&mut self, size: u64) -> Result<()> {
        if size <= self.bytes {
            return Ok(());
        }
        let more = (size - self.bytes).next_multiple_of(STEP);
        let reserved = self.platform.reserved.add(self.organization.0, more);
        self.bytes += more;
        // The last step is larger than the file: what is too much is measured by what has come.
        let coming = reserved - (self.bytes - size);
        let room = room_of(&self.platform, self.organization).await?;
        match room.refusal(coming) {
            Some(reason) => Err(AppError::new(ErrorKind::QuotaExceeded, reason)),
            None => Ok(()),
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.platform.reserved.remove(self.organization.0, self.bytes);
    }
}
