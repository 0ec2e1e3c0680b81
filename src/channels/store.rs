//! SQL of channels.

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use super::access::{ACCESS_COLUMNS, AccessRow, MAIN_PHONE, VISIBLE, Viewer, Visible};
use super::model::{Channel, ChannelKind, DeliveryType, UNREAD_MAX};
use crate::ids::{AttachmentId, ChannelId, ContactId, MemberId, MessageId, OrganizationId};
use crate::people::organizations::service::Member;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_optional, insert_pairs};
use crate::platform::name_key::name_key;
use crate::platform::search::fold;
use crate::platform::search_query::SearchQuery;
use crate::platform::timestamp::Timestamp;
use crate::ui::Tint;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
pub struct ChannelRow {
    pub id: ChannelId,
    pub kind: ChannelKind,
    pub name: String,
    pub private: bool,
    pub contact_id: Option<ContactId>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub color: Option<Tint>,
    pub icon_id: Option<AttachmentId>,
    pub public_files: bool,
    pub closed: bool,
    pub muted: bool,
    pub created_at: Timestamp,
}

#[derive(FromRow)]
pub struct VisibleChannelRow {
    #[sqlx(flatten)]
    pub channel: ChannelRow,
    #[sqlx(flatten)]
    pub access: AccessRow,
}

#[derive(FromRow)]
pub struct ConversationRow {
    #[sqlx(flatten)]
    pub channel: ChannelRow,
    pub unread_count: i64,
    pub critical_count: i64,
    pub mention_count: i64,
    pub assigned: bool,
    pub message_id: Option<MessageId>,
    pub message_body: Option<String>,
    pub message_own: Option<bool>,
    /// The member, or the program, that wrote it.
    pub message_author: Option<String>,
    pub message_by_program: Option<bool>,
    pub message_deleted: bool,
    pub message_title: Option<String>,
    pub message_delivery: Option<DeliveryType>,
    pub message_mentioned: bool,
    pub message_at: Option<Timestamp>,
    pub attachment_count: i64,
    pub content_type: Option<String>,
    pub file_name: Option<String>,
}

/// Columns of a channel `c` with its contact `co`, as [`ChannelRow`], for the member `$2`.
pub const CHANNEL_COLUMNS: &str = concatcp!(
    "c.id, c.kind, c.name, c.private, c.contact_id, co.first_name, co.last_name, c.color, c.icon_id, c.public_files,
             c.closed, c.created_at, EXISTS (SELECT 1 FROM muted_channels mc WHERE mc.channel_id = c.id AND mc.member_id = $2) AS muted, ",
    MAIN_PHONE
);

/// Returns a channel of the member's organization, with what decides its visibility.
pub async fn find(on: On<'_>, member: &Member, id: ChannelId) -> Result<Option<VisibleChannelRow>> {
    fetch_optional!(
        on,
        VisibleChannelRow,
        concatcp!(
            "SELECT ",
            CHANNEL_COLUMNS,
            ", ",
            ACCESS_COLUMNS,
            " FROM channels c LEFT JOIN contacts co ON co.id = c.contact_id WHERE c.organization_id = $1 AND c.id = $7"
        ),
        as Viewer::of(member),
        id
    )
}

/// Returns the channel with a name, in any spelling. Buckets come before team channels, because programs ask for this.
pub async fn id_by_name(on: On<'_>, organization: OrganizationId, name: &str) -> Result<Option<ChannelId>> {
    let row = fetch_optional!(
        on,
        (ChannelId,),
        "SELECT id FROM channels WHERE organization_id = $1 AND name_key = $2 AND kind IN ('bucket', 'team') AND deleted_at IS NULL
         ORDER BY kind LIMIT 1",
        organization,
        name_key(name)
    )?;
    Ok(row.map(|(id,)| id))
}

