//! Loading of the quotes of a page of messages, by one query, or two if some of them have no text.

use std::collections::{BTreeSet, HashMap};

use super::quote::{Quote, describe, first_line};
use super::service::author;
use super::store::{self, MessageRow};
use crate::channels::access::Visible;
use crate::channels::mentioning::Mentions;
use crate::channels::model::Channel;
use crate::files::attachments::media_type::MediaType;
use crate::files::attachments::store::links;
use crate::ids::MessageId;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::error::Result;

/// Returns the messages of this channel that `rows` reply to.
pub async fn of_messages(
    platform: &Platform,
    member: &Member,
    channel: &Visible<Channel>,
    rows: &[MessageRow],
) -> Result<HashMap<MessageId, Quote>> {
    let ids: BTreeSet<_> = rows.iter().filter_map(|row| row.reply_to_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let quoted = store::quoted(platform.db.on(), ids).await?;
    let mut quoted: Vec<_> = quoted.into_iter().filter(|row| row.channel_id == channel.id).collect();
    let mentions = Mentions::of(platform.db.on(), quoted.iter().map(|row| (row.id, row.body.as_str()))).await?;
    for row in &mut quoted {
        row.body = mentions.with_names(row.id, &row.body);
    }
    let without_text: Vec<_> = quoted.iter().filter(|row| text_of(row).is_none()).map(|row| row.id).collect();
    let mut files: HashMap<MessageId, Vec<(MediaType, String)>> = HashMap::new();
    if !without_text.is_empty() {
        for (id, media_type, name) in links::names_of_messages(platform.db.on(), &without_text).await? {
            files.entry(id).or_default().push((media_type, name));
        }
    }
    let shows_files = member.may(Permission::MessageViewAttachment);
    let quote = |row: MessageRow| {
        let files = files.remove(&row.id).unwrap_or_default();
        let text = match text_of(&row) {
            _ if row.deleted_at.is_some() => String::new(),
            Some(text) => text,
            None if shows_files => describe(&files, 0),
            None => describe(&[], files.len()),
        };
        let quote = Quote { id: row.id, author: author(&row, channel).name, text, deleted: row.deleted_at.is_some() };
        (row.id, quote)
    };
    Ok(quoted.into_iter().map(quote).collect())
}

/// Returns the first line of a message that is not deleted.
fn text_of(row: &MessageRow) -> Option<String> {
    if row.deleted_at.is_some() {
        return Some(String::new());
    }
    first_line(row.title.as_deref(), &row.body)
}
