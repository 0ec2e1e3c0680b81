//! Mentions on the server: who can be mentioned in a channel, and who is mentioned by messages.

use std::collections::HashMap;

use super::access::Visible;
use super::mentions::{MENTIONS_MAX, Mention, ids, with_names};
use super::model::Channel;
use super::service::{find, find_on};
use crate::ids::{ChannelId, MemberId, MessageId};
use crate::people::organizations::model::MemberInfo;
use crate::people::organizations::rights;
use crate::people::organizations::service::{self as organizations, Member};
use crate::platform::Platform;
use crate::platform::db::{On, Tx, execute, fetch_all, fetch_all_of};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::visible::cut_letters;

/// Number of suggestions.
const SUGGESTED_MAX: usize = 8;
/// Number of members with a matching name that are checked for suggestions.
const CHECKED_MAX: usize = 50;
/// Maximum length of a name in place of a token, in characters.
const NAME_MAX: usize = 38;
/// The name of a member who was removed from the organization.
const FORMER: &str = "Former member";

/// A text whose mentions were checked.
pub struct Checked {
    pub text: String,
    /// Whom it mentions.
    pub members: Vec<MemberId>,
}

/// Suggests members to mention in a channel: those whose name has the words, and who can view it.
pub async fn suggest(platform: &Platform, member: &Member, id: ChannelId, search: &str) -> Result<Vec<MemberInfo>> {
    let channel = find(platform, member, id).await?;
    let named = organizations::members(platform, member, Some(search)).await?;
    let mut suggested = Vec::new();
    for info in named.into_iter().filter(|info| info.id != member.id).take(CHECKED_MAX) {
        if viewer(platform.db.on(), member, &channel, info.id).await?.is_viewer() {
            suggested.push(info);
            if suggested.len() == SUGGESTED_MAX {
                break;
            }
        }
    }
    Ok(suggested)
}

/// Whether somebody can be mentioned.
enum Mentionable {
    Viewer,
    /// A member with this name, who can't view the channel.
    Other(String),
    /// Nobody in the organization.
    Unknown,
}

impl Mentionable {
    const fn is_viewer(&self) -> bool {
        matches!(self, Self::Viewer)
    }
}

async fn viewer(mut on: On<'_>, member: &Member, channel: &Channel, id: MemberId) -> Result<Mentionable> {
    let mentioned = match rights::target(on.again(), member, id).await {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(Mentionable::Unknown),
        found => found?,
    };
    match find_on(on, &mentioned, channel.id).await {
        Ok(_) => Ok(Mentionable::Viewer),
        Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden) => {
            Ok(Mentionable::Other(mentioned.name))
        }
        Err(error) => Err(error),
    }
}

/// Cuts a name to the length of a token, so that a text never becomes longer than its limit.
fn shortened(name: &str) -> String {
    cut_letters(name, NAME_MAX, |part| part.chars().count()).to_owned()
}

/// Checks the mentions of a text in the transaction of its message. A member who can't view the channel is not mentioned: their name
/// becomes text. So stays the token of an unknown id. `kept` are mentioned by the message already.
///
/// # Errors
/// `invalid` if there are more than [`MENTIONS_MAX`].
pub async fn check(
    tx: &mut Tx,
    member: &Member,
    channel: &Visible<Channel>,
    text: String,
    kept: &[MemberId],
) -> Result<Checked> {
    let named = ids(&text);
    if named.len() > MENTIONS_MAX {
        return Err(AppError::invalid("body", format!("A message can mention at most {MENTIONS_MAX} people.")));
    }
    let (mut members, mut others) = (Vec::new(), Vec::new());
    for id in named {
        if kept.contains(&id) {
            members.push(id);
            continue;
        }
        match viewer(tx.on(), member, channel, id).await? {
            Mentionable::Viewer => members.push(id),
            Mentionable::Other(name) => others.push(Mention { id, name: shortened(&name) }),
            Mentionable::Unknown => {}
        }
    }
    let text = if others.is_empty() { text } else { with_names(&text, &others) };
    Ok(Checked { text, members })
}

/// Stores whom a message of this transaction mentions, instead of those before.
pub async fn put(tx: &mut Tx, channel: ChannelId, message: MessageId, members: &[MemberId]) -> Result<()> {
    execute!(&mut *tx, "DELETE FROM message_mentions WHERE message_id = $1", message)?;
    add(tx, channel, message, members).await
}

/// Does the same for a new message.
pub async fn add(tx: &mut Tx, channel: ChannelId, message: MessageId, members: &[MemberId]) -> Result<()> {
    for member in members {
        execute!(
            &mut *tx,
            "INSERT INTO message_mentions (channel_id, member_id, message_id) VALUES ($1, $2, $3)",
            channel,
            *member,
            message
        )?;
    }
    Ok(())
}

/// Returns whom a message mentions.
pub async fn of_message(on: On<'_>, message: MessageId) -> Result<Vec<MemberId>> {
    let rows = fetch_all!(
        on,
        (MemberId,),
        "SELECT member_id FROM message_mentions WHERE message_id = $1 ORDER BY member_id",
        message
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The mentions of several messages.
#[derive(Default)]
pub struct Mentions(HashMap<MessageId, Vec<Mention>>);

impl Mentions {
    /// Loads the mentions of messages, given with their texts: by one query, or none if no text has a token.
    pub async fn of<'a>(on: On<'_>, messages: impl Iterator<Item = (MessageId, &'a str)>) -> Result<Self> {
        let ids: Vec<_> = messages.filter(|(_, text)| !ids(text).is_empty()).map(|(id, _)| id).collect();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let rows = fetch_all_of!(
            on,
            (MessageId, MemberId, String, bool),
            "SELECT mm.message_id, mm.member_id, u.name, me.removed_at IS NOT NULL AS removed FROM message_mentions mm
             JOIN members me ON me.id = mm.member_id JOIN users u ON u.id = me.user_id WHERE mm.message_id",
            ids,
            "ORDER BY mm.member_id"
        )?;
        let mut mentions: HashMap<MessageId, Vec<Mention>> = HashMap::new();
        for (message, id, name, is_removed) in rows {
            let name = if is_removed { FORMER.to_owned() } else { name };
            mentions.entry(message).or_default().push(Mention { id, name });
        }
        Ok(Self(mentions))
    }

    /// Returns the mentions of a message.
    pub fn take(&mut self, message: MessageId) -> Vec<Mention> {
        self.0.remove(&message).unwrap_or_default()
    }

    /// Returns a text of a message with names.
    pub fn with_names(&self, message: MessageId, text: &str) -> String {
        self.0.get(&message).map_or_else(|| text.to_owned(), |mentions| with_names(text, mentions))
    }
}
