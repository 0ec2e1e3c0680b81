//! Webhooks and their deliveries, for both sides.

use serde::{Deserialize, Serialize};

use crate::event_log::EventKind;
use crate::files::attachments::media_type::FileKind;
use crate::ids::{ChannelId, WebhookDeliveryId, WebhookId};
use crate::named_enum;
use crate::platform::timestamp::Timestamp;
use crate::platform::{lists, omitted};

/// The prefix of every secret.
pub const SECRET_PREFIX: &str = "whsec_";
/// The type of a test.
pub const TEST: &str = "webhook.test";

named_enum! {
    /// Why a webhook is disabled.
    pub enum DisabledReason in "webhooks.disabled_reason" {
        Manual = "manual", "Disabled by a member";
        Failing = "failing", "Its deliveries failed for 3 days";
        OwnerRemoved = "owner_removed", "Its owner was removed";
    }
}

named_enum! {
    /// The state of a delivery.
    pub enum DeliveryState in "webhook_deliveries.state" {
        /// Not sent yet, or to be retried.
        Pending = "pending", "Pending";
        Delivered = "delivered", "Delivered";
        /// Not retried any more.
        Failed = "failed", "Failed";
        /// Not sent, because the owner can't view it any more or the webhook is disabled.
        Skipped = "skipped", "Skipped";
    }
}

#[cfg(feature = "server")]
mod schemas {
    use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
    use utoipa::{PartialSchema, ToSchema};

    use super::{DeliveryState, DisabledReason};

    // Written by hand, because the derived ones do not know names that a macro generates.
    impl PartialSchema for DisabledReason {
        fn schema() -> RefOr<Schema> {
            let names = Self::ALL.iter().map(|reason| reason.name());
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build().into()
        }
    }

    impl ToSchema for DisabledReason {}

    impl PartialSchema for DeliveryState {
        fn schema() -> RefOr<Schema> {
            let names = Self::ALL.iter().map(|state| state.name());
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build().into()
        }
    }

    impl ToSchema for DeliveryState {}
}

/// A webhook, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    pub id: WebhookId,
    #[cfg_attr(feature = "server", schema(example = "https://hooks.example.com/attache"))]
    pub url: String,
    pub events: Vec<EventKind>,
    /// The only conversation whose events are sent. Null if all are that the owner can view.
    pub channel_id: Option<ChannelId>,
    /// The name of that conversation. Null if you can't view it.
    #[cfg_attr(feature = "server", schema(example = "dispatch"))]
    pub channel_name: Option<String>,
    /// The kinds of files that `attachment.ready` is sent for. Empty if it is sent for all.
    pub kinds: Vec<FileKind>,
    pub enabled: bool,
    /// Null if it is enabled.
    pub disabled_reason: Option<DisabledReason>,
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub disabled_at: Option<Timestamp>,
    /// The name of the owner, who created it. Only what the owner can view is sent.
    #[cfg_attr(feature = "server", schema(example = "Mara Ellis"))]
    pub owner: String,
    /// Whether you are the owner.
    pub own: bool,
    /// Until when deliveries are also signed with the last replaced secret. Null if there is none.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub previous_secret_until: Option<Timestamp>,
    /// The latest delivery that was attempted. Null if none was.
    pub last_delivery: Option<LastDelivery>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
}

/// The latest attempt of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LastDelivery {
    pub state: DeliveryState,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub attempted_at: Timestamp,
    /// The HTTP status of the response. Null if there was none.
    #[cfg_attr(feature = "server", schema(example = 200))]
    pub status: Option<i32>,
}

/// A webhook with its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookWithSecret {
    /// Signs deliveries. It is not shown again.
    #[cfg_attr(feature = "server", schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw9nA0yN8Wq0c="))]
    pub secret: String,
    #[serde(flatten)]
    pub webhook: Webhook,
}