pub async fn list(on: On<'_>, member: &Member, after: Option<ChannelId>, limit: i64) -> Result<Vec<ChannelRow>> {
    fetch_all!(
        on,
        ChannelRow,
        concatcp!(
            "SELECT ",
            CHANNEL_COLUMNS,
            " FROM channels c LEFT JOIN contacts co ON co.id = c.contact_id WHERE ",
            VISIBLE,
            " AND ($7 IS NULL OR c.id > $7) ORDER BY c.id LIMIT CAST($8 AS BIGINT)"
        ),
        as Viewer::of(member),
        after,
        limit
    )
}

/// Returns the team channels and buckets whose names contain all terms, latest first.
pub async fn named(on: On<'_>, member: &Member, query: &SearchQuery, limit: i64) -> Result<Vec<ChannelRow>> {
    fetch_all!(
        on,
        ChannelRow,
        concatcp!(
            "SELECT ",
            CHANNEL_COLUMNS,
            " FROM channels c LEFT JOIN contacts co ON co.id = c.contact_id WHERE ",
            VISIBLE,
            " AND c.kind IN ('team', 'bucket') AND NOT EXISTS (SELECT 1 FROM json_each($7) t WHERE instr(c.search_text, t.value) = 0)
             ORDER BY COALESCE(c.last_message_id, c.id) DESC LIMIT CAST($8 AS BIGINT)"
        ),
        as Viewer::of(member),
        query.terms_json(),
        limit
    )
}

/// The unread messages of the channel `c` for the member `$2`, whose read mark is `r` at the message `rm`: those after it
/// that are not deleted. None of them is the member's own, which moves the mark. The numbers make it a difference; in a channel whose messages
/// are not numbered yet they are counted, at most `$7`. So are they after a message that an earlier version has sent without
/// a number, on another server during an upgrade, and where the member has moved the mark back.
const UNREAD_COUNT: &str = "CASE WHEN r.last_read_id = c.last_message_id THEN 0
              WHEN c.last_sequence IS NULL OR r.counted OR (r.last_read_id IS NOT NULL AND rm.sequence IS NULL) THEN (SELECT count(*) FROM (SELECT 1 FROM messages u WHERE u.channel_id = c.id
                AND u.id > COALESCE(r.last_read_id, $8)
                AND (u.member_id IS NULL OR u.member_id <> $2 OR u.access_token_id IS NOT NULL OR u.submission_key IS NOT NULL)
                AND u.deleted_at IS NULL LIMIT CAST($7 AS BIGINT)) AS unread)
              ELSE c.last_sequence - COALESCE(rm.sequence, 0)
                - (SELECT count(*) FROM messages u WHERE u.channel_id = c.id AND u.sequence > COALESCE(rm.sequence, 0)
                   AND u.deleted_at IS NOT NULL) END";

/// The columns of [`ConversationRow`], of a channel `c` and [`CONVERSATION_TABLES`].
const CONVERSATION_COLUMNS: &str = concatcp!(
            CHANNEL_COLUMNS,
            ", ", UNREAD_COUNT, " AS unread_count,
              (SELECT count(*) FROM (SELECT 1 FROM messages u WHERE c.kind = 'bucket' AND u.channel_id = c.id
                AND u.id > COALESCE(r.last_read_id, $8) AND u.delivery_type = 'CRITICAL'
                AND (u.member_id IS NULL OR u.member_id <> $2 OR u.access_token_id IS NOT NULL OR u.submission_key IS NOT NULL)
                AND u.deleted_at IS NULL LIMIT CAST($7 AS BIGINT)) AS critical) AS critical_count,
              (SELECT count(*) FROM (SELECT 1 FROM message_mentions mm CROSS JOIN messages u
                WHERE u.id = mm.message_id AND mm.channel_id = c.id AND mm.member_id = $2 AND mm.message_id > COALESCE(r.last_read_id, $8)
                AND (u.member_id IS NULL OR u.member_id <> $2 OR u.access_token_id IS NOT NULL OR u.submission_key IS NOT NULL)
                AND u.deleted_at IS NULL LIMIT CAST($7 AS BIGINT)) AS mentions) AS mention_count,
              EXISTS (SELECT 1 FROM contact_members cm WHERE cm.contact_id = c.contact_id AND cm.member_id = $2) AS assigned,
              m.id AS message_id, CASE WHEN m.deleted_at IS NULL THEN m.body END AS message_body, (m.member_id = $2 AND m.access_token_id IS NULL AND m.submission_key IS NULL) AS message_own,
              m.access_token_id IS NOT NULL AS message_by_program,
              (SELECT COALESCE(b.name, t.name, u.name) FROM members me JOIN users u ON u.id = me.user_id
               LEFT JOIN access_tokens t ON t.id = m.access_token_id LEFT JOIN bots b ON b.id = t.bot_id
               WHERE me.id = m.member_id AND m.submission_key IS NULL AND m.deleted_at IS NULL) AS message_author,
              m.created_at AS message_at, m.deleted_at IS NOT NULL AS message_deleted,
              CASE WHEN m.deleted_at IS NULL THEN m.title END AS message_title, m.delivery_type AS message_delivery,
              EXISTS (SELECT 1 FROM message_mentions mm WHERE mm.channel_id = c.id AND mm.member_id = $2 AND mm.message_id = m.id) AS message_mentioned,
              (SELECT count(*) FROM message_attachments ma JOIN attachments l ON l.id = ma.attachment_id
               WHERE ma.message_id = m.id AND l.deleted_at IS NULL) AS attachment_count,
              a.content_type, a.file_name"
);

