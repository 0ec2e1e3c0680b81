//! The ids of everything, in one place that all rooms may name. All are UUIDv7, so they sort by the time they were created.

use crate::id_type;

id_type! {
    /// The tenant. Every row belongs to exactly one; nothing crosses.
    OrganizationId,
    /// A person in an organization.
    MemberId,
    RoleId,
    InviteId,
    /// A person, in whichever organizations.
    UserId,
    /// One log-in, on one device.
    SessionId,
    ContactId,
    /// One conversation. A contact has one from the start.
    ChannelId,
    AttachmentId,
    MessageId,
    /// The random part of a picture's key. A new picture has a new one, so what it names never changes.
    PictureId,
    BotId,
    /// The same as that of its picture.
    EmojiId,
    ShareLinkId,
    AccessTokenId,
    AuditEntryId,
}
