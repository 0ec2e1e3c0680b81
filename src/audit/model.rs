//! Entries of the audit log as both sides see them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::attachments::model::{AttachmentId, MessageId};
use crate::channels::model::ChannelId;
use crate::organizations::model::MemberId;
use crate::platform::timestamp::Timestamp;
use crate::{id_type, named_enum};

id_type! {
    AuditEntryId,
}

named_enum! {
    /// What was done.
    pub enum Action {
        Uploaded = "uploaded", "Uploaded";
        /// Saved, by itself or in a zip. To look at a file in its conversation is not to download it.
        Downloaded = "downloaded", "Downloaded";
        Shared = "shared", "Created a share link";
        ShareRevoked = "share_revoked", "Revoked a share link";
        /// Somebody saw the page behind a link.
        ShareOpened = "share_opened", "Opened a share link";
        ShareDownloaded = "share_downloaded", "Downloaded via share link";
        Deleted = "deleted", "Deleted";
        Restored = "restored", "Restored";
        /// The bytes were removed for good.
        Purged = "purged", "Deleted permanently";
        MessageDeleted = "message_deleted", "Deleted a message";
        MessageRestored = "message_restored", "Restored a message";
        /// With the email of an account and a wrong password.
        SignInFailed = "sign_in_failed", "Failed to log in";
        /// Created the organization.
        SignedUp = "signed_up", "Signed up";
        Invited = "invited", "Invited someone";
        InviteRevoked = "invite_revoked", "Revoked an invite";
        /// By an invite.
        Joined = "joined", "Joined";
        RoleGiven = "role_given", "Changed a member's role";
        RoleCreated = "role_created", "Created a role";
        RoleChanged = "role_changed", "Changed a role";
        MemberRemoved = "member_removed", "Removed a member";
        SessionsEnded = "sessions_ended", "Logged a member out";
        /// An admin created a link for a new password.
        PasswordResetCreated = "password_reset_created", "Created a reset link";
        TokenCreated = "token_created", "Created an access token";
        TokenRevoked = "token_revoked", "Revoked an access token";
        BucketCreated = "bucket_created", "Created a bucket";
        BucketChanged = "bucket_changed", "Changed a bucket";
        BucketDeleted = "bucket_deleted", "Deleted a bucket";
        BotCreated = "bot_created", "Created a bot";
        BotRenamed = "bot_renamed", "Renamed a bot";
        BotRemoved = "bot_removed", "Removed a bot";
        SettingChanged = "setting_changed", "Changed a setting";
    }
}

named_enum! {
    /// What somebody is who did it.
    pub enum ActorKind {
        Member = "member";
        /// A contact, or a program, that sent a file in.
        Sender = "sender";
        /// Somebody with a share link, or, without one, whoever fetched a public file.
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
