//! Entries of the audit log as both sides see them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{AttachmentId, AuditEntryId, ChannelId, MemberId, MessageId};
use crate::named_enum;
use crate::people::audit::model::Action;
use crate::platform::timestamp::Timestamp;

named_enum! {
    /// What somebody is who did it.
    pub enum ActorKind {
        Member = "member";
        /// A contact, or a program, that sent a file in.
        Sender = "sender";
        /// A visitor of a share link, or, without a link, of a public file.
        Visitor = "visitor";
        /// A clean-up job.
        System = "system";
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    pub kind: ActorKind,
    pub member_id: Option<MemberId>,
    /// Of the member, or words for what is no member.
    pub name: String,
    /// The network that a visitor came from, where it is known.
    pub network: Option<String>,
    /// The name of the access token that acted for the member.
    pub token: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    pub id: AuditEntryId,
    pub at: Timestamp,
    pub action: Action,
    pub actor: Actor,
    /// As it was then; empty where it is about a message. Of a link to a message, its first file.
    pub file_name: String,
    pub attachment_id: Option<AttachmentId>,
    pub message_id: Option<MessageId>,
    pub channel_id: Option<ChannelId>,
    /// The contact's name now, or `#channel`.
    pub conversation: String,
    pub share_link_id: Option<Uuid>,
    /// What was changed, where it is no file; else empty.
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// Latest first.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins; none after the last.
    pub next: Option<AuditEntryId>,
}
