//! Visibility: who can view a conversation and everything in it. One rule, in SQL.

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use crate::ids::{MemberId, OrganizationId};
use crate::people::contacts::service::not_assigned;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::error::{AppError, Result};

/// Decides which conversations a member can view. Statements bind it by `as Viewer::of(member)`, as `$1` to `$6` of
/// [`VISIBLE`].
#[derive(Debug, Clone, Copy)]
pub struct Viewer {
    pub organization: OrganizationId,
    pub member: MemberId,
    /// Can view the conversations of all contacts.
    pub all_contacts: bool,
    /// Can view the conversations of contacts that are assigned to the member.
    pub assigned_contacts: bool,
    /// Can view all channels and buckets that are not private.
    pub public_channels: bool,
    /// The only channel of the member's bound access token.
    pub only_channel: Option<Uuid>,
}

impl Viewer {
    pub fn of(member: &Member) -> Self {
        Self {
            organization: member.organization_id(),
            member: member.id,
            all_contacts: member.may(Permission::ContactView),
            assigned_contacts: member.may(Permission::ContactViewAssigned),
            public_channels: member.may(Permission::ChannelView),
            only_channel: member.only_channel(),
        }
    }
}

/// SQL condition: a [`Viewer`] can view the channel `c`.
pub const VISIBLE: &str = "c.organization_id = $1 AND c.deleted_at IS NULL AND ($6 IS NULL OR c.id = $6) AND (
       (c.kind = 'contact' AND ($3 OR ($4 AND EXISTS
         (SELECT 1 FROM contact_members cm WHERE cm.contact_id = c.contact_id AND cm.member_id = $2))))
       OR (c.kind IN ('team', 'bucket') AND (($5 AND NOT c.private) OR EXISTS
         (SELECT 1 FROM channel_members x WHERE x.channel_id = c.id AND x.member_id = $2))))";

/// The columns of [`AccessRow`], of a channel `c`.
pub const ACCESS_COLUMNS: &str = concatcp!(
    "(",
    VISIBLE,
    ") AS is_visible, (c.contact_id IS NOT NULL AND c.deleted_at IS NULL AND ($6 IS NULL OR c.id = $6)) AS is_contact"
);

/// The phone number that represents the contact of a channel `c`: the preferred one, else the first.
pub const MAIN_PHONE: &str = "(SELECT p.number FROM contact_phones p WHERE p.contact_id = c.contact_id
      ORDER BY p.preferred DESC, p.position LIMIT 1) AS phone";

/// Whether the viewer can view a channel of their organization.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct AccessRow {
    is_visible: bool,
    /// Whether this is a contact's conversation, whose existence is not secret.
    is_contact: bool,
}

impl AccessRow {
    /// Checks that the channel is visible.
    ///
    /// # Errors
    /// `forbidden` for the conversation of a contact that is not assigned to the viewer, else `not_found`.
    pub fn check(self) -> Result<()> {
        match self {
            Self { is_visible: true, .. } => Ok(()),
            Self { is_contact: true, .. } => Err(not_assigned()),
            _ => Err(AppError::not_found("channel")),
        }
    }
}
