//! `GET /api/audit-entries.csv`: the log for a spreadsheet, streamed from the database.

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Deserialize;

use super::model::AuditEntry;
use super::service::{self, Wanted};
use crate::ids::{AttachmentId, AuditEntryId, ChannelId, OrganizationId};
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::csv::quoted;
use crate::platform::error::Result;
use crate::platform::parsing::Query;
use crate::platform::timestamp::Timestamp;

/// Number of entries that are read at a time.
const BATCH: i64 = 1000;
/// With a byte order mark (U+FEFF), without which Excel assumes the system's encoding.
const HEAD: &str = "\u{feff}Time (UTC),Action,Person,Kind,Network,File,Conversation,File id,Message id,Conversation id,Link id,Detail,Access token\r\n";

#[derive(Debug, Deserialize)]
pub struct CsvQuery {
    who: Option<String>,
    action: Option<String>,
    channel: Option<ChannelId>,
    attachment: Option<AttachmentId>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    search: Option<String>,
}

/// Streams all entries of the query, latest first. An error during the stream aborts it, so that the client notices
/// that it is incomplete.
pub async fn export_audit_entries(
    platform: Platform,
    member: Member,
    query: Result<Query<CsvQuery>>,
) -> Result<Response> {
    member.require(Permission::OrganizationManage)?;
    let Query(query) = query?;
    let CsvQuery { who, action, channel, attachment, since, until, search } = query;
    let rest = Wanted { channel, attachment, since, until, search, ..Wanted::default() };
    let wanted = Wanted::parse(who.as_deref(), action.as_deref(), rest)?;
    let (person, organization) = (member.user_id.0, member.organization_id());
    let export = Export { platform, person, organization, wanted, next: Next::Head };
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit-log.csv\""),
    ];
    Ok((headers, Body::from_stream(stream::try_unfold(export, Export::step))).into_response())
}

struct Export {
    platform: Platform,
    person: uuid::Uuid,
    organization: OrganizationId,
    wanted: Wanted,
    next: Next,
}

enum Next {
    Head,
    Before(Option<AuditEntryId>),
    End,
}

impl Export {
    async fn step(mut self) -> Result<Option<(Bytes, Self)>> {
        let before = match self.next {
            Next::Head => {
                self.next = Next::Before(None);
                return Ok(Some((Bytes::from_static(HEAD.as_bytes()), self)));
            }
            Next::Before(before) => before,
            Next::End => return Ok(None),
        };
        let entries = service::page(&self.platform, self.person, self.organization, &self.wanted, before, BATCH);
        let entries = entries.await?;
        let Some(last) = entries.last() else { return Ok(None) };
        let is_whole = i64::try_from(entries.len()).is_ok_and(|count| count == BATCH);
        self.next = if is_whole { Next::Before(Some(last.id)) } else { Next::End };
        Ok(Some((entries.iter().map(line).collect::<String>().into(), self)))
    }
}

fn line(entry: &AuditEntry) -> String {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let cells = [
        entry.at.for_spreadsheets(),
        entry.action.words(),
        entry.actor.name.clone(),
        entry.actor.kind.name().to_owned(),
        entry.actor.network.clone().unwrap_or_default(),
        entry.file_name.clone(),
        entry.conversation.clone(),
        id(entry.attachment_id.map(|id| id.0)),
        id(entry.message_id.map(|id| id.0)),
        id(entry.channel_id.map(|id| id.0)),
        id(entry.share_link_id.map(|id| id.0)),
        entry.detail.clone(),
        entry.actor.token.clone().unwrap_or_default(),
    ];
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}
