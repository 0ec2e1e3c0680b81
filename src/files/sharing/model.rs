//! Share links, for both sides.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::ShareLinkId;
use crate::ids::{AttachmentId, MessageId};
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;

const DAY: Duration = Duration::from_hours(24);
/// Default lifetime of a link.
pub const DEFAULT_LIFETIME: Duration = Duration::from_hours(7 * 24);
/// Maximum lifetime of a link.
pub const MAX_LIFETIME: Duration = Duration::from_hours(365 * 24);
/// Length of a link's password, in characters.
const PASSWORD: std::ops::RangeInclusive<usize> = 6..=200;
/// Maximum of the download limit.
const DOWNLOADS_MAX: i64 = 1_000_000;

/// A link to create. Exactly one of `attachment_id` and `message_id`, at most one of `expires_at` and `expires_in`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NewShareLink {
    pub attachment_id: Option<AttachmentId>,
    /// Shares all files of this message.
    pub message_id: Option<MessageId>,
    pub expires_at: Option<Timestamp>,
    /// Seconds from now.
    pub expires_in: Option<i64>,
    /// Visitors must enter it.
    pub password: Option<String>,
    /// The link stops working after this many downloads.
    pub max_downloads: Option<i64>,
}

impl NewShareLink {
    /// Returns the expiry: in seven days by default, in a year at most.
    pub fn expiry(&self, now: Timestamp) -> Result<Timestamp> {
        let (field, at) = match (self.expires_at, self.expires_in) {
            (Some(_), Some(_)) => {
                return Err(AppError::invalid("expiresIn", "Use either expiresAt or expiresIn, not both."));
            }
            (Some(at), None) => ("expiresAt", at),
            (None, Some(seconds)) => ("expiresIn", Timestamp(now.0.saturating_add(seconds.saturating_mul(1000)))),
            (None, None) => ("expiresAt", now.plus(DEFAULT_LIFETIME)),
        };
        if at <= now {
            return Err(AppError::invalid(field, "This time is in the past. Choose a later one."));
        }
        if at > now.plus(MAX_LIFETIME) {
            let days = MAX_LIFETIME.as_secs() / DAY.as_secs();
            return Err(AppError::invalid(field, format!("A link can last at most {days} days. Choose fewer.")));
        }
        Ok(at)
    }

    /// Returns the password, if there is one and it is long enough. An empty one is rejected, because the caller
    /// intended one.
    pub fn checked_password(&self) -> Result<Option<&str>> {
        check_link_password(self.password.as_deref())
    }

    pub fn checked_max_downloads(&self) -> Result<Option<i64>> {
        match self.max_downloads {
            Some(count) if !(1..=DOWNLOADS_MAX).contains(&count) => Err(AppError::invalid(
                "maxDownloads",
                format!("Choose 1 to {DOWNLOADS_MAX} downloads, or leave it out."),
            )),
            count => Ok(count),
        }
    }
}

/// Checks the length of a link's password, where it has one.
pub fn check_link_password(password: Option<&str>) -> Result<Option<&str>> {
    let Some(password) = password else { return Ok(None) };
    if PASSWORD.contains(&password.chars().count()) {
        return Ok(Some(password));
    }
    let (min, max) = (PASSWORD.start(), PASSWORD.end());
    Err(AppError::invalid("password", format!("Use {min} to {max} characters, or leave it out.")))
}

/// A link without its URL, which is returned only once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareLink {
    pub id: ShareLinkId,
    pub attachment_id: Option<AttachmentId>,
    pub message_id: Option<MessageId>,
    /// The name of the file, or of the message's first.
    pub file_name: String,
    /// Without deleted ones, which are not served.
    pub file_count: i64,
    /// The name of its creator.
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub has_password: bool,
    pub download_count: i64,
    pub max_downloads: Option<i64>,
    /// Whether it is valid.
    pub active: bool,
}

impl ShareLink {
    /// Returns its subject, such as `photo.jpg` or `photo.jpg and 2 more`.
    pub fn subject(&self) -> String {
        let name = if self.file_name.is_empty() { "attachment" } else { &self.file_name };
        match self.file_count {
            0 | 1 => name.to_owned(),
            count => format!("{name} and {} more", count - 1),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedShareLink {
    /// Returned only here, because only the hash of its token is stored.
    pub url: String,
    #[serde(flatten)]
    pub link: ShareLink,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn a_link_ends_in_a_week_and_within_a_year() {
        let link = |expires_at, expires_in| NewShareLink { expires_at, expires_in, ..Default::default() }.expiry(NOW);
        assert_eq!(link(None, None).unwrap(), NOW.plus(DAY * 7));
        assert_eq!(link(None, Some(60)).unwrap(), NOW.plus(Duration::from_mins(1)));
        assert_eq!(link(Some(NOW.plus(MAX_LIFETIME)), None).unwrap(), NOW.plus(MAX_LIFETIME));
        assert_eq!(link(Some(NOW), None).unwrap_err().field.unwrap(), "expiresAt");
        for wrong in [0, -1, i64::MIN, i64::MAX, 366 * 24 * 3600] {
            assert_eq!(link(None, Some(wrong)).unwrap_err().field.unwrap(), "expiresIn", "{wrong}");
        }
        assert!(link(Some(NOW.plus(DAY)), Some(60)).is_err());
    }

    #[test]
    fn a_password_is_long_enough_or_omitted() {
        let link = |password: &str| NewShareLink { password: Some(password.to_owned()), ..Default::default() };
        assert_eq!(NewShareLink::default().checked_password().unwrap(), None);
        assert_eq!(link("öffnen").checked_password().unwrap(), Some("öffnen"));
        for wrong in ["", "short"] {
            assert!(link(wrong).checked_password().is_err(), "{wrong:?}");
        }
    }
}
