//! An opened conversation, for both sides.

use serde::{Deserialize, Serialize};

use crate::channels::model::Channel;
use crate::conversations::buckets::model::BucketContents;
use crate::conversations::messages::model::FeedPage;
use crate::files::library::model::FilesOverview;
use crate::files::quotas::model::StorageRoom;
use crate::ids::MemberId;
use crate::people::contacts::model::Contact;

/// A conversation as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenedConversation {
    pub channel: Channel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    pub feed: FeedPage,
    /// The side panel. `None` if it was not requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel: Option<PanelContents>,
}

/// The contents of the side panel, and the limits of the composer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PanelContents {
    /// `None` for members who may not view files, and if they could not be loaded in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FilesOverview>,
    /// For buckets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketContents>,
    /// For private channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_ids: Option<Vec<MemberId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageRoom>,
}