const CONVERSATION_TABLES: &str = " LEFT JOIN contacts co ON co.id = c.contact_id
             LEFT JOIN channel_reads r ON r.channel_id = c.id AND r.member_id = $2
             LEFT JOIN messages rm ON rm.id = r.last_read_id
             LEFT JOIN messages m ON m.id = c.last_message_id
             LEFT JOIN attachments a ON a.id = (SELECT f.attachment_id FROM message_attachments f
               JOIN attachments l ON l.id = f.attachment_id
               WHERE f.message_id = m.id AND m.deleted_at IS NULL AND l.deleted_at IS NULL ORDER BY f.position LIMIT 1) ";

/// A page of one kind, read along an index. The other tables are asked for its rows only: PostgreSQL would join them to
/// all channels first.
const CONVERSATIONS: &str = concatcp!(
    "SELECT ",
    CONVERSATION_COLUMNS,
    " FROM (SELECT * FROM channels c WHERE ",
    VISIBLE,
    " AND c.kind = $9 AND c.closed = $10 AND COALESCE(c.last_message_id, c.id) < $11
       ORDER BY COALESCE(c.last_message_id, c.id) DESC LIMIT CAST($12 AS BIGINT)) AS c",
    CONVERSATION_TABLES,
    "ORDER BY COALESCE(c.last_message_id, c.id) DESC"
);

const CONVERSATION: &str = concatcp!(
    "SELECT ",
    CONVERSATION_COLUMNS,
    " FROM channels c",
    CONVERSATION_TABLES,
    "WHERE ",
    VISIBLE,
    " AND c.id = $9"
);

/// Returns a page of conversations, latest first. `before` is the last message of the last conversation of the page
/// before, or, if it has none, the channel itself: both are time-ordered ids.
pub async fn conversations(
    on: On<'_>,
    member: &Member,
    kind: ChannelKind,
    closed: bool,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ConversationRow>> {
    fetch_all!(
        on,
        ConversationRow,
        CONVERSATIONS,
        as Viewer::of(member),
        UNREAD_MAX,
        Uuid::nil(),
        kind,
        closed,
        before.unwrap_or(Uuid::max()),
        limit
    )
}

/// Returns one conversation, if the member can view it.
pub async fn conversation(on: On<'_>, member: &Member, id: ChannelId) -> Result<Option<ConversationRow>> {
    fetch_optional!(
        on,
        ConversationRow,
        CONVERSATION,
        as Viewer::of(member),
        UNREAD_MAX,
        Uuid::nil(),
        id
    )
}

pub async fn insert(
    tx: &mut Tx,
    id: ChannelId,
    organization: OrganizationId,
    name: &str,
    private: bool,
    now: Timestamp,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO channels (id, organization_id, kind, name, private, created_at, name_key, search_text)
         VALUES ($1, $2, 'team', $3, $4, $5, $6, $7)",
        id,
        organization,
        name,
        private,
        now,
        name_key(name),
        fold(name)
    )?;
    Ok(())
}