/// A webhook to create.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWebhook {
    /// Where events are sent: an https URL on the public internet, or a host that the operator allows.
    #[cfg_attr(feature = "server", schema(example = "https://hooks.example.com/attache", max_length = 2048))]
    pub url: String,
    #[cfg_attr(feature = "server", schema(min_items = 1, max_items = 1000))]
    #[serde(deserialize_with = "lists::distinct::<{ lists::VALUES_MAX }, _, _>")]
    pub events: Vec<EventKind>,
    /// The ID or the name of the only conversation whose events are sent.
    #[serde(default, deserialize_with = "omitted::or_none")]
    pub channel_id: Option<String>,
    /// The kinds of files that `attachment.ready` is sent for. Defaults to all.
    #[serde(default, deserialize_with = "omitted::or_empty::<{ lists::VALUES_MAX }, _, _>")]
    #[cfg_attr(feature = "server", schema(max_items = 1000, value_type = Option<Vec<FileKind>>))]
    pub kinds: Vec<FileKind>,
}

/// Changes to a webhook. Omitted fields are not changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookUpdate {
    #[cfg_attr(feature = "server", schema(max_length = 2048, nullable = false))]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[cfg_attr(feature = "server", schema(min_items = 1, max_items = 1000, nullable = false))]
    #[serde(default, deserialize_with = "given_list", skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<EventKind>>,
    /// The ID or the name of a conversation. Null sends the events of all that the owner can view.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<Option<String>>,
    /// Null or an empty list sends `attachment.ready` for all kinds.
    #[cfg_attr(feature = "server", schema(value_type = Option<Vec<FileKind>>, max_items = 1000))]
    #[serde(default, deserialize_with = "given_kinds", skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<FileKind>>,
    /// Whether events are sent. Enabling a webhook starts with the next event.
    #[cfg_attr(feature = "server", schema(nullable = false, example = true))]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// Distinguishes null from a missing field.
fn given<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

fn given_list<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Vec<EventKind>>, D::Error> {
    lists::distinct::<{ lists::VALUES_MAX }, _, _>(reader).map(Some)
}

fn given_kinds<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Vec<FileKind>>, D::Error> {
    lists::at_most_or_none::<{ lists::VALUES_MAX }, _, _>(reader).map(|kinds| Some(kinds.unwrap_or_default()))
}

impl WebhookUpdate {
    /// Returns whether it only enables or disables.
    pub fn is_switch(&self) -> bool {
        self.url.is_none() && self.events.is_none() && self.channel_id.is_none() && self.kinds.is_none()
    }
}

/// An event that was, or will be, sent to a webhook, with its latest attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookDelivery {
    /// Sent as `webhook-id` with each attempt.
    pub id: WebhookDeliveryId,
    /// The event, or `webhook.test`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "server", schema(example = "message.created"))]
    pub kind: String,
    pub state: DeliveryState,
    /// When the event happened.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    pub attempts: i32,
    /// Null if it was not attempted.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub attempted_at: Option<Timestamp>,
    /// When it is attempted next. Null if it is not.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub next_attempt_at: Option<Timestamp>,
    /// The body that was sent.
    pub request: Option<String>,
    /// The HTTP status of the response. Null if there was none.
    #[cfg_attr(feature = "server", schema(example = 200))]
    pub status: Option<i32>,
    /// The first 4 kB of the response.
    pub response: Option<String>,
    /// Why it was not delivered, where no response says so.
    #[cfg_attr(feature = "server", schema(example = "the other server took longer than 15 seconds"))]
    pub error: Option<String>,
    pub duration_ms: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_distinguishes_null_from_omitted() {
        let read = |text: &str| serde_json::from_str::<WebhookUpdate>(text);
        let nothing = read("{}").unwrap();
        assert!(nothing.is_switch() && nothing.enabled.is_none());
        assert!(read(r#"{"enabled":false}"#).unwrap().is_switch());
        let all = read(r#"{"channelId":null,"kinds":null}"#).unwrap();
        assert_eq!((all.channel_id, all.kinds), (Some(None), Some(Vec::new())));
        let events = read(r#"{"events":["message.created","message.created"]}"#).unwrap().events;
        assert_eq!(events, Some(vec![EventKind::MessageCreated]));
        for wrong in [r#"{"url":null}"#, r#"{"enabled":null}"#, r#"{"events":["message.sent"]}"#, r#"{"color":"red"}"#]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            serde_json::to_string(&WebhookUpdate { enabled: Some(true), ..nothing }).unwrap(),
            r#"{"enabled":true}"#
        );
    }
}
