//! The page of share links: your own, or everyone's for members who manage the organization.

use dioxus::prelude::*;
use lucide_dioxus::Link;

use crate::admin::settings::SettingsSection;
use crate::files::sharing::api::list_share_links;
use crate::files::sharing::components::link_table::LinkTable;
use crate::files::sharing::model::ShareLink;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::ui::{EmptyState, LoadMore, SectionHead, use_loaded};

/// Page size; a shorter page is the last.
const PAGE: usize = 50;

#[component]
pub fn ShareLinksPage() -> Element {
    rsx! {
        SettingsSection { title: "Share links", LoadedLinks {} }
    }
}

#[component]
fn LoadedLinks() -> Element {
    use_loaded(|| list_share_links(None, None, None))?.show("Share links", |first: Vec<ShareLink>| {
        rsx! {
            Links { first }
        }
    })
}

#[component]
fn Links(first: Vec<ShareLink>) -> Element {
    let of_all = use_session().may(Permission::OrganizationManage);
    let mut has_more = use_signal(|| first.len() == PAGE);
    let mut links = use_signal(|| first);
    let load_more = move |()| async move {
        let before = links.peek().last().map(|link| link.id);
        if let Ok(page) = list_share_links(None, None, before).await {
            has_more.set(page.len() == PAGE);
            links.write().extend(page);
        }
    };
    let revoked = move |link: ShareLink| {
        if let Some(row) = links.write().iter_mut().find(|row| row.id == link.id) {
            *row = link;
        }
    };
    rsx! {
        section { class: "sec", "data-component": "ShareLinks",
            SectionHead {
                title: "Share links",
                text: if of_all { "Anyone with these links can open the files without an account. Showing everyone's links." } else { "Anyone with these links can open the files without an account. Showing your links." },
            }
            if links.read().is_empty() {
                EmptyState {
                    icon: rsx! {
                        Link { class: "icon" }
                    },
                    title: "No share links",
                    text: "Create one from a file's menu or from a message with files.",
                }
            } else {
                LinkTable { links: links(), maker: of_all, on_revoked: revoked }
                if has_more() {
                    LoadMore { on_more: load_more }
                }
            }
        }
    }
}
