//! Quotas, for both sides.

use serde::{Deserialize, Serialize};

use crate::files::attachments::media_type::FileKind;
use crate::ids::{AttachmentId, ChannelId, MemberId, MessageId};
use crate::platform::byte_size::{ByteSize, format_size};
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;

/// Maximum retention of deleted files, in days.
const RETENTION_MAX: i32 = 3650;

/// The limits of the next file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageRoom {
    /// Bytes of all stored and uploading files. Deleted ones count until they are purged.
    pub used_bytes: ByteSize,
    /// Quota in bytes; `None`: no quota.
    pub quota_bytes: Option<ByteSize>,
    /// Maximum upload size in bytes; `None`: no limit.
    pub max_file_size: Option<u64>,
}

impl StorageRoom {
    /// Returns the remaining bytes of the quota; `None`: no quota.
    pub fn left(&self) -> Option<u64> {
        self.quota_bytes.map(|quota| quota.minus(self.used_bytes).0)
    }

    /// Returns a hint before a file is picked, such as `Any file, up to 2 GB each, 1.2 GB left`.
    pub fn note(&self) -> String {
        let size = match self.max_file_size {
            Some(max) => format!("up to {} each", format_size(max)),
            None => "any size".to_owned(),
        };
        let left = self.left().map(|left| format!(", {} left", format_size(left))).unwrap_or_default();
        format!("Any file, {size}{left}")
    }

    /// Returns why an upload of this size does not begin, in a few words. The server decides again.
    pub fn reason_against(&self, size: u64) -> Option<String> {
        match (self.max_file_size, self.left()) {
            _ if size == 0 => Some("This file is empty".to_owned()),
            (Some(max), _) if size > max => {
                Some(format!("Too large: {} (limit {})", format_size(size), format_size(max)))
            }
            (_, Some(left)) if size > left => {
                Some(format!("Not enough storage for {}: {} left", format_size(size), format_size(left)))
            }
            _ => None,
        }
    }

    /// Returns why a file of this size can't be stored.
    pub fn refusal(&self, size: u64) -> Option<String> {
        let left = self.left().filter(|left| size > *left)?;
        Some(format!(
            "This file is {}. Your organization has {} left of {}. Delete files permanently, or ask your \
             administrator for more storage.",
            format_size(size),
            format_size(left),
            self.quota_bytes.unwrap_or_default(),
        ))
    }

    /// Returns the usage in percent, for a bar; above 100 if the quota was lowered.
    pub fn percent(&self) -> Option<u64> {
        let quota = self.quota_bytes.filter(|quota| quota.0 > 0)?.0;
        Some(self.used_bytes.0.saturating_mul(100) / quota)
    }
}

/// Files of one type, conversation or person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Share<T> {
    pub of: T,
    pub files: i64,
    pub bytes: ByteSize,
}

/// A conversation. One that the caller can't view has no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedChannel {
    pub id: ChannelId,
    pub name: Option<String>,
}

impl UsedChannel {
    /// Returns its name, or a placeholder.
    pub fn words(&self) -> String {
        self.name.clone().unwrap_or_else(|| "A private channel".to_owned())
    }
}

/// A member, or, without one, contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedMember {
    pub id: Option<MemberId>,
    pub name: Option<String>,
}

/// One of the largest files, in a conversation that the caller can view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LargeFile {
    pub id: AttachmentId,
    pub file_name: String,
    pub file_size: ByteSize,
    pub channel: UsedChannel,
    pub message_id: Option<MessageId>,
    pub uploaded_at: Option<Timestamp>,
    pub deleted: bool,
}

/// The storage usage of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageUsage {
    pub room: StorageRoom,
    pub files: i64,
    /// Usage of deleted files.
    pub deleted: Share<()>,
    /// Retention of deleted files in days; `None`: until somebody purges them.
    pub retention_days: Option<i32>,
    /// The largest first, as in all lists here.
    pub by_channel: Vec<Share<UsedChannel>>,
    pub by_member: Vec<Share<UsedMember>>,
    /// By the first half of the content type, such as `image`.
    pub by_type: Vec<Share<FileKind>>,
    pub largest: Vec<LargeFile>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retention {
    /// Null: deleted files are kept until somebody purges them. An omitted field is not null.
    #[serde(deserialize_with = "Option::deserialize")]
    pub retention_days: Option<i32>,
}

impl Retention {
    pub fn check(self) -> Result<Self> {
        match self.retention_days {
            Some(days) if !(1..=RETENTION_MAX).contains(&days) => {
                let message = format!("Choose 1 to {RETENTION_MAX} days, or null to keep deleted files.");
                Err(AppError::invalid("retentionDays", message))
            }
            _ => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(used: u64, quota: Option<u64>) -> StorageRoom {
        StorageRoom { used_bytes: ByteSize(used), quota_bytes: quota.map(ByteSize), max_file_size: None }
    }

    #[test]
    fn fitting_uploads_are_accepted() {
        assert_eq!(room(90, Some(100)).refusal(10), None);
        assert!(room(90, Some(100)).refusal(11).unwrap().contains("Your organization has 10 B left of 100 B."));
        assert_eq!(room(90, None).refusal(u64::MAX), None);
        assert!(room(200, Some(100)).refusal(1).is_some(), "the quota was lowered");
        assert_eq!(room(200, Some(100)).left(), Some(0));
    }

    #[test]
    fn limits_are_shown_before_a_file_is_picked() {
        assert_eq!(room(0, None).note(), "Any file, any size");
        assert_eq!(room(0, Some(1_200_000_000)).note(), "Any file, any size, 1.2 GB left");
        let limited = StorageRoom { max_file_size: Some(2_000_000_000), ..room(0, None) };
        assert_eq!(limited.note(), "Any file, up to 2.0 GB each");
    }

    #[test]
    fn the_bar_has_a_length() {
        assert_eq!(room(71, Some(100)).percent(), Some(71));
        assert_eq!(room(71, None).percent(), None);
        assert_eq!(room(71, Some(0)).percent(), None);
    }

    #[test]
    fn days_are_days() {
        for days in [0, -1, RETENTION_MAX + 1] {
            assert!(Retention { retention_days: Some(days) }.check().is_err());
        }
        for days in [None, Some(1), Some(RETENTION_MAX)] {
            assert!(Retention { retention_days: days }.check().is_ok());
        }
    }
}
