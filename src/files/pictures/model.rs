//! Pictures, for both sides, and their limits.

use serde::{Deserialize, Serialize};

use crate::ids::{BotId, PictureId};
use crate::named_enum;
use crate::platform::byte_size::ByteSize;
use crate::platform::timestamp::Timestamp;

named_enum! {
    /// What a picture is for. The names are those of the presign endpoint.
    pub enum PictureKind in "pictures.kind" {
        UserAvatar = "user-avatar";
        BotAvatar = "bot-avatar";
        /// The logo.
        OrganizationAvatar = "organization-avatar";
        CustomEmoji = "custom-emoji";
    }
}

named_enum! {
    /// The state of a picture. Possible changes are `uploading → complete`, `uploading → failed` and `complete → removed`.
    pub enum PictureStatus in "pictures.status" {
        Uploading = "uploading";
        Complete = "complete";
        Failed = "failed";
        /// Another took its place. A job removes the object.
        Removed = "removed";
    }
}

impl PictureKind {
    /// Returns the maximum size in bytes.
    pub const fn max_size(self) -> u64 {
        match self {
            Self::CustomEmoji => 256 * 1000,
            _ => 5 * 1000 * 1000,
        }
    }
}

/// Maximum pixels of a side, so that decoding in a browser stays cheap, however well it was compressed.
pub const SIDE_MAX: i32 = 4096;

/// Returns whether this detected type may be uploaded. An SVG is a document that can contain scripts.
pub fn is_allowed(content_type: &str) -> bool {
    matches!(content_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    pub id: PictureId,
    #[serde(rename = "type")]
    pub kind: PictureKind,
    pub content_type: String,
    /// Bytes.
    pub file_size: ByteSize,
    pub width: i32,
    pub height: i32,
    pub url: String,
}

/// How many more pictures a person can upload now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PicturesLeft {
    pub left: i64,
    /// Seconds until the next, if the limit is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

/// A program's name and picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bot {
    pub id: BotId,
    pub name: String,
    pub avatar_url: Option<String>,
    pub created_at: Timestamp,
}

/// The name of a new bot.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewBot {
    pub name: String,
}
