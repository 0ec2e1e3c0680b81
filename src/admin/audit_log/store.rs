//! SQL that reads the audit log.

use const_format::concatcp;
use sqlx::FromRow;
use uuid::Uuid;

use super::model::{Actor, ActorKind, AuditEntry, LoggedAction};
use crate::channels::access::MAIN_PHONE;
use crate::ids::{AttachmentId, AuditEntryId, ChannelId, MemberId, MessageId, OrganizationId, ShareLinkId};
use crate::people::audit::model::Action;
use crate::people::contacts::model::display_name;
use crate::platform::db::{On, fetch_all};
use crate::platform::search_query::SearchQuery;
use crate::platform::timestamp::Timestamp;

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(FromRow)]
pub struct Row {
    id: AuditEntryId,
    #[sqlx(try_from = "String")]
    action: LoggedAction,
    member_id: Option<MemberId>,
    member_name: Option<String>,
    attachment_id: Option<AttachmentId>,
    message_id: Option<MessageId>,
    channel_id: Option<ChannelId>,
    share_link_id: Option<ShareLinkId>,
    file_name: String,
    detail: String,
    token_name: Option<String>,
    address: Option<String>,
    created_at: Timestamp,
    channel_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    /// The name of the contact, if it was deleted.
    deleted_contact: Option<String>,
}

impl From<Row> for AuditEntry {
    fn from(row: Row) -> Self {
        // Members are named, and contacts have a conversation of their own.
        let is_team = row.first_name.is_none() && row.channel_name.is_some();
        let conversation = match (row.first_name, row.last_name, row.channel_name) {
            _ if row.deleted_contact.is_some() => row.deleted_contact.unwrap_or_default(),
            (Some(first), Some(last), _) => display_name(&first, &last, row.phone),
            (_, _, Some(name)) => format!("#{name}"),
            _ => String::new(),
        };
        let (kind, name) = match (row.member_id, row.share_link_id, row.action.known()) {
            (Some(_), _, _) => (ActorKind::Member, row.member_name.unwrap_or_default()),
            (None, Some(_), _) => (ActorKind::Visitor, "Someone with the link".to_owned()),
            (None, None, Some(Action::FileRequestOpened | Action::FilesReceived)) => {
                (ActorKind::Visitor, "Someone with the link".to_owned())
            }
            (None, None, Some(Action::LogInFailed)) => (ActorKind::Visitor, "Someone".to_owned()),
            (None, None, Some(Action::Downloaded)) => (ActorKind::Visitor, "Anyone with the URL".to_owned()),
            (None, None, Some(Action::Uploaded)) if is_team => (ActorKind::Visitor, "Someone with the link".to_owned()),
            (None, None, Some(Action::Uploaded)) => (ActorKind::Sender, conversation.clone()),
            (None, None, _) => (ActorKind::System, "Clean-up".to_owned()),
        };
        Self {
            id: row.id,
            at: row.created_at,
            action: row.action,
            actor: Actor { kind, member_id: row.member_id, name, network: row.address, token: row.token_name },
            file_name: row.file_name,
            attachment_id: row.attachment_id,
            message_id: row.message_id,
            channel_id: row.channel_id,
            conversation,
            share_link_id: row.share_link_id,
            detail: row.detail,
        }
    }
}

pub struct Filter {
    pub member: Option<MemberId>,
    pub only_visitors: bool,
    pub action: Option<Action>,
    pub channel: Option<ChannelId>,
    pub attachment: Option<AttachmentId>,
    /// The first and the last id, which begin with their time.
    pub since: Uuid,
    pub until: Uuid,
    /// Words in names of files and of conversations.
    pub query: Option<SearchQuery>,
    /// The digits of a contact's phone, if a number is searched.
    pub phone: Option<String>,
}

/// Returns entries, latest first, starting before `before`.
pub async fn page(
    on: On<'_>,
    organization: OrganizationId,
    filter: &Filter,
    before: Option<AuditEntryId>,
    limit: i64,
) -> Result<Vec<Row>> {
    let before = before.map_or(filter.until, |before| before.0.min(filter.until));
    fetch_all!(
        on,
        Row,
        concatcp!(
            "SELECT e.id, e.action, e.member_id, u.name AS member_name, e.attachment_id, e.message_id, e.channel_id,
               e.share_link_id, e.file_name, e.detail, t.name AS token_name, e.address, e.created_at, c.name AS channel_name, co.first_name, co.last_name,
               CASE WHEN e.channel_id IS NOT NULL AND (c.id IS NULL OR c.deleted_at IS NOT NULL) THEN
                 (SELECT d.detail FROM audit_entries d WHERE d.organization_id = $1 AND d.channel_id = e.channel_id
                   AND d.action = 'contact_deleted' LIMIT 1) END AS deleted_contact, ",
            MAIN_PHONE,
            r" FROM audit_entries e
             LEFT JOIN members me ON me.id = e.member_id
             LEFT JOIN users u ON u.id = me.user_id
             LEFT JOIN access_tokens t ON t.id = e.token_id
             LEFT JOIN channels c ON c.id = e.channel_id
             LEFT JOIN contacts co ON co.id = c.contact_id
             WHERE e.organization_id = $1 AND e.id >= $2 AND e.id < $3
               AND ($4 IS NULL OR e.member_id = $4)
               AND (NOT $5 OR (e.member_id IS NULL AND (e.share_link_id IS NOT NULL OR e.action IN ('downloaded', 'sign_in_failed', 'file_request_opened', 'files_received'))))
               AND ($6 IS NULL OR e.action = $6)
               AND ($7 IS NULL OR e.channel_id = $7)
               AND ($8 IS NULL OR e.attachment_id = $8)
               AND ($9 IS NULL OR instr(co.search_text, $11) > 0 OR NOT EXISTS (SELECT 1 FROM json_each($9) t
                 WHERE instr(e.search_text, t.value) = 0 AND instr(COALESCE(c.search_text, ''), t.value) = 0
                   AND instr(COALESCE(co.search_text, ''), t.value) = 0))
             ORDER BY e.id DESC LIMIT CAST($10 AS BIGINT)"
        ),
        organization,
        filter.since,
        before,
        filter.member,
        filter.only_visitors,
        filter.action,
        filter.channel,
        filter.attachment,
        filter.query.as_ref().map(SearchQuery::terms_json),
        limit,
        &filter.phone
    )
}
