//! The kinds of audit entries.

use crate::named_enum;

named_enum! {
    /// What was done.
    pub enum Action in "audit_entries.action" {
        Uploaded = "uploaded", "Uploaded";
        /// Saved, alone or in a zip. Viewing a file in its conversation is not a download.
        Downloaded = "downloaded", "Downloaded";
        Shared = "shared", "Created a share link";
        ShareRevoked = "share_revoked", "Revoked a share link";
        /// Somebody opened the page of a link.
        ShareOpened = "share_opened", "Opened a share link";
        ShareDownloaded = "share_downloaded", "Downloaded via share link";
        FilesRequested = "files_requested", "Requested files";
        /// Somebody saw the page of a file request for the first time.
        FileRequestOpened = "file_request_opened", "Opened a file request";
        FilesReceived = "files_received", "Sent files by a request";
        FileRequestRevoked = "file_request_revoked", "Revoked a file request";
        Deleted = "deleted", "Deleted";
        Restored = "restored", "Restored";
        /// The bytes were removed permanently.
        Purged = "purged", "Deleted permanently";
        MessageEdited = "message_edited", "Edited a message";
        MessageDeleted = "message_deleted", "Deleted a message";
        MessageRestored = "message_restored", "Restored a message";
        /// With the email of an account and a wrong password.
        LogInFailed = "sign_in_failed", "Failed to log in";
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
        /// An admin created a reset link.
        PasswordResetCreated = "password_reset_created", "Created a reset link";
        TokenCreated = "token_created", "Created an access token";
        TokenRevoked = "token_revoked", "Revoked an access token";
        /// A team channel.
        ChannelRenamed = "channel_renamed", "Renamed a channel";
        BucketCreated = "bucket_created", "Created a bucket";
        BucketChanged = "bucket_changed", "Changed a bucket";
        BucketDeleted = "bucket_deleted", "Deleted a bucket";
        HookCreated = "hook_created", "Created an incoming URL";
        HookChanged = "hook_changed", "Changed an incoming URL";
        HookRevoked = "hook_revoked", "Revoked an incoming URL";
        /// With its conversation and all files.
        ContactDeleted = "contact_deleted", "Deleted a contact";
        /// All that is stored of one contact, to a zip.
        ContactExported = "contact_exported", "Exported a contact's data";
        /// From a CSV file.
        ContactsImported = "contacts_imported", "Imported contacts";
        /// To a CSV file.
        ContactsExported = "contacts_exported", "Exported contacts";
        BotCreated = "bot_created", "Created a bot";
        BotRenamed = "bot_renamed", "Renamed a bot";
        BotRemoved = "bot_removed", "Removed a bot";
        WebhookCreated = "webhook_created", "Created a webhook";
        WebhookChanged = "webhook_changed", "Changed a webhook";
        WebhookDeleted = "webhook_deleted", "Deleted a webhook";
        /// After its deliveries had failed for days.
        WebhookDisabled = "webhook_disabled", "Disabled a failing webhook";
        SettingChanged = "setting_changed", "Changed a setting";
    }
}
