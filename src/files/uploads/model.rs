//! Requests and responses of uploads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::files::pictures::model::PictureKind;
use crate::ids::{BotId, ChannelId};
use crate::platform::error::ErrorKind;
use crate::platform::lists;
use crate::platform::timestamp::Timestamp;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PresignRequest {
    /// The kind of upload: `attachment`, or one of [`crate::files::pictures::model::PictureKind`].
    #[serde(rename = "type")]
    pub upload_type: String,
    /// For attachments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
    /// For bots' avatars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<BotId>,
    /// For custom emoji.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Empty if the file has none.
    #[serde(default)]
    pub file_name: String,
    /// Exact size in bytes.
    pub file_size: i64,
    /// Empty if unknown.
    #[serde(default)]
    pub content_type: String,
    /// Base64 of the SHA-256 of the file. The PUT then accepts only these bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_sha256: Option<String>,
}

impl PresignRequest {
    /// Returns the request for a picture; its size and type are filled in later.
    pub fn picture(kind: PictureKind) -> Self {
        Self::of_type(kind.name(), None)
    }

    /// Returns the request for a file of a channel, in the same way.
    pub fn file(channel: ChannelId) -> Self {
        Self::of_type("attachment", Some(channel))
    }

    fn of_type(name: &str, channel_id: Option<ChannelId>) -> Self {
        Self {
            upload_type: name.to_owned(),
            channel_id,
            bot_id: None,
            name: None,
            file_name: String::new(),
            file_size: 0,
            content_type: String::new(),
            checksum_sha256: None,
        }
    }
}

/// A presigned upload: URL, method and headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PresignedUpload {
    /// `None` if one PUT can't carry the file: more than 5 GiB on S3. It must be uploaded in parts.
    pub upload_url: Option<String>,
    /// `PUT`.
    pub method: String,
    /// To send unchanged. The size is bound too: `Content-Length` must be the announced size.
    pub headers: BTreeMap<String, String>,
    /// The key under which the file will be stored.
    pub key: String,
    /// URL of the file when complete.
    pub public_url: String,
    /// The id of the attachment or of the picture.
    pub resource_id: Uuid,
    /// When the URL expires; `retry` returns a new one.
    pub expires_at: Timestamp,
    /// How to upload the file in parts instead. Missing for a file of a single part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multipart: Option<MultipartPlan>,
}

/// The browser uploads larger files in parts: they can be paused, and continue after a reload.
pub const MULTIPART_ABOVE: u64 = 64_000_000;
/// Maximum number of parts of an upload, by S3's rules.
pub const PARTS_MAX: u64 = 10_000;
/// Minimum size of a part, in bytes. S3 requires 5 MiB or more; a lost connection costs at most four parts.
const PART_SIZE_MIN: u64 = 8 * 1024 * 1024;
/// Part sizes are multiples of this.
const PART_SIZE_STEP: u64 = 1024 * 1024;

/// How a file is cut: equal parts except the last, as R2 requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MultipartPlan {
    /// Bytes of each part but the last.
    pub part_size: u64,
    pub part_count: u32,
}

impl MultipartPlan {
    /// Computes the plan from the size alone, so that an upload continues after a reload as it began.
    pub fn of(file_size: u64) -> Self {
        let part_size = file_size.div_ceil(PARTS_MAX).next_multiple_of(PART_SIZE_STEP).max(PART_SIZE_MIN);
        let part_count = u32::try_from(file_size.div_ceil(part_size)).unwrap_or(u32::MAX);
        Self { part_size, part_count }
    }

    /// Returns the offset of a part, in bytes. Parts are numbered from 1.
    pub fn offset(self, number: u32) -> u64 {
        u64::from(number.saturating_sub(1)) * self.part_size
    }

    pub fn size_of(self, number: u32, file_size: u64) -> u64 {
        file_size.saturating_sub(self.offset(number)).min(self.part_size)
    }
}

/// Parts to upload now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PartsRequest {
    #[serde(deserialize_with = "lists::at_most::<{ lists::VALUES_MAX }, _, _>")]
    pub parts: Vec<PartRequest>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartRequest {
    /// From 1.
    pub part_number: u32,
    /// Base64 of the SHA-256 of the part.
    pub checksum_sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PresignedParts {
    /// In the requested order.
    pub parts: Vec<PresignedPart>,
    /// When the URLs expire; request new ones then.
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PresignedPart {
    pub part_number: u32,
    /// Exact size in bytes.
    pub size: u64,
    pub upload_url: String,
    /// `PUT`.
    pub method: String,
    pub headers: BTreeMap<String, String>,
}

/// The parts of an upload that have arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadedParts {
    #[serde(flatten)]
    pub plan: MultipartPlan,
    pub parts: Vec<UploadedPart>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadedPart {
    pub part_number: u32,
    /// Bytes.
    pub size: u64,
    pub etag: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_sha256: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    #[serde(default)]
    pub reason: String,
    /// The kind of the error that the client met, for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ErrorKind>,
    /// The code that the store answered to the client, such as `EntityTooLarge`, for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_code: Option<String>,
}

impl Failure {
    /// One that met no error.
    pub fn because(reason: &str) -> Self {
        Self { reason: reason.to_owned(), kind: None, store_code: None }
    }
}

/// The new name of an unsent file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewName {
    pub file_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;
    const TIB: u64 = 1024 * 1024 * MIB;

    #[test]
    fn parts_cover_the_file_and_ten_thousand_suffice() {
        let edges =
            [1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, MULTIPART_ABOVE + 1, 80_000 * MIB, 80_000 * MIB + 1, TIB, 5 * TIB];
        for size in edges {
            let plan = MultipartPlan::of(size);
            assert!(u64::from(plan.part_count) <= PARTS_MAX, "{size}: {plan:?}");
            assert!(plan.part_size >= 5 * MIB && plan.part_size <= 5 * 1024 * MIB, "{size}: {plan:?}");
            let last = plan.part_count;
            assert_eq!(plan.offset(last) + plan.size_of(last, size), size, "{plan:?}");
            assert!(plan.size_of(last, size) > 0, "{size}: {plan:?}");
            assert_eq!((plan.offset(1), plan.size_of(last + 1, size)), (0, 0));
        }
        assert_eq!(MultipartPlan::of(70_000_000), MultipartPlan { part_size: 8 * MIB, part_count: 9 });
        assert_eq!(MultipartPlan::of(80_000 * MIB).part_count, 10_000);
        assert_eq!(MultipartPlan::of(80_000 * MIB + 1), MultipartPlan { part_size: 9 * MIB, part_count: 8889 });
    }
}
