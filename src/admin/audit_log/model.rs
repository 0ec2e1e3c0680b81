//! Audit entries, for both sides.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{AttachmentId, AuditEntryId, ChannelId, MemberId, MessageId};
use crate::named_enum;
use crate::people::audit::model::Action;
use crate::platform::timestamp::Timestamp;

named_enum! {
    /// The kind of an actor.
    pub enum ActorKind {
        Member = "member";
        /// A contact, or a program, that sent a file.
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
    /// The name of the member, or a description of others.
    pub name: String,
    /// The network of a visitor, if known.
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
    /// The name at that time; empty for an entry about a message. For a link to a message, its first file.
    pub file_name: String,
    pub attachment_id: Option<AttachmentId>,
    pub message_id: Option<MessageId>,
    pub channel_id: Option<ChannelId>,
    /// The contact's current name, or `#channel`.
    pub conversation: String,
    pub share_link_id: Option<Uuid>,
    /// The change, if the entry is not about a file; else empty.
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// Latest first.
    pub entries: Vec<AuditEntry>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<AuditEntryId>,
}
