//! The files that the page shows: fetched page by page, anew when what is asked changes.

use dioxus::prelude::*;

use super::left_files::LeftFiles;
use crate::files::library::api::{list_files, total_files};
use crate::files::library::model::{FileFilter, FilePage, FileTotals, FoundFile, join_kinds};
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;
use crate::ui::when::TimeZone;
use crate::ui::{Turns, use_turns};

/// What is asked of the server: the filter, with its days as moments.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub filter: FileFilter,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

fn text(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

impl Query {
    pub fn new(filter: &FileFilter, zone: TimeZone) -> Self {
        Self {
            since: zone.start_of(&filter.since, 0),
            until: zone.start_of(&filter.until, 1),
            filter: FileFilter { list: false, ..filter.clone() },
        }
    }

    pub async fn page(self, after: Option<String>) -> Result<FilePage, AppError> {
        let FileFilter { kinds, from, channel, oldest_first, search, .. } = self.filter;
        let sort = oldest_first.then(|| "oldest".to_owned());
        let (kinds, from, search) = (text(join_kinds(&kinds)), text(from.to_string()), text(search));
        list_files(kinds, from, channel, self.since, self.until, search, sort, after, None).await
    }

    pub async fn totals(self) -> Result<FileTotals, AppError> {
        let FileFilter { kinds, from, channel, search, .. } = self.filter;
        let (kinds, from, search) = (text(join_kinds(&kinds)), text(from.to_string()), text(search));
        total_files(kinds, from, channel, self.since, self.until, search).await
    }
}

/// What was found.
#[derive(Clone, Copy, PartialEq)]
pub struct Found {
    /// What is wanted now.
    pub query: Memo<Query>,
    /// What the files below answer.
    pub answered: Signal<Query>,
    pub files: Signal<Vec<FoundFile>>,
    pub next: Signal<Option<String>>,
    pub loading: Signal<bool>,
    pub failure: Signal<Option<String>>,
    pub totals: Signal<Option<FileTotals>>,
    turns: Turns,
}

/// Puts files that are known behind a first page that was fetched anew, if that reaches so far.
pub fn joined(page: FilePage, known: &[FoundFile], known_next: Option<String>) -> FilePage {
    let FilePage { mut files, next } = page;
    let end = files.last().and_then(|last| known.iter().position(|file| file.attachment.id == last.attachment.id));
    match end {
        Some(place) if next.is_some() => {
            files.extend_from_slice(&known[place + 1..]);
            FilePage { files, next: known_next }
        }
        _ => FilePage { files, next },
    }
}

/// `first` answers `query` as it is at first. What was found before goes on behind it, where one came back to it.
pub fn use_found(query: Memo<Query>, first: FilePage, totals: Option<FileTotals>, before: Option<LeftFiles>) -> Found {
    let FilePage { files, next } = use_hook(|| match before {
        Some(before) => joined(first, &before.files, before.next),
        None => first,
    });
    let found = Found {
        query,
        answered: use_signal(|| query.peek().clone()),
        files: use_signal(|| files),
        next: use_signal(|| next),
        loading: use_signal(|| false),
        failure: use_signal(|| None),
        turns: use_turns(),
        totals: use_signal(|| totals),
    };
    use_effect(move || {
        if *found.answered.peek() != query() {
            spawn(found.reload());
        }
    });
    found
}

impl Found {
    /// Fetches the first page anew.
    pub async fn reload(mut self) {
        let query = self.query.peek().clone();
        let turn = self.turns.begin();
        let answer = query.clone().page(None).await;
        // An answer that came too late is for what nobody wants any more.
        if *self.query.peek() != query || !self.turns.shows(turn) {
            return;
        }
        self.failure.set(answer.as_ref().err().map(|error| error.message.clone()));
        if let Ok(FilePage { files, next }) = answer {
            self.files.set(files);
            self.next.set(next);
            self.answered.set(query);
        }
        self.count().await;
    }

    async fn count(mut self) {
        let query = self.query.peek().clone();
        let totals = query.clone().totals().await.ok();
        if *self.query.peek() == query {
            self.totals.set(totals);
        }
    }

    /// Fetches what comes next. Answers whether there was more.
    pub async fn load_more(mut self) {
        let Some(after) = self.next.peek().clone() else { return };
        if (self.loading)() {
            return;
        }
        self.loading.set(true);
        let query = self.answered.peek().clone();
        let answer = query.clone().page(Some(after.clone())).await;
        self.loading.set(false);
        if *self.answered.peek() != query || self.next.peek().as_ref() != Some(&after) {
            return;
        }
        match answer {
            Ok(page) => {
                self.files.write().extend(page.files);
                self.next.set(page.next);
            }
            Err(error) => self.failure.set(Some(error.message)),
        }
    }

    /// Takes in what was sent meanwhile, and lets go of what was taken away.
    pub async fn refresh(mut self) {
        let query = self.answered.peek().clone();
        let turn = self.turns.begin();
        let Ok(page) = query.clone().page(None).await else { return };
        // The order counts: an answer that is not shown overtakes none.
        if *self.query.peek() != query || *self.answered.peek() != query || !self.turns.shows(turn) {
            return;
        }
        let known = self.files.peek().clone();
        let known_next = self.next.peek().clone();
        let FilePage { files, next } = joined(page, &known, known_next.clone());
        if next != known_next {
            self.next.set(next);
        }
        if files != known {
            self.files.set(files);
        }
        self.count().await;
    }
}
