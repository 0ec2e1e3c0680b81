//! Audit entries, for both sides.

use serde::{Deserialize, Serialize};

use crate::ids::{AttachmentId, AuditEntryId, ChannelId, MemberId, MessageId, ShareLinkId};
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

/// What an entry says was done. An entry that a newer version wrote stays readable after a return to this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LoggedAction {
    Known(Action),
    /// The name of an action that this version does not have.
    Unknown(String),
}

impl LoggedAction {
    pub const fn known(&self) -> Option<Action> {
        match self {
            Self::Known(action) => Some(*action),
            Self::Unknown(_) => None,
        }
    }

    /// For people.
    pub fn words(&self) -> String {
        match self {
            Self::Known(action) => action.words().to_owned(),
            Self::Unknown(name) => format!("Unknown action ({name})"),
        }
    }
}

#[cfg(feature = "server")]
impl From<String> for LoggedAction {
    fn from(name: String) -> Self {
        Action::from_name(&name).map_or(Self::Unknown(name), Self::Known)
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
    pub action: LoggedAction,
    pub actor: Actor,
    /// The name at that time; empty for an entry about a message. For a link to a message, its first file.
    pub file_name: String,
    pub attachment_id: Option<AttachmentId>,
    pub message_id: Option<MessageId>,
    pub channel_id: Option<ChannelId>,
    /// The contact's current name, or `#channel`.
    pub conversation: String,
    pub share_link_id: Option<ShareLinkId>,
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
