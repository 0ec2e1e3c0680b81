//! `PATCH /messages/{id}/delivery`

use serde::Deserialize;
use utoipa::ToSchema;

use super::model::Message;
use crate::conversations::messages::delivery;
use crate::conversations::messages::delivery::Report;
use crate::conversations::messages::model::DeliveryStatus;
use crate::ids::MessageId;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::omitted;
use crate::rest::body::{Json, Path};
use crate::rest::caller::Caller;
use crate::rest::error::ErrorBody;
use crate::rest::icon;

/// What a gateway knows about the delivery of a message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = DeliveryReport)]
pub struct Input {
    #[schema(value_type = DeliveryStatus, example = "delivered")]
    status: String,
    /// Why the message was not delivered, for people. Only with `failed`.
    #[schema(max_length = 500)]
    #[serde(default, deserialize_with = "omitted::or_none")]
    error: Option<String>,
    /// The ID in the system of the gateway. The stored one stays if it is omitted.
    #[schema(max_length = 200)]
    #[serde(default, deserialize_with = "omitted::or_none")]
    external_id: Option<String>,
}

impl Input {
    fn check(self) -> Result<Report> {
        let known = || DeliveryStatus::ALL.iter().map(|status| status.name()).collect::<Vec<_>>().join(", ");
        let status = DeliveryStatus::from_name(&self.status)
            .ok_or_else(|| AppError::invalid("status", format!("Use one of {}.", known())))?;
        Ok(Report { status, error: self.error, external_id: self.external_id })
    }
}

/// Reports the delivery of a message, for gateways. People see it below the message.
///
/// Reports can arrive in any order: `queued`, `sent`, `delivered` and `read` follow each other, and an earlier status than
/// the stored one changes nothing. `failed` replaces any status, and any later report replaces it. The message isn't
/// marked as edited.
#[utoipa::path(
    patch,
    path = "/messages/{id}/delivery",
    tag = "Messages",
    params(("id" = MessageId, Path, description = "The ID of the message.")),
    request_body = Input,
    responses(
        (status = 200, description = "The message.", body = Message),
        (status = 409, description = "The message came in, or another one has the external ID.", body = ErrorBody)
    )
)]
pub async fn report_delivery(
    platform: Platform,
    caller: Caller,
    Path(id): Path<MessageId>,
    Json(input): Json<Input>,
) -> Result<axum::Json<Message>> {
    let (reported, channel) = delivery::report(&platform, &caller.member, id, input.check()?).await?;
    let icon = icon::of_channel(&platform, &caller.member, &channel).await?;
    Ok(axum::Json(Message::new(reported, icon.as_ref())))
}
