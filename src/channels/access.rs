//! Who sees a channel, and whose it is: asked by other features along with what is in the channel, in the same query.

use sqlx::FromRow;
use uuid::Uuid;

use crate::ids::ContactId;
use crate::people::contacts::service::check_contact_access;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::error::{AppError, Result};

/// What decides whether a member sees a channel. The columns are those of `access_columns`.
#[derive(FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
pub struct AccessRow {
    /// The channel itself.
    pub place: Uuid,
    pub private: bool,
    /// It was deleted: nobody sees it.
    pub gone: bool,
    pub contact_id: Option<ContactId>,
    /// To the contact, if there is one.
    pub is_assigned: bool,
    /// Of the channel, if it is the team's.
    pub is_member: bool,
}

/// Of a channel `c`, for the member `$2`.
macro_rules! access_columns {
    () => {
        "c.id AS place, c.private, c.deleted_at IS NOT NULL AS gone, c.contact_id,
         EXISTS (SELECT 1 FROM contact_members cm WHERE cm.contact_id = c.contact_id AND cm.member_id = $2) AS is_assigned,
         EXISTS (SELECT 1 FROM channel_members x WHERE x.channel_id = c.id AND x.member_id = $2) AS is_member"
    };
}

/// The phone number that stands for the contact of a channel `c`: the preferred one, else the first.
macro_rules! main_phone {
    () => {
        "(SELECT p.number FROM contact_phones p WHERE p.contact_id = c.contact_id
          ORDER BY p.preferred DESC, p.position LIMIT 1) AS phone"
    };
}

/// Channels `c` that a member sees. `$1` organisation, `$2` member, `$3` sees all contacts, `$4` sees assigned contacts,
/// `$5` sees public channels.
macro_rules! visible {
    () => {
        "c.organization_id = $1 AND c.deleted_at IS NULL AND (
           (c.kind = 'contact' AND ($3 OR ($4 AND EXISTS
             (SELECT 1 FROM contact_members cm WHERE cm.contact_id = c.contact_id AND cm.member_id = $2))))
           OR (c.kind IN ('team', 'bucket') AND (($5 AND NOT c.private) OR EXISTS
             (SELECT 1 FROM channel_members x WHERE x.channel_id = c.id AND x.member_id = $2))))"
    };
}

pub(crate) use {access_columns, main_phone, visible};

/// The one decision whether a member sees a channel of their organisation, and all that is in it.
pub fn check_access(member: &Member, channel: &AccessRow) -> Result<()> {
    if channel.gone || member.only_channel().is_some_and(|only| only != channel.place) {
        return Err(AppError::not_found("channel"));
    }
    if channel.contact_id.is_some() {
        return check_contact_access(member, channel.is_assigned);
    }
    if channel.is_member || (!channel.private && member.may(Permission::ChannelView)) {
        return Ok(());
    }
    Err(AppError::not_found("channel"))
}
