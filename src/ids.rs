//! The ids of everything, in one file that all rooms may name. All are UUIDv7, so they sort by time of creation.

use crate::id_type;

id_type! {
    /// An organization. Every row belongs to exactly one.
    OrganizationId,
    /// A person in an organization.
    MemberId,
    RoleId,
    InviteId,
    /// A person, in all their organizations.
    UserId,
    /// A log-in on a device.
    SessionId,
    ContactId,
    /// A conversation. Each contact has one from the start.
    ChannelId,
    AttachmentId,
    MessageId,
    /// The random part of a picture's key. A new picture has a new id, so a picture never changes.
    PictureId,
    BotId,
    /// The same id as its picture.
    EmojiId,
    ShareLinkId,
    /// A link by which somebody without an account uploads files.
    FileRequestId,
    AccessTokenId,
    /// An incoming URL of a bucket. The same id as its access token.
    HookId,
    AuditEntryId,
    /// One try of an upload: part of its staging key.
    AttemptId,
    PasswordResetId,
    /// The stored preview of a picture that a message names by URL.
    RemotePreviewId,
    /// A URL of a program that is sent events.
    WebhookId,
    /// An event for a webhook: the `webhook-id` of each attempt.
    WebhookDeliveryId,
}
