//! HTTP route of an opened conversation.

use super::model::OpenedConversation;
use crate::ids::{ChannelId, MessageId};
use crate::platform::error::{AppError, Result};
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {super::service, crate::people::organizations::service::Member, crate::platform::Platform};

/// Returns all that the page of a conversation shows: the newest messages, or those around one, and with `panel` what
/// is beside them.
#[get("/api/conversations/{id}?around&panel", platform: Platform, member: Member)]
pub async fn open_conversation(
    id: ChannelId,
    around: Option<MessageId>,
    panel: Option<bool>,
) -> Result<OpenedConversation, AppError> {
    service::open(&platform, &member, id, around, panel.unwrap_or(false)).await
}
