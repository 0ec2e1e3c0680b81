//! Reserves quota for files that are still being received, so that a quota also limits temporary files. Reservations
//! are local to a server: with several servers an organization can temporarily use its quota once on each.

use super::service::room_of;
use crate::ids::OrganizationId;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::tally::Share;

/// Quota is reserved in steps of this many bytes, with a database query each.
const STEP: u64 = 1_000_000;

/// The reservation of one file. Released when dropped.
pub struct Reservation {
    platform: Platform,
    organization: OrganizationId,
    bytes: Share,
}

impl Reservation {
    pub fn new(platform: &Platform, organization: OrganizationId) -> Self {
        let bytes = platform.incoming_bytes.share(organization.0);
        Self { platform: platform.clone(), organization, bytes }
    }

    /// Extends the reservation to `size` bytes, considering all other incoming files.
    ///
    /// # Errors
    /// [`ErrorKind::QuotaExceeded`].
    pub async fn grow(&mut self, size: u64) -> Result<()> {
        let reserved = self.bytes.count();
        if size <= reserved {
            return Ok(());
        }
        let all = self.bytes.add((size - reserved).next_multiple_of(STEP));
        // The last step is larger than the file: the excess is computed from the received bytes.
        let coming = all - (self.bytes.count() - size);
        let room = room_of(&self.platform, self.organization).await?;
        match room.refusal(coming) {
            Some(reason) => Err(AppError::new(ErrorKind::QuotaExceeded, reason)),
            None => Ok(()),
        }
    }
}
