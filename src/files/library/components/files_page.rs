//! The page of all sent files: of the organization, or, by the filter, of one conversation.

use dioxus::prelude::*;
use lucide_dioxus::{FolderDown, Search};

use super::file_results::Query;
use super::files_view::FilesView;
use super::filter_bar::FilterBar;
use crate::app::Route;
use crate::files::library::model::{FileFilter, FilePage, FileTotals};
use crate::platform::browser;
use crate::platform::error::{AppError, Result};
use crate::ui::back_button::came_back;
use crate::ui::relative_time::use_zone;
use crate::ui::{ErrorState, PageTitle, SearchField, use_loaded};

/// `filter` is in the URL, so that a search can be reloaded, shared and restored by Back.
#[component]
pub fn FilesPage(filter: ReadSignal<FileFilter>) -> Element {
    let search = use_memo(move || filter().search);
    let came_back = use_hook(came_back);
    let totals = use_signal(|| None::<FileTotals>);
    let selecting = use_signal(|| false);
    let mut searching = use_signal(|| false);
    let shown = filter();
    let zip = shown.channel.filter(|_| !shown.narrows()).map(|channel| format!("/api/channels/{channel}/zip"));
    let counted = totals().map(|FileTotals { count, size }| {
        let noun = if count == 1 { "file" } else { "files" };
        format!("{} {noun}, {}", grouped(count), size)
    });
    rsx! {
        PageTitle { text: "Files" }
        main { class: "pane page files", "data-component": "FilesView", "data-selecting": if selecting() { "" }, "data-searching": if searching() { "" },
            header { class: "pane-head page-head",
                h1 { class: "pane-title", "Files" }
                p { class: "muted num phone-hide grow", role: "status", {counted.unwrap_or_default()} }
                span { class: "grow phone-only" }
                if let Some(zip) = zip.filter(|_| totals().is_some_and(|totals| totals.count > 0)) {
                    a { class: "btn btn-ghost", href: zip, download: "", "aria-label": "Download all as zip",
                        FolderDown { class: "icon" }
                        span { class: "phone-hide", "Download all as zip" }
                    }
                }
                SearchField {
                    label: "File, contact or message",
                    action: "/files",
                    value: search,
                    on_search: move |search| {
                        navigator().replace(Route::FilesPage { filter: FileFilter { search, ..filter.peek().clone() } });
                    },
                }
                button {
                    class: "icon-btn phone-only",
                    r#type: "button",
                    "aria-label": "Search files",
                    "aria-expanded": if searching() { "true" } else { "false" },
                    onclick: move |_| {
                        searching.toggle();
                        spawn(async move {
                            browser::sleep(0).await;
                            browser::focus(".files .search input");
                        });
                    },
                    Search { class: "icon" }
                }
            }
            FilterBar { filter: shown }
            SuspenseBoundary {
                fallback: |_| rsx! {
                    FilesSkeleton {}
                },
                LoadedFiles { filter, totals, selecting, came_back }
            }
        }
    }
}

/// Formats a number as `1,284`.
fn grouped(count: i64) -> String {
    let digits = count.to_string();
    let parts: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    parts.join(",")
}

type Loaded = (FilePage, Option<FileTotals>);

async fn load(query: Query) -> Result<Loaded, AppError> {
    Ok((query.clone().page(None).await?, query.totals().await.ok()))
}

/// Loads the first page. Later queries are loaded by the view, which keeps its files until the new ones arrive.
#[component]
fn LoadedFiles(
    filter: ReadSignal<FileFilter>,
    totals: Signal<Option<FileTotals>>,
    selecting: Signal<bool>,
    came_back: bool,
) -> Element {
    let zone = use_zone();
    let query = use_memo(move || Query::new(&filter(), zone()));
    let loaded = use_loaded(move || load(query.peek().clone()))?;
    match loaded.get::<Loaded>() {
        Some(Ok((first, counted))) => rsx! {
            FilesView { query, first, counted, totals, selecting, came_back }
        },
        Some(Err(error)) => rsx! {
            ErrorState { title: "Files could not be loaded", text: error.message, on_retry: move |()| loaded.reload() }
        },
        None => rsx! {},
    }
}

#[component]
fn FilesSkeleton() -> Element {
    rsx! {
        div { class: "scroll sk-late", "aria-busy": "true", "aria-label": "Loading",
            div { class: "files-day" }
            div { class: "fcards",
                for card in 0..12 {
                    div { class: "fcard", key: "{card}",
                        span { class: "fcard-open sk" }
                        div { class: "fcard-body",
                            span { class: "sk sk-line", style: "width:{50 + card * 13 % 40}%" }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn large_numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_284, "1,284"), (1_000_000, "1,000,000")] {
            assert_eq!(grouped(number), text);
        }
    }
}
