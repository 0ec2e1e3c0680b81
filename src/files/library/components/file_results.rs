//! The files of the page: loaded page by page, and again when the query changes.

use dioxus::prelude::*;

use super::saved_files::SavedFiles;
use crate::files::library::api::{list_files, total_files};
use crate::files::library::model::{FileFilter, FileHit, FilePage, FileTotals, join_kinds};
use crate::platform::error::{AppError, Result};
use crate::platform::timestamp::Timestamp;
use crate::ui::relative_time::TimeZone;
use crate::ui::{RequestOrder, use_request_order};

/// The query: the filter, with its days as times.
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

/// The loaded files.
#[derive(Clone, Copy, PartialEq)]
pub struct FileResults {
    /// The current query.
    pub query: Memo<Query>,
    /// The query of the loaded files.
    pub answered: Signal<Query>,
    pub files: Signal<Vec<FileHit>>,
    pub next: Signal<Option<String>>,
    pub loading: Signal<bool>,
    pub failure: Signal<Option<String>>,
    pub totals: Signal<Option<FileTotals>>,
    order: RequestOrder,
}

/// Appends known files to a first page that was loaded again, if they overlap.
pub fn joined(page: FilePage, known: &[FileHit], known_next: Option<String>) -> FilePage {
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

/// `first` is the response to the initial `query`. If the page was restored, its earlier files follow.
pub fn use_file_results(
    query: Memo<Query>,
    first: FilePage,
    totals: Option<FileTotals>,
    before: Option<SavedFiles>,
) -> FileResults {
    let FilePage { files, next } = use_hook(|| match before {
        Some(before) => joined(first, &before.files, before.next),
        None => first,
    });
    let found = FileResults {
        query,
        answered: use_signal(|| query.peek().clone()),
        files: use_signal(|| files),
        next: use_signal(|| next),
        loading: use_signal(|| false),
        failure: use_signal(|| None),
        order: use_request_order(),
        totals: use_signal(|| totals),
    };
    use_effect(move || {
        if *found.answered.peek() != query() {
            spawn(found.reload());
        }
    });
    found
}

impl FileResults {
    /// Loads the first page again.
    pub async fn reload(mut self) {
        let query = self.query.peek().clone();
        let number = self.order.begin();
        let answer = query.clone().page(None).await;
        // A late response for an outdated query is ignored.
        if *self.query.peek() != query || !self.order.shows(number) {
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

    /// Loads the next page. Returns whether there was one.
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

    /// Adds new files and removes deleted ones.
    pub async fn refresh(mut self) {
        let query = self.answered.peek().clone();
        let number = self.order.begin();
        let Ok(page) = query.clone().page(None).await else { return };
        // In this order, because a response that is not shown must not outdate others.
        if *self.query.peek() != query || *self.answered.peek() != query || !self.order.shows(number) {
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
