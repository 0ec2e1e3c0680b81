//! The table of audit entries.

use dioxus::prelude::*;

use crate::admin::audit_log::model::AuditEntry;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Column, FileLabel, NavLink, Table, When};

#[component]
pub fn AuditTable(entries: Vec<AuditEntry>) -> Element {
    rsx! {
        Table {
            label: "Audit log",
            class: "audit",
            columns: vec![Column::Text("Date"), Column::Text("Person"), Column::Text("Action"), Column::Text("File or change"), Column::Text("Conversation")],
            for entry in entries {
                AuditRow { key: "{entry.id}", entry }
            }
        }
    }
}

#[component]
fn AuditRow(entry: AuditEntry) -> Element {
    let place = entry.channel_id.map(|channel| match entry.message_id {
        Some(message) => format!("/inbox/{channel}#m-{message}"),
        None => format!("/inbox/{channel}"),
    });
    rsx! {
        tr { "data-component": "AuditRow",
            td { class: "muted",
                When { at: entry.at, style: WhenStyle::Ago }
            }
            td {
                span { class: "member-text",
                    span { class: "truncate", "{entry.actor.name}" }
                    if let Some(token) = &entry.actor.token {
                        span { class: "muted text-xs truncate", "with the token {token}" }
                    }
                    if let Some(network) = &entry.actor.network {
                        span { class: "muted text-xs num", "{network}" }
                    }
                }
            }
            td { {entry.action.words()} }
            td {
                if !entry.file_name.is_empty() {
                    FileLabel { name: entry.file_name.clone() }
                } else {
                    "{entry.detail}"
                }
            }
            td {
                if let Some(place) = place {
                    NavLink { class: "link truncate", to: place, "{entry.conversation}" }
                }
            }
        }
    }
}
