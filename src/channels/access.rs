//! Visibility: who can view a conversation and everything in it. One rule, in SQL.

use std::ops::Deref;

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

/// Whether `c` is the conversation of a contact, which an unassigned member may know of.
const IS_CONTACT: &str =
    "(c.contact_id IS NOT NULL AND c.deleted_at IS NULL AND ($6 IS NULL OR c.id = $6)) AS is_contact";

/// The columns of [`AccessRow`], of a channel `c`.
pub const ACCESS_COLUMNS: &str = concatcp!("(", VISIBLE, ") AS is_visible, ", IS_CONTACT);

/// The same of the channel `c` of a file `a`, if it has one. A file without a channel is not hidden by one.
pub const ACCESS_COLUMNS_OF_FILE: &str =
    concatcp!("(CASE WHEN a.channel_id IS NULL THEN TRUE ELSE (", VISIBLE, ") END) AS is_visible, ", IS_CONTACT);

/// The phone number that represents the contact of a channel `c`: the preferred one, else the first.
pub const MAIN_PHONE: &str = "(SELECT p.number FROM contact_phones p WHERE p.contact_id = c.contact_id
      ORDER BY p.preferred DESC, p.position LIMIT 1) AS phone";

/// A channel, or a file in one, that a member can view: found by a query that applied [`VISIBLE`]. Functions that read or
/// change the contents of a channel require one instead of an id, so that access is checked once, where it is found.
#[derive(Debug, Clone)]
pub struct Visible<T>(T);

impl<T> Visible<T> {
    /// Returns the value without the proof, for a response.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Visible<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Whether the viewer can view a channel of their organization.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct AccessRow {
    is_visible: bool,
    /// Whether this is a contact's conversation, whose existence is not secret.
    is_contact: bool,
}

impl AccessRow {
    /// Returns what was found in the same row, if it is visible. The only way to make a [`Visible`].
    ///
    /// # Errors
    /// `forbidden` for the conversation of a contact that is not assigned to the viewer, else `not_found`.
    pub fn admit<T>(self, found: T) -> Result<Visible<T>> {
        match self {
            Self { is_visible: true, .. } => Ok(Visible(found)),
            Self { is_contact: true, .. } => Err(not_assigned()),
            _ => Err(AppError::not_found("channel")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::error::ErrorKind;

    #[test]
    fn only_visible_rows_are_admitted() {
        let admitted = |is_visible, is_contact| {
            let found = AccessRow { is_visible, is_contact }.admit("found");
            found.map(Visible::into_inner).map_err(|error| error.kind)
        };
        assert_eq!(admitted(true, false), Ok("found"));
        assert_eq!(admitted(true, true), Ok("found"));
        assert_eq!(admitted(false, true), Err(ErrorKind::Forbidden));
        assert_eq!(admitted(false, false), Err(ErrorKind::NotFound));
    }
}
