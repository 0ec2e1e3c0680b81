//! The files by day, with the selection and the lightbox.

use dioxus::prelude::*;
use lucide_dioxus::{ArrowDown, Files, SearchX};

use super::file_results::{FileResults, Query, use_file_results};
use super::files_lightbox::FilesLightbox;
use super::hit_card::HitCard;
use super::saved_files::{use_saved_files, use_saved_scroll};
use super::selection::{Chosen, SelectionBar};
use crate::app::Route;
use crate::channels::conversations::Conversations;
use crate::channels::indexing_note::IndexingNote;
use crate::files::library::model::{FileFilter, FileHit, FilePage, FileTotals};
use crate::ids::AttachmentId;
use crate::live_event::{LiveEvent, use_live};
use crate::platform::browser;
use crate::platform::timestamp::Timestamp;
use crate::ui::relative_time::{Moment, use_moments};
use crate::ui::roving::{Entry, use_roving};
use crate::ui::{EmptyState, ErrorState, NavLink, Shortcut, ShortcutGroup};

const SCROLL: &str = "found-files";
/// How long to collect events before the files are loaded again, in milliseconds.
const RELOAD_DELAY: i32 = 300;
/// Distance to the end that loads more, in pixels.
const NEAR_END: i32 = 800;

/// The files of one day. Their number is known when all of them are loaded.
#[derive(Debug, Clone, PartialEq)]
struct Day {
    number: i32,
    name: String,
    files: Vec<FileHit>,
    whole: bool,
}

fn by_day(files: &[FileHit], has_more: bool, moment: impl Fn(Timestamp) -> Moment) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for file in files {
        let at = moment(file.sent_at);
        match days.last_mut() {
            Some(day) if day.number == at.day() => day.files.push(file.clone()),
            _ => days.push(Day { number: at.day(), name: at.day_name(), files: vec![file.clone()], whole: true }),
        }
    }
    if let Some(last) = days.last_mut() {
        last.whole = !has_more;
    }
    days
}