pub async fn members(on: On<'_>, channel: &Visible<Channel>) -> Result<Vec<MemberId>> {
    let rows = fetch_all!(
        on,
        (MemberId,),
        "SELECT member_id FROM channel_members WHERE channel_id = $1 ORDER BY member_id",
        channel.id
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub async fn replace_members(tx: &mut Tx, channel: ChannelId, members: &[MemberId]) -> Result<()> {
    execute!(&mut *tx, "DELETE FROM channel_members WHERE channel_id = $1", channel)?;
    insert_pairs!(tx, "INSERT INTO channel_members (channel_id, member_id) ", channel, members)
}

pub async fn remove_member(on: On<'_>, channel: ChannelId, member: MemberId) -> Result<()> {
    execute!(on, "DELETE FROM channel_members WHERE channel_id = $1 AND member_id = $2", channel, member)?;
    Ok(())
}

/// Moves the read mark forward, never back. Returns whether it moved.
pub async fn mark_read(on: On<'_>, channel: &Visible<Channel>, member: MemberId, message: Uuid) -> Result<bool> {
    let moved = execute!(
        on,
        "INSERT INTO channel_reads (channel_id, member_id, last_read_id)
         SELECT $1, $2, m.id FROM messages m WHERE m.id = $3 AND m.channel_id = $1
         ON CONFLICT (channel_id, member_id) DO UPDATE SET last_read_id = excluded.last_read_id,
           counted = channel_reads.counted AND excluded.last_read_id < (SELECT last_message_id FROM channels WHERE id = $1)
         WHERE channel_reads.last_read_id < excluded.last_read_id",
        channel.id,
        member,
        message
    )?;
    Ok(moved > 0)
}

/// Moves the read mark back to before a message of the channel. Returns whether it was after that.
pub async fn mark_unread(on: On<'_>, channel: &Visible<Channel>, member: MemberId, message: MessageId) -> Result<bool> {
    let moved = execute!(
        on,
        "UPDATE channel_reads SET counted = TRUE, last_read_id =
           COALESCE((SELECT b.id FROM messages b WHERE b.channel_id = $1 AND b.id < $3
             ORDER BY b.id DESC LIMIT 1), $4)
         WHERE channel_id = $1 AND member_id = $2 AND last_read_id >= $3
           AND EXISTS (SELECT 1 FROM messages m WHERE m.id = $3 AND m.channel_id = $1)",
        channel.id,
        member,
        message,
        Uuid::nil()
    )?;
    Ok(moved > 0)
}

/// Moves the read marks of all channels that the member can view to their newest messages. Returns whether any moved.
pub async fn mark_all_read(on: On<'_>, member: &Member) -> Result<bool> {
    let viewer = Viewer::of(member);
    let moved = execute!(
        on,
        concatcp!(
            "INSERT INTO channel_reads (channel_id, member_id, last_read_id)
             SELECT c.id, $2, c.last_message_id FROM channels c WHERE ",
            VISIBLE,
            " AND c.last_message_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM channel_reads r
               WHERE r.channel_id = c.id AND r.member_id = $2 AND r.last_read_id >= c.last_message_id)
             ORDER BY c.id
             ON CONFLICT (channel_id, member_id) DO UPDATE SET last_read_id = excluded.last_read_id, counted = FALSE
             WHERE channel_reads.last_read_id < excluded.last_read_id"
        ),
        viewer.organization,
        viewer.member,
        viewer.all_contacts,
        viewer.assigned_contacts,
        viewer.public_channels,
        viewer.only_channel
    )?;
    Ok(moved > 0)
}

/// Mutes a channel for a member, or unmutes it. Returns whether that changed anything.
pub async fn set_muted(on: On<'_>, channel: &Visible<Channel>, member: MemberId, muted: bool) -> Result<bool> {
    let changed = if muted {
        execute!(
            on,
            "INSERT INTO muted_channels (channel_id, member_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            channel.id,
            member
        )?
    } else {
        execute!(on, "DELETE FROM muted_channels WHERE channel_id = $1 AND member_id = $2", channel.id, member)?
    };
    Ok(changed > 0)
}

/// Moves the read mark of its author to a message that is sent in this transaction, never back.
pub async fn mark_sent(tx: &mut Tx, channel: ChannelId, author: MemberId, message: MessageId) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO channel_reads (channel_id, member_id, last_read_id) VALUES ($1, $2, $3)
         ON CONFLICT (channel_id, member_id) DO UPDATE SET last_read_id = excluded.last_read_id, counted = FALSE
         WHERE channel_reads.last_read_id < excluded.last_read_id",
        channel,
        author,
        message
    )?;
    Ok(())
}

