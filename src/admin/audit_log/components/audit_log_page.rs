//! The page of the audit log, for members who manage the organization.

use dioxus::prelude::*;
use lucide_dioxus::{FileClock, FileDown};

use super::audit_filters::{AuditFilters, Query};
use super::audit_table::AuditTable;
use crate::admin::audit_log::filter::AuditFilter;
use crate::admin::audit_log::model::AuditPage;
use crate::admin::settings::SettingsSection;
use crate::ids::AuditEntryId;
use crate::ui::relative_time::use_zone;
use crate::ui::{EmptyState, ErrorState, LoadMore, SectionHead, use_loaded};

/// `filter` is in the URL, so that a search can be reloaded, shared and restored by Back.
#[component]
pub fn AuditLogPage(filter: ReadSignal<AuditFilter>) -> Element {
    rsx! {
        SettingsSection { title: "Audit log", LoadedLog { filter } }
    }
}

#[component]
fn LoadedLog(filter: ReadSignal<AuditFilter>) -> Element {
    let zone = use_zone();
    let query = use_memo(move || Query::new(filter(), zone()));
    use_loaded(move || query.peek().clone().page(None))?.show("The audit log", |first: AuditPage| {
        rsx! {
            Log { filter, query, first }
        }
    })
}

#[component]
fn Log(filter: ReadSignal<AuditFilter>, query: Memo<Query>, first: AuditPage) -> Element {
    let mut next = use_signal(|| first.next);
    let mut entries = use_signal(|| first.entries);
    let mut answered = use_signal(|| query.peek().clone());
    let mut failure = use_signal(|| None::<String>);
    let load = move |before: Option<AuditEntryId>| async move {
        let wanted = query.peek().clone();
        let answer = wanted.clone().page(before).await;
        // A late response for an outdated query is ignored.
        if *query.peek() != wanted {
            return;
        }
        match answer {
            Ok(page) => {
                failure.set(None);
                next.set(page.next);
                if before.is_some() {
                    entries.write().extend(page.entries);
                } else {
                    entries.set(page.entries);
                }
                answered.set(wanted);
            }
            Err(error) => failure.set(Some(error.message)),
        }
    };
    use_effect(move || {
        if *answered.peek() != query() {
            spawn(load(None));
        } else {
            failure.set(None);
        }
    });
    let narrows = answered().filter != AuditFilter::default();
    rsx! {
        section { class: "sec", "data-component": "AuditLog",
            SectionHead {
                title: "Audit log",
                text: "File uploads, downloads, shares and deletions in all conversations, and changes to people, roles, tokens and settings. Views aren't logged.",
                a { class: "btn", href: query().csv_url(), download: "",
                    FileDown { class: "icon" }
                    "Export CSV"
                }
            }
            AuditFilters { filter }
            if let Some(message) = failure() {
                ErrorState { title: "The audit log could not be loaded", text: message, on_retry: move |()| load(None) }
            } else if entries.read().is_empty() {
                EmptyState {
                    icon: rsx! {
                        FileClock { class: "icon" }
                    },
                    title: if narrows { "No matching entries" } else { "No activity yet" },
                    text: if narrows { "Choose a different person, action or date." } else { "File activity and changes to settings appear here." },
                }
            } else {
                AuditTable { entries: entries() }
                if let Some(before) = next() {
                    LoadMore { on_more: move |()| load(Some(before)) }
                }
            }
        }
    }
}
