//! The user's file requests. Members who manage the organization see all of them.

use dioxus::prelude::*;
use lucide_dioxus::FileInput;

use crate::admin::settings::SettingsSection;
use crate::conversations::file_requests::api::list_file_requests;
use crate::conversations::file_requests::components::FileRequestTable;
use crate::files::requests::model::FileRequest;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::ui::{EmptyState, LoadMore, SectionHead, use_loaded};

/// Requests of a page; a shorter page is the last.
const PAGE: usize = 50;

#[component]
pub fn FileRequestsPage() -> Element {
    rsx! {
        SettingsSection { title: "File requests", LoadedRequests {} }
    }
}

#[component]
fn LoadedRequests() -> Element {
    use_loaded(|| list_file_requests(None))?.show("File requests", |first: Vec<FileRequest>| {
        rsx! {
            Requests { first }
        }
    })
}

#[component]
fn Requests(first: Vec<FileRequest>) -> Element {
    let of_all = use_session().may(Permission::OrganizationManage);
    let mut has_more = use_signal(|| first.len() == PAGE);
    let mut requests = use_signal(|| first);
    let load_more = move |()| async move {
        let before = requests.peek().last().map(|request| request.id);
        if let Ok(page) = list_file_requests(before).await {
            has_more.set(page.len() == PAGE);
            requests.write().extend(page);
        }
    };
    let revoked = move |request: FileRequest| {
        if let Some(row) = requests.write().iter_mut().find(|row| row.id == request.id) {
            *row = request;
        }
    };
    rsx! {
        section { class: "sec", "data-component": "FileRequests",
            SectionHead {
                title: "File requests",
                text: if of_all { "Anyone with these links can send files without an account. Showing everyone's requests." } else { "Anyone with these links can send files without an account. Showing your requests." },
            }
            if requests.read().is_empty() {
                EmptyState {
                    icon: rsx! {
                        FileInput { class: "icon" }
                    },
                    title: "No file requests",
                    text: "Request files from a contact's conversation or a team channel.",
                }
            } else {
                FileRequestTable { requests: requests(), maker: of_all, on_revoked: revoked }
                if has_more() {
                    LoadMore { on_more: load_more }
                }
            }
        }
    }
}
