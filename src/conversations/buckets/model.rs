//! Buckets, for both sides.

use serde::{Deserialize, Deserializer, Serialize};

use crate::conversations::hooks::model::Hook;
use crate::ids::{AttachmentId, ChannelId};
use crate::platform::byte_size::ByteSize;
use crate::platform::omitted;
use crate::platform::timestamp::Timestamp;
use crate::ui::Tint;

/// A channel for messages from programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    pub id: ChannelId,
    #[cfg_attr(feature = "server", schema(example = "Door camera"))]
    pub name: String,
    pub color: Tint,
    /// The picture used as icon. Null if the icon is drawn from name and color.
    pub icon_attachment_uuid: Option<AttachmentId>,
    /// The URL of the icon. It is public while public downloads are on.
    #[cfg_attr(feature = "server", schema(example = "/api/v1/buckets/019f8000-0000-7000-8000-000000000000/icon"))]
    pub icon_url: String,
    /// Whether anyone with the public URL of a file in the bucket can download it.
    pub public_downloads: bool,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime, example = "2026-01-05T09:30:00.123Z"))]
    pub created_at: Timestamp,
}

/// A bucket to create.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewBucket {
    /// At most 100 characters. Bucket names are unique.
    #[cfg_attr(feature = "server", schema(example = "Door camera", min_length = 1, max_length = 100))]
    pub name: String,
    /// Chosen automatically if left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "omitted::or_none")]
    pub color: Option<Tint>,
    /// The ID of an uploaded picture. If left out, an icon is drawn from name and color.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "omitted::or_none")]
    pub icon_attachment_uuid: Option<AttachmentId>,
    /// Whether anyone with the public URL of a file in the bucket can download it. Defaults to true if you can share
    /// files.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "omitted::or_none")]
    pub public_downloads: Option<bool>,
}

/// Changes to a bucket. Fields that are left out are not changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BucketChanges {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(example = "Side door", min_length = 1, max_length = 100))]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Tint>,
    /// Null restores the drawn icon.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "told")]
    #[cfg_attr(feature = "server", schema(value_type = Option<AttachmentId>))]
    pub icon_attachment_uuid: Option<Option<AttachmentId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_downloads: Option<bool>,
}

/// Distinguishes `null` from a missing field.
#[expect(clippy::option_option, reason = "nothing told, none, or one")]
fn told<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Option<AttachmentId>>, D::Error> {
    Option::deserialize(reader).map(Some)
}

/// The contents of a bucket, for its panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketContents {
    pub files: i64,
    pub bytes: ByteSize,
    /// The tokens that have posted, latest first.
    pub posters: Vec<Poster>,
    /// Maximum size of a file that passes through the server, in bytes.
    pub max_file_size: u64,
    /// Types of files that may pass through the server.
    pub allowed_types: Vec<String>,
    /// The incoming URLs, newest first. `None` for those who can't manage the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hooks: Option<Vec<Hook>>,
}

/// A token that has posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Poster {
    pub name: String,
    pub last_posted_at: Timestamp,
}

pub fn icon_url(id: ChannelId) -> String {
    format!("/api/v1/buckets/{id}/icon")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_differs_from_omitted() {
        let read = |text: &str| serde_json::from_str::<BucketChanges>(text).map(|changes| changes.icon_attachment_uuid);
        assert_eq!(read("{}").unwrap(), None);
        assert_eq!(read(r#"{"iconAttachmentUuid": null}"#).unwrap(), Some(None));
        assert!(read(r#"{"icon": null}"#).is_err());
        assert_eq!(serde_json::from_str::<NewBucket>(r#"{"name": "a"}"#).unwrap().public_downloads, None);
    }
}
