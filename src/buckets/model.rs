//! Buckets as both sides see them.

use serde::{Deserialize, Deserializer, Serialize};

use crate::attachments::model::AttachmentId;
use crate::channels::model::ChannelId;
use crate::platform::left_out;
use crate::platform::timestamp::Timestamp;
use crate::ui::Tint;

/// A channel that programs feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bucket {
    pub id: ChannelId,
    #[cfg_attr(feature = "server", schema(example = "Door camera"))]
    pub name: String,
    pub color: Tint,
    /// A picture of its own. None: a sign is drawn from name and colour.
    pub icon_attachment_uuid: Option<AttachmentId>,
    /// Where its icon is, be it a picture of its own or drawn. Open to everybody while public downloads are on.
    #[cfg_attr(feature = "server", schema(example = "/api/v1/buckets/019f8000-0000-7000-8000-000000000000/icon"))]
    pub icon_url: String,
    /// Whether whoever has the public URL of a file that was posted here can fetch it.
    pub public_downloads: bool,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime, example = "2026-01-05T09:30:00.123Z"))]
    pub created_at: Timestamp,
}

/// A bucket to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewBucket {
    /// At most 100 characters, unlike those of other buckets.
    #[cfg_attr(feature = "server", schema(example = "Door camera", min_length = 1, max_length = 100))]
    pub name: String,
    /// One is chosen if left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "left_out::or_none")]
    pub color: Option<Tint>,
    /// A picture that was uploaded before. Left out, a sign is drawn from name and colour.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "left_out::or_none")]
    pub icon_attachment_uuid: Option<AttachmentId>,
    /// Whether everybody with the public URL of a file in the bucket can download it. The default is yes if you can share files.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "left_out::or_none")]
    pub public_downloads: Option<bool>,
}

/// What shall be different of a bucket. What is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BucketChanges {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(example = "Side door", min_length = 1, max_length = 100))]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Tint>,
    /// `null` goes back to the drawn sign.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "told")]
    #[cfg_attr(feature = "server", schema(value_type = Option<AttachmentId>))]
    pub icon_attachment_uuid: Option<Option<AttachmentId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_downloads: Option<bool>,
}

/// Tells `null` from nothing.
#[expect(clippy::option_option, reason = "nothing told, none, or one")]
fn told<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Option<AttachmentId>>, D::Error> {
    Option::deserialize(reader).map(Some)
}

/// What a bucket holds, for the panel beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BucketContents {
    pub files: i64,
    pub bytes: i64,
    /// The tokens by which messages came, latest first.
    pub posters: Vec<Poster>,
    /// Largest file that comes through the server, in bytes.
    pub max_file_size: u64,
    /// Which types come through the server.
    pub allowed_types: Vec<String>,
}

/// A token by which messages came.
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
    fn null_is_told_from_nothing() {
        let read = |text: &str| serde_json::from_str::<BucketChanges>(text).map(|changes| changes.icon_attachment_uuid);
        assert_eq!(read("{}").unwrap(), None);
        assert_eq!(read(r#"{"iconAttachmentUuid": null}"#).unwrap(), Some(None));
        assert!(read(r#"{"icon": null}"#).is_err());
        assert_eq!(serde_json::from_str::<NewBucket>(r#"{"name": "a"}"#).unwrap().public_downloads, None);
    }
}
