//! Incoming URLs and their templates, for both sides.

use serde::{Deserialize, Serialize};

use crate::conversations::messages::model::DeliveryType;
use crate::ids::HookId;
use crate::platform::omitted;
use crate::platform::timestamp::Timestamp;

/// An incoming URL, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hook {
    pub id: HookId,
    /// The name that its messages appear under.
    pub name: String,
    /// The name of the member for whom it acts.
    pub created_by: String,
    pub created_at: Timestamp,
    /// Accurate to the minute. `None` if it was never used.
    pub last_used_at: Option<Timestamp>,
    /// How JSON bodies are read. `None`: by the formats that are known.
    pub template: Option<Template>,
    /// The latest rejected request of the last 30 days.
    pub last_error: Option<HookFailure>,
}

/// A rejected request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HookFailure {
    pub at: Timestamp,
    /// The response.
    pub message: String,
    /// The start of the body, at most 1 kB.
    pub body: String,
}

/// An incoming URL to create.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewHook {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "omitted::or_none")]
    pub template: Option<Template>,
}

/// A new incoming URL. The URL is not shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedHook {
    pub url: String,
    #[serde(flatten)]
    pub hook: Hook,
}

/// Texts with placeholders such as `{{build.number}}`, for values of a JSON body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Template {
    #[serde(default, deserialize_with = "omitted::or_default")]
    pub title: String,
    #[serde(default, deserialize_with = "omitted::or_default")]
    pub body: String,
    /// The URL of a picture.
    #[serde(default, deserialize_with = "omitted::or_default")]
    pub image_url: String,
}

impl Template {
    pub fn is_empty(&self) -> bool {
        [&self.title, &self.body, &self.image_url].into_iter().all(|text| text.trim().is_empty())
    }
}

/// Changes of an incoming URL.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HookChanges {
    /// An empty one is removed.
    pub template: Template,
}

/// A body to try, without sending a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TryOut {
    #[serde(default)]
    pub template: Template,
    /// A JSON text.
    pub body: String,
}

/// The message that a body would become.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HookPreview {
    /// `None` for a request that becomes no message.
    pub message: Option<PreviewedMessage>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewedMessage {
    pub title: Option<String>,
    pub subtitle: Option<String>,
    pub body: String,
    pub delivery_type: DeliveryType,
    /// The URLs of pictures.
    pub pictures: Vec<String>,
}
