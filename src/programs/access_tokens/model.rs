//! Access tokens and their scopes.

use serde::{Deserialize, Serialize};

use crate::ids::AccessTokenId;
use crate::ids::{BotId, ChannelId};
use crate::named_enum;
use crate::platform::timestamp::Timestamp;
use crate::platform::{lists, omitted};

/// Prefix of every access token, by which scanners find leaked ones.
pub const TOKEN_PREFIX: &str = "zat_";

named_enum! {
    /// A permission of an access token. Each route of the REST API requires one.
    pub enum Scope in "access_tokens.scopes" {
        MessagesWrite = "messages:write", "Send, edit and delete messages";
        MessagesRead = "messages:read", "Read messages";
        AttachmentsWrite = "attachments:write", "Upload files";
        AttachmentsRead = "attachments:read", "Download files";
        AttachmentsDelete = "attachments:delete", "Delete files permanently";
        BucketsWrite = "buckets:write", "Create, edit and delete buckets";
        RequestsWrite = "requests:write", "Request files by a link";
        ContactsRead = "contacts:read", "View contacts";
        ContactsWrite = "contacts:write", "Create and edit contacts";
        WebhooksWrite = "webhooks:write", "Manage webhooks";
    }
}

#[cfg(feature = "server")]
impl utoipa::PartialSchema for Scope {
    /// Written by hand, because the derived one does not know names that a macro generates.
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let names = Self::ALL.iter().map(|scope| scope.name());
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        text.enum_values(Some(names)).build().into()
    }
}

#[cfg(feature = "server")]
impl utoipa::ToSchema for Scope {}

/// An access token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccessToken {
    pub id: AccessTokenId,
    #[cfg_attr(feature = "server", schema(example = "doorbell"))]
    pub name: String,
    /// The first characters of the secret, to recognize the token.
    #[cfg_attr(feature = "server", schema(example = "zat_Q7mXa"))]
    pub start: String,
    pub scopes: Vec<Scope>,
    /// The only bucket that the token can access. Null if it can access everything its owner can.
    pub bucket: Option<BoundBucket>,
    /// The bot that the token posts as. Null if it posts under its own name.
    pub bot: Option<ActingBot>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Null if it never expires.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Accurate to the minute. Null if it was never used.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub last_used_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BoundBucket {
    pub id: ChannelId,
    #[cfg_attr(feature = "server", schema(example = "Door camera"))]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ActingBot {
    #[cfg_attr(feature = "server", schema(value_type = String, format = Uuid))]
    pub id: BotId,
    pub name: String,
}

/// An access token to create.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAccessToken {
    /// The name that its messages appear under.
    #[cfg_attr(feature = "server", schema(example = "doorbell", min_length = 1, max_length = 100))]
    pub name: String,
    #[cfg_attr(feature = "server", schema(min_items = 1, max_items = 1000))]
    #[serde(deserialize_with = "lists::at_most::<{ lists::VALUES_MAX }, _, _>")]
    pub scopes: Vec<Scope>,
    /// The ID or the name of the only bucket or channel that the token can access.
    #[serde(default, deserialize_with = "omitted::or_none")]
    pub bucket_id: Option<String>,
    /// The bot whose name and picture its messages have. Requires `Organization:Manage`.
    #[serde(default, deserialize_with = "omitted::or_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = Uuid))]
    pub bot_id: Option<BotId>,
    /// Null if it never expires.
    #[serde(default, deserialize_with = "omitted::or_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
}

/// A new access token with its secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedToken {
    /// The secret. It is not shown again.
    #[cfg_attr(feature = "server", schema(example = "zat_Q7mXaTqkzv0yA9dTsmq1LxV6n4hD3cRzPpYgk2bWfE8"))]
    pub secret: String,
    #[serde(flatten)]
    pub token: AccessToken,
}
