//! Delivery of messages by gateways: what they report, and whether there is one.

use super::model::{DELIVERY_ERROR_MAX, DeliveryStatus, Message, check_external_id};
use super::sending::external_id_in_use;
use super::{service, store};
use crate::channels::access::Visible;
use crate::channels::model::{Channel, ChannelKind};
use crate::channels::service as channels;
use crate::files::attachments::removal::publish_message_change;
use crate::ids::{AccessTokenId, MessageId};
use crate::people::organizations::model::Permission;
use crate::people::organizations::rights;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::db::is_unique_violation;
use crate::platform::error::{AppError, Result};

/// A report of a gateway about one message.
#[derive(Debug, Clone)]
pub struct Report {
    pub status: DeliveryStatus,
    /// Why it failed.
    pub error: Option<String>,
    pub external_id: Option<String>,
}

/// Stores the delivery of a message that went out. A status that is earlier than the stored one changes nothing, because
/// reports arrive in any order. The message does not count as edited.
///
/// # Errors
/// `conflict` if the contact wrote the message, or another message has the external id.
#[tracing::instrument(skip_all, fields(id = %id))]
pub async fn report(
    platform: &Platform,
    member: &Member,
    id: MessageId,
    report: Report,
) -> Result<(Message, Visible<Channel>)> {
    let (before, _) = service::find_with_channel(platform, member, id).await?;
    member.require(Permission::MessageSend)?;
    if before.deleted.is_some() {
        return Err(AppError::not_found("message"));
    }
    if before.author.kind.is_outside() {
        return Err(AppError::conflict("This message came in. Only messages that go out have a delivery."));
    }
    let external_id = check_external_id(report.external_id)?;
    let error = check_error(report.status, report.error)?;
    let (mut tx, ref member) = rights::begin(platform, member).await?;
    member.require(Permission::MessageSend)?;
    let channel = channels::find_on(tx.on(), member, before.channel_id).await?;
    let row = store::Report {
        status: report.status,
        error: error.as_deref(),
        external_id: external_id.as_deref(),
        gateway: member.token.as_ref().map(|token| AccessTokenId(token.id)),
    };
    let stored = store::report_delivery(tx.on(), id, row).await;
    match stored {
        Ok(true) => tx.commit().await?,
        Ok(false) => return Err(AppError::not_found("message")),
        Err(error) if is_unique_violation(&error) => return Err(external_id_in_use()),
        Err(error) => return Err(error.into()),
    }
    let after = service::find_in(platform, member, &channel, id).await?;
    if after.delivery != before.delivery || after.external_id != before.external_id {
        publish_message_change(platform, member.organization_id(), after.channel_id, id).await;
    }
    Ok((after, channel))
}

/// Checks the reason of a failure: one line. Only a failed message has one.
fn check_error(status: DeliveryStatus, error: Option<String>) -> Result<Option<String>> {
    let line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "");
    let Some(error) = error.map(line).filter(|error| !error.is_empty()) else { return Ok(None) };
    if status != DeliveryStatus::Failed {
        return Err(AppError::invalid("error", "Only a message with the status failed has an error."));
    }
    if error.chars().count() > DELIVERY_ERROR_MAX {
        return Err(AppError::invalid("error", format!("Use at most {DELIVERY_ERROR_MAX} characters.")));
    }
    Ok(Some(error))
}

/// Returns whether messages that are written in a conversation stay here: it is one with a contact, and the organization has
/// no gateway.
pub async fn replies_stay(platform: &Platform, member: &Member, channel: &Channel) -> Result<bool> {
    if channel.kind != ChannelKind::Contact {
        return Ok(false);
    }
    Ok(!has_gateway(platform, member).await?)
}

/// Returns whether a program of the organization receives or delivers messages of contacts.
async fn has_gateway(platform: &Platform, member: &Member) -> Result<bool> {
    let now = platform.clock.now();
    Ok(store::has_gateway(platform.db.on(), member.organization_id(), now).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_failure_has_a_reason_and_it_is_one_line() {
        let failed = |text: &str| check_error(DeliveryStatus::Failed, Some(text.to_owned()));
        assert_eq!(failed(" Number\nunknown ").unwrap().as_deref(), Some("Number unknown"));
        assert_eq!(failed(" \n").unwrap(), None);
        assert!(failed(&"x".repeat(DELIVERY_ERROR_MAX + 1)).is_err());
        assert!(check_error(DeliveryStatus::Sent, Some("busy".to_owned())).is_err());
        assert_eq!(check_error(DeliveryStatus::Sent, None).unwrap(), None);
    }
}
