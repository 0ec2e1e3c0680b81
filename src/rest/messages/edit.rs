//! `PATCH /messages/{id}`

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::model::Message;
use crate::conversations::messages::edit;
use crate::conversations::messages::edit::Edit;
use crate::conversations::messages::model::DeliveryType;
use crate::ids::MessageId;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::{Json, Path};
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;
use crate::rest::icon;

/// Changes to a message. Fields that are left out are not changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MessageEdit)]
#[expect(clippy::option_option, reason = "left out, null, and a text are three things")]
pub struct Input {
    /// Null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    title: Option<Option<String>>,
    /// Null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    subtitle: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "All tests passed, at the second try.", max_length = 20_000, nullable = false)]
    body: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    delivery_type: Option<DeliveryType>,
}

/// Distinguishes null from a missing field.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

/// Edits a message. Only its author can; for messages from programs, that is the token's owner.
#[utoipa::path(
    patch,
    path = "/messages/{id}",
    tag = "Messages",
    params(("id" = MessageId, Path, description = "The ID of the message.")),
    request_body = Input,
    responses(
        (status = 200, description = "The updated message.", body = Message),
        (status = 409, description = "The message is the card of a file request.", body = ErrorBody)
    )
)]
pub async fn edit_message(
    platform: Platform,
    caller: Caller,
    Path(id): Path<MessageId>,
    Json(input): Json<Input>,
) -> Result<axum::Json<Message>> {
    let edit =
        Edit { title: input.title, subtitle: input.subtitle, body: input.body, delivery_type: input.delivery_type };
    let (edited, channel) = edit::edit(&platform, &caller.member, id, edit).await?;
    let icon = icon::of_channel(&platform, &caller.member, &channel).await?;
    Ok(axum::Json(Message::new(edited, icon.as_ref())))
}
