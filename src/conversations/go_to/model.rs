//! What the dialog offers, and the order of it, for both sides.

use serde::{Deserialize, Serialize};

use crate::channels::model::Channel;
use crate::files::library::model::FileHit;
use crate::people::contacts::model::Contact;
use crate::platform::search::fold;

/// Maximum number of entries of a group.
pub const SHOWN_MAX: usize = 8;
/// Maximum number of entries that are kept as recent.
pub const RECENT_MAX: usize = 20;

/// What the server found, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GoToHits {
    pub channels: Vec<Channel>,
    pub contacts: Vec<Contact>,
    /// Empty for members who may not view files.
    pub files: Vec<FileHit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Group {
    Recent,
    Conversations,
    Contacts,
    Files,
    Pages,
    Actions,
}

impl Group {
    pub const ALL: [Self; 6] =
        [Self::Recent, Self::Conversations, Self::Contacts, Self::Files, Self::Pages, Self::Actions];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Recent => "Recent",
            Self::Conversations => "Conversations",
            Self::Contacts => "Contacts",
            Self::Files => "Files",
            Self::Pages => "Pages",
            Self::Actions => "Actions",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    NewChannel,
    Light,
    Dark,
    System,
    Shortcuts,
    LogOut,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Opens a page, by its path.
    Open(String),
    Do(Action),
}

/// Something to go to or to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub group: Group,
    pub name: String,
    /// What tells it from others of the same name.
    #[serde(default)]
    pub detail: String,
    pub act: Act,
}

impl Entry {
    pub fn page(group: Group, name: impl Into<String>, path: impl Into<String>) -> Self {
        Self { group, name: name.into(), detail: String::new(), act: Act::Open(path.into()) }
    }

    pub fn action(name: &str, action: Action) -> Self {
        Self { group: Group::Actions, name: name.to_owned(), detail: String::new(), act: Act::Do(action) }
    }

    #[must_use]
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}

/// An entry with its name as searches compare it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    entry: Entry,
    folded: String,
    /// Found by the server, by more than its name.
    is_hit: bool,
}

impl Candidate {
    pub fn new(entry: Entry) -> Self {
        Self { folded: fold(&entry.name), entry, is_hit: false }
    }

    pub fn hit(entry: Entry) -> Self {
        Self { is_hit: true, ..Self::new(entry) }
    }

    /// Returns how well it matches, the best first. `None` if it does not.
    fn rank(&self, words: &[&str]) -> Option<usize> {
        let name = self.folded.as_str();
        let begins = |word: &&str| {
            let mut hits = name.match_indices(*word).map(|(at, _)| at);
            hits.any(|at| name[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric()))
        };
        match words {
            [] => Some(0),
            [first, ..] if name.starts_with(first) && words.iter().all(begins) => Some(0),
            _ if words.iter().all(begins) => Some(1),
            _ if words.iter().all(|word| name.contains(word)) => Some(2),
            _ => self.is_hit.then_some(3),
        }
    }
}

/// Returns the matching entries by group, in each the recent ones first, then the best. Without a text: the recent ones,
/// then all others. `candidates` are in the order of equal ones.
pub fn matching(candidates: &[Candidate], recent: &[Entry], typed: &str) -> Vec<(Group, Vec<Entry>)> {
    let typed = fold(typed);
    let words: Vec<_> = typed.split_whitespace().collect();
    let mut groups: Vec<(Group, Vec<Entry>)> = Vec::new();
    if words.is_empty() && !recent.is_empty() {
        groups.push((Group::Recent, recent.iter().take(SHOWN_MAX).cloned().collect()));
    }
    let place = |act: &Act| recent.iter().position(|entry| entry.act == *act).unwrap_or(RECENT_MAX);
    for group in Group::ALL {
        let of_group = candidates.iter().filter(|candidate| candidate.entry.group == group);
        let mut found: Vec<_> = of_group.filter_map(|candidate| Some((candidate.rank(&words)?, candidate))).collect();
        found.sort_by_key(|(rank, candidate)| (place(&candidate.entry.act), *rank));
        let mut entries: Vec<Entry> = Vec::new();
        let shown_before =
            |entry: &Entry| groups.iter().flat_map(|(_, shown)| shown).any(|shown| shown.act == entry.act);
        for (_, Candidate { entry, .. }) in found {
            if entries.len() == SHOWN_MAX {
                break;
            }
            if entries.iter().all(|shown| shown.act != entry.act) && !shown_before(entry) {
                entries.push(entry.clone());
            }
        }
        if !entries.is_empty() {
            groups.push((group, entries));
        }
    }
    groups
}

