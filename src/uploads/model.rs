//! What browser and server say to each other about an upload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::attachments::model::AttachmentId;
use crate::channels::model::ChannelId;
use crate::platform::timestamp::Timestamp;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PresignRequest {
    /// What is uploaded: `attachment`.
    #[serde(rename = "type")]
    pub upload_type: String,
    pub channel_id: ChannelId,
    /// Empty when the file has none.
    #[serde(default)]
    pub file_name: String,
    /// Exact size in bytes.
    pub file_size: i64,
    /// Empty when unknown.
    #[serde(default)]
    pub content_type: String,
}

/// Where and how to send the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PresignedUpload {
    pub upload_url: String,
    /// `PUT`.
    pub method: String,
    /// To be sent as they are. The size is bound too: `Content-Length` must be what was announced.
    pub headers: BTreeMap<String, String>,
    /// The key under which the file will be stored.
    pub key: String,
    /// Where the file is served once complete.
    pub public_url: String,
    /// The id of the attachment.
    pub resource_id: AttachmentId,
    /// After this the URL is refused; `retry` gives a fresh one.
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    #[serde(default)]
    pub reason: String,
}