pub async fn last_read(on: On<'_>, channel: &Visible<Channel>, member: MemberId) -> Result<Option<Uuid>> {
    let row = fetch_optional!(
        on,
        (Uuid,),
        "SELECT last_read_id FROM channel_reads WHERE channel_id = $1 AND member_id = $2",
        channel.id,
        member
    )?;
    Ok(row.map(|(id,)| id))
}

/// Renames a team channel. Fails with a unique violation if another has this name.
pub async fn rename(on: On<'_>, channel: &Visible<Channel>, name: &str) -> Result<()> {
    execute!(
        on,
        "UPDATE channels SET name = $2, name_key = $3, search_text = $4 WHERE id = $1",
        channel.id,
        name,
        name_key(name),
        fold(name)
    )?;
    Ok(())
}

pub async fn set_closed(on: On<'_>, channel: &Visible<Channel>, closed: bool) -> Result<()> {
    execute!(on, "UPDATE channels SET closed = $2 WHERE id = $1", channel.id, closed)?;
    Ok(())
}

/// Sets the newest message of a channel, and locks the channel until the transaction ends. Returns the number of the
/// message; the outer `None` if the channel does not exist any more, the inner one if its messages are not numbered yet.
/// `reopens` a closed conversation.
pub async fn set_last_message(
    tx: &mut Tx,
    channel: ChannelId,
    message: MessageId,
    reopens: bool,
) -> Result<Option<Option<i64>>> {
    let row = fetch_optional!(
        tx,
        (Option<i64>,),
        "UPDATE channels SET last_message_id = CASE WHEN last_message_id > $2 THEN last_message_id ELSE $2 END,
           last_sequence = last_sequence + 1, closed = closed AND NOT $3
         WHERE id = $1 AND deleted_at IS NULL RETURNING last_sequence",
        channel,
        message,
        reopens
    )?;
    Ok(row.map(|(sequence,)| sequence))
}

/// Returns whether a channel is a bucket with public files.
pub async fn is_public_bucket(on: On<'_>, id: ChannelId) -> Result<bool> {
    let row = fetch_optional!(
        on,
        (i32,),
        "SELECT 1 FROM channels WHERE id = $1 AND kind = 'bucket' AND public_files AND deleted_at IS NULL",
        id
    )?;
    Ok(row.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::plan;

    #[tokio::test]
    async fn a_page_reads_no_messages_but_those_that_it_shows() {
        let plan = plan(CONVERSATIONS).await;
        for step in [
            "SEARCH c USING INDEX channels_latest (organization_id=? AND kind=? AND closed=? AND <expr><?)",
            "SEARCH u USING INDEX messages_deleted (channel_id=? AND sequence>?)",
            "SEARCH u USING INDEX messages_critical (channel_id=? AND id>?)",
            "SEARCH mm USING COVERING INDEX sqlite_autoindex_message_mentions_1 (channel_id=? AND member_id=? AND message_id>?)",
        ] {
            assert!(plan.iter().any(|known| known == step), "{plan:#?}");
        }
    }
}