/// Puts an entry in front of the recent ones.
pub fn note_recent(recent: &mut Vec<Entry>, entry: Entry) {
    recent.retain(|known| known.act != entry.act);
    recent.insert(0, entry);
    recent.truncate(RECENT_MAX);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(name: &str) -> Entry {
        Entry::page(Group::Conversations, name, format!("/inbox/{name}"))
    }

    fn names(candidates: &[Candidate], recent: &[Entry], typed: &str) -> Vec<String> {
        let groups = matching(candidates, recent, typed);
        groups.into_iter().flat_map(|(_, entries)| entries).map(|entry| entry.name).collect()
    }

    #[test]
    fn the_best_matches_come_first_and_recent_ones_before_them() {
        let all: Vec<_> = ["Unrepaired", "Van repairs", "Repairs", "Jane Doe", "Zoë"]
            .map(|name| Candidate::new(conversation(name)))
            .into();
        assert_eq!(names(&all, &[], "rep"), ["Repairs", "Van repairs", "Unrepaired"]);
        assert_eq!(names(&all, &[conversation("Unrepaired")], "rep"), ["Unrepaired", "Repairs", "Van repairs"]);
        assert_eq!(names(&all, &[], "doe ja"), ["Jane Doe"]);
        assert_eq!(names(&all, &[], " ZOE "), ["Zoë"]);
        assert!(names(&all, &[], "nobody").is_empty());
    }

    #[test]
    fn without_a_text_recent_ones_are_shown_once() {
        let all: Vec<_> = ["a", "b", "c"].map(|name| Candidate::new(conversation(name))).into();
        let groups = matching(&all, &[conversation("c"), conversation("b")], "");
        let shown: Vec<_> = groups.iter().map(|(group, entries)| (*group, entries.len())).collect();
        assert_eq!(shown, [(Group::Recent, 2), (Group::Conversations, 1)]);
    }

    #[test]
    fn hits_of_the_server_match_by_more_than_their_name() {
        let contact = Entry::page(Group::Contacts, "Jane", "/inbox/1");
        assert_eq!(names(&[Candidate::hit(contact.clone())], &[], "555"), ["Jane"]);
        assert!(names(&[Candidate::new(contact)], &[], "555").is_empty());
        // The same conversation is shown once.
        let both =
            [Candidate::new(conversation("Jane")), Candidate::hit(Entry::page(Group::Contacts, "Jane", "/inbox/Jane"))];
        assert_eq!(names(&both, &[], "jane"), ["Jane"]);
    }

    #[test]
    fn recent_entries_are_bounded_and_kept_once() {
        let mut recent = Vec::new();
        for number in 0..100 {
            note_recent(&mut recent, conversation(&(number % 30).to_string()));
        }
        assert_eq!((recent.len(), recent[0].name.as_str()), (RECENT_MAX, "9"));
    }

    #[test]
    fn few_of_ten_thousand_names_are_shown() {
        let all: Vec<_> =
            (0..10_000).map(|number| Candidate::new(conversation(&format!("Customer {number} Harbor")))).collect();
        let recent: Vec<_> = (0..RECENT_MAX).map(|number| conversation(&format!("Customer {number} Harbor"))).collect();
        assert_eq!(matching(&all, &recent, "cust harb").first().map(|(_, entries)| entries.len()), Some(SHOWN_MAX));
    }
}
