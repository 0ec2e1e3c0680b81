//! Messages as the REST API answers them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::channels::model::ChannelId;
use crate::messaging::model::{self, AuthorKind, DeliveryType, MessageId};
use crate::platform::timestamp::Timestamp;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub id: MessageId,
    /// The channel that it is in, of whichever kind.
    pub bucket_id: ChannelId,
    pub author: Author,
    #[schema(example = "Front door")]
    pub title: Option<String>,
    pub subtitle: Option<String>,
    #[schema(example = "Somebody rang.")]
    pub body: String,
    pub delivery_type: DeliveryType,
    #[schema(value_type = String, format = DateTime, example = "2026-01-05T09:30:00.123Z")]
    pub created_at: Timestamp,
}

/// Who wrote a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Author)]
pub struct Author {
    pub kind: AuthorKind,
    /// Of the member, the contact or the access token.
    pub id: Uuid,
    #[schema(example = "doorbell")]
    pub name: String,
}

impl From<model::Message> for Message {
    fn from(message: model::Message) -> Self {
        let author = message.author;
        Self {
            id: message.id,
            bucket_id: message.channel_id,
            author: Author { kind: author.kind, id: author.id, name: author.name },
            title: message.title,
            subtitle: message.subtitle,
            body: message.body,
            delivery_type: message.delivery_type,
            created_at: message.created_at,
        }
    }
}
