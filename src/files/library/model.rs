//! Files of the files view, and its filters.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use crate::files::attachments::media_type::FileKind;
use crate::files::attachments::model::Attachment;
use crate::ids::{ChannelId, MessageId};
use crate::platform::address::{pairs, write_pairs};
use crate::platform::byte_size::ByteSize;
use crate::platform::timestamp::{Timestamp, parse_day};

/// A sent file with its conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileHit {
    #[serde(flatten)]
    pub attachment: Attachment,
    pub channel_id: ChannelId,
    /// The contact's name, or `#channel`.
    pub conversation: String,
    pub message_id: MessageId,
    pub sent_at: Timestamp,
    /// The name of the sender.
    pub sender: String,
    /// The name of the download.
    pub saved_as: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FilePage {
    pub files: Vec<FileHit>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// Totals of a filter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileTotals {
    pub count: i64,
    pub size: ByteSize,
}

/// Number of files in [`FilesOverview`].
pub const FILES_LATEST: i64 = 20;

/// The latest files of a conversation, and the totals of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FilesOverview {
    pub latest: FilePage,
    pub totals: FileTotals,
}

/// The sender of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sender {
    #[default]
    Anyone,
    /// Any contact.
    Contacts,
    /// This member or this contact.
    Person(Uuid),
}

impl Sender {
    /// Returns `None` for a name that is neither `contacts` nor an id.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "" => Some(Self::Anyone),
            "contacts" => Some(Self::Contacts),
            id => id.parse().ok().map(Self::Person),
        }
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => Ok(()),
            Self::Contacts => f.write_str("contacts"),
            Self::Person(id) => id.fmt(f),
        }
    }
}

/// Parses kinds such as `image,video`. Unknown ones are ignored.
pub fn parse_kinds(names: &str) -> Vec<FileKind> {
    let mut kinds: Vec<_> = names.split(',').filter_map(FileKind::from_name).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

pub fn join_kinds(kinds: &[FileKind]) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(",")
}

/// The filter in the URL of the files page, so that a link can be shared and Back works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileFilter {
    /// Only these kinds; all if empty.
    pub kinds: Vec<FileKind>,
    pub from: Sender,
    pub channel: Option<ChannelId>,
    /// First and last day in the reader's time zone, such as `2025-11-18`, both inclusive. Empty: no limit.
    pub since: String,
    pub until: String,
    pub oldest_first: bool,
    /// Whether to show rows instead of a grid.
    pub list: bool,
    pub search: String,
}

impl FileFilter {
    pub fn of_channel(channel: ChannelId) -> Self {
        Self { channel: Some(channel), ..Self::default() }
    }

    /// Returns whether it excludes files, other than by conversation.
    pub fn narrows(&self) -> bool {
        !self.kinds.is_empty()
            || self.from != Sender::Anyone
            || !self.since.is_empty()
            || !self.until.is_empty()
            || !self.search.is_empty()
    }

    /// Returns whether both select the same files, in any layout.
    pub fn is_same_set(&self, other: &Self) -> bool {
        Self { list: false, ..self.clone() } == Self { list: false, ..other.clone() }
    }
}

/// Parses the decoded query of a URL. Invalid values are ignored, so that an old link still works.
impl From<&str> for FileFilter {
    fn from(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs(query) {
            match name {
                "kinds" => filter.kinds = parse_kinds(value),
                "from" => filter.from = Sender::from_name(value).unwrap_or_default(),
                "in" => filter.channel = value.parse().ok(),
                "since" if is_day(value) => value.clone_into(&mut filter.since),
                "until" if is_day(value) => value.clone_into(&mut filter.until),
                "sort" => filter.oldest_first = value == "oldest",
                "view" => filter.list = value == "list",
                "search" => value.clone_into(&mut filter.search),
                _ => {}
            }
        }
        filter
    }
}

impl fmt::Display for FileFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channel = self.channel.map(|id| id.to_string()).unwrap_or_default();
        let pairs = [
            ("kinds", join_kinds(&self.kinds)),
            ("from", self.from.to_string()),
            ("in", channel),
            ("since", self.since.clone()),
            ("until", self.until.clone()),
            ("sort", if self.oldest_first { "oldest".to_owned() } else { String::new() }),
            ("view", if self.list { "list".to_owned() } else { String::new() }),
        ];
        write_pairs(f, &pairs, &self.search)
    }
}

/// Returns whether this is a day such as `2025-11-18`.
pub fn is_day(text: &str) -> bool {
    parse_day(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_the_filter() {
        let full = FileFilter {
            kinds: vec![FileKind::Image, FileKind::Document],
            from: Sender::Person(Uuid::from_u128(7)),
            channel: Some(ChannelId(Uuid::from_u128(8))),
            since: "2025-11-01".to_owned(),
            until: "2025-11-18".to_owned(),
            oldest_first: true,
            list: true,
            search: "a&b=c d".to_owned(),
        };
        for filter in [FileFilter::default(), FileFilter { from: Sender::Contacts, ..FileFilter::default() }, full] {
            assert_eq!(FileFilter::from(filter.to_string().as_str()), filter);
        }
    }

    #[test]
    fn invalid_filters_are_ignored() {
        let filter = FileFilter::from("kinds=image,nothing&from=me&in=1&since=yesterday&until=&x&search=");
        assert_eq!(filter, FileFilter { kinds: vec![FileKind::Image], ..FileFilter::default() });
    }
}