#[component]
pub fn FilesView(
    query: Memo<Query>,
    first: FilePage,
    counted: Option<FileTotals>,
    totals: Signal<Option<FileTotals>>,
    selecting: Signal<bool>,
    came_back: bool,
) -> Element {
    let before = use_saved_files(query, came_back);
    let found = use_file_results(query, first, counted, before.clone());
    use_saved_scroll(&found, SCROLL, before);
    let moments = use_moments();
    let mut chosen = use_signal(Chosen::default);
    let mut shown = use_signal(|| None::<AttachmentId>);
    let mut shown_totals = totals;
    let mut is_selecting = selecting;
    use_effect(move || shown_totals.set((found.totals)()));
    use_effect(move || is_selecting.set(!chosen.read().ids.is_empty()));
    // Another set of files clears the selection.
    use_effect(move || {
        let _ = found.answered.read();
        chosen.set(Chosen::default());
    });
    // While the files don't fill the window, there is nothing to scroll.
    use_effect(move || {
        let _ = found.files.read().len();
        spawn(async move {
            if browser::is_near_end(SCROLL, NEAR_END) {
                found.load_more().await;
            }
        });
    });
    let conversations: Conversations = use_context();
    let mut gathering = use_signal(|| false);
    use_live(move |event: LiveEvent| {
        let elsewhere = match (found.query.peek().filter.channel, event.channel()) {
            (Some(wanted), Some(channel)) => wanted != channel,
            _ => false,
        };
        let changes_no_files = event.is_personal() || conversations.is_without_files(&event);
        if elsewhere || changes_no_files || gathering() {
            return;
        }
        gathering.set(true);
        spawn(async move {
            browser::sleep(RELOAD_DELAY).await;
            gathering.set(false);
            found.refresh().await;
        });
    });
    let mut select_all = move || {
        let all = Chosen::all(&found.files.peek());
        chosen.set(all);
    };
    let on_key = move |event: KeyboardEvent| match ShortcutGroup::Files.of(&event) {
        Some(Shortcut::SelectAll) => {
            event.prevent_default();
            select_all();
        }
        Some(Shortcut::ClearSelection) if !chosen.peek().ids.is_empty() => chosen.set(Chosen::default()),
        _ => {}
    };
    // Stable callbacks: a card with other ones is drawn again.
    let on_turn = use_callback(move |(id, range)| chosen.write().turn(&found.files.peek(), id, range));
    let on_open = use_callback(move |id| shown.set(Some(id)));
    let roving = use_roving(Entry::First);
    let waiting = (found.answered)() != query();
    // An open lightbox stays.
    let is_open = shown.read().is_some();
    if let Some(text) = (found.failure)().filter(|_| !is_open) {
        return rsx! {
            ErrorState { title: "Files could not be loaded", text, on_retry: move |()| { spawn(found.reload()); } }
        };
    }
    let files = found.files.read();
    if files.is_empty() && !is_open {
        let filter = (found.answered)().filter;
        let is_search = !filter.search.is_empty();
        return rsx! {
            NoFiles { filter }
            if is_search {
                IndexingNote {}
            }
        };
    }
    let days = by_day(&files, found.next.read().is_some(), moments);
    let selected = chosen.read().of(&files);
    let oldest_first = found.answered.read().filter.oldest_first;
    rsx! {
        div { class: "scroll", id: SCROLL, "aria-busy": waiting.then_some("true"), onkeydown: on_key,
            onscroll: move |_| {
                if browser::is_near_end(SCROLL, NEAR_END) {
                    spawn(found.load_more());
                }
            },
            div { class: "files-head",
                input {
                    class: "check",
                    r#type: "checkbox",
                    "aria-label": "Select all",
                    checked: selected.len() == files.len(),
                    "data-some": (!selected.is_empty() && selected.len() < files.len()).then_some(""),
                    onclick: move |_| {
                        if chosen.peek().ids.is_empty() {
                            select_all();
                        } else {
                            chosen.set(Chosen::default());
                        }
                    },
                }
                span {}
                span { "Name" }
                span { "Conversation" }
                span { "From" }
                span { "Size" }
                span { class: "files-sort", "data-oldest": if oldest_first { "" },
                    "Date"
                    ArrowDown { class: "icon icon-14" }
                }
                span {}
            }
            div { class: "files-days", onmounted: move |mounted| roving.start(&mounted),
                for day in days {
                    section { key: "{day.number}", "aria-label": "{day.name}",
                        h2 { class: "files-day",
                            "{day.name}"
                            if day.whole {
                                span { class: "num",
                                    if day.files.len() == 1 { "1 file" } else { "{day.files.len()} files" }
                                }
                            }
                        }
                        ul { class: "fcards",
                            for file in day.files {
                                HitCard {
                                    key: "{file.attachment.id}",
                                    chosen: chosen.read().ids.contains(&file.attachment.id),
                                    on_turn,
                                    on_open,
                                    file: file.clone(),
                                }
                            }
                        }
                    }
                }
            }
            FilesFoot { found }
            if found.next.read().is_none() && !found.answered.read().filter.search.is_empty() {
                IndexingNote {}
            }
        }
        if !selected.is_empty() {
            SelectionBar { chosen: selected.clone(), on_all: move |()| select_all(), on_clear: move |()| chosen.set(Chosen::default()) }
        }
        if let Some(id) = shown() {
            FilesLightbox {
                files: found.files,
                start: id,
                has_more: found.next.read().is_some(),
                on_near_end: move |()| { spawn(found.load_more()); },
                on_close: move |()| shown.set(None),
            }
        }
    }
}

/// The placeholder of the next page while scrolling, and a button for it.
#[component]
fn FilesFoot(found: FileResults) -> Element {
    let order = if found.answered.read().filter.oldest_first { "Newer" } else { "Older" };
    rsx! {
        p { class: "files-foot",
            if found.next.read().is_some() {
                button { class: "link", r#type: "button", disabled: (found.loading)(), onclick: move |_| found.load_more(),
                    if (found.loading)() { "Loading…" } else { "{order} files load as you scroll" }
                }
            }
        }
    }
}

#[component]
fn NoFiles(filter: FileFilter) -> Element {
    let narrows = filter.narrows();
    let icon = if narrows {
        rsx! {
            SearchX { class: "icon" }
        }
    } else {
        rsx! {
            Files { class: "icon" }
        }
    };
    let all = FileFilter { channel: filter.channel, ..FileFilter::default() };
    rsx! {
        EmptyState {
            icon,
            title: if narrows { "No files found" } else { "No files yet" },
            text: if narrows { "Try fewer words or remove a filter." } else { "Files sent in conversations appear here." },
            if narrows {
                NavLink { class: "btn", to: Route::FilesPage { filter: all }.href(), "Show all files" }
            }
        }
    }
}
