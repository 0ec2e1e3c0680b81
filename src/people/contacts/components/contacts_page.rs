//! The page of all contacts by name, with a search, and links to their import and export.

use dioxus::prelude::*;
use lucide_dioxus::{FileDown, FileUp, Plus};

use super::contact_list::{ContactList, PAGE};
use crate::app::Route;
use crate::people::contacts::api::list_contacts;
use crate::people::contacts::model::{Contact, Search};
use crate::people::organizations::api::list_members;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{MemberInfo, Permission};
use crate::platform::error::{AppError, Result};
use crate::ui::{ListSkeleton, NavLink, PageTitle, SearchField, use_loaded};

/// `search` is in the URL, so that a search can be reloaded and shared.
#[component]
pub fn ContactsPage(search: ReadSignal<Search>) -> Element {
    let session = use_session();
    let search = use_memo(move || search().0);
    rsx! {
        PageTitle { text: "Contacts" }
        main { class: "pane page", "data-component": "ContactsPage",
            header { class: "pane-head page-head",
                h1 { class: "pane-title grow", "Contacts" }
                SearchField {
                    label: "Name or phone",
                    action: "/contacts",
                    value: search,
                    on_search: move |search| {
                        navigator().replace(Route::ContactsPage { search: Search(search) });
                    },
                }
                if session.may(Permission::ContactEdit) {
                    NavLink { class: "icon-btn", to: Route::ImportContactsPage {}.href(), label: "Import contacts", title: "Import contacts",
                        FileUp { class: "icon" }
                    }
                    a { class: "icon-btn", href: "/api/contacts/export.csv", download: "", "aria-label": "Export contacts", title: "Export contacts",
                        FileDown { class: "icon" }
                    }
                    NavLink { class: "btn btn-primary", to: Route::NewContactPage {}.href(),
                        Plus { class: "icon" }
                        "Add contact"
                    }
                }
            }
            div { class: "scroll",
                SuspenseBoundary {
                    fallback: |_| rsx! {
                        ListSkeleton { rows: 8 }
                    },
                    LoadedContacts { search }
                }
            }
        }
    }
}

async fn load(search: String) -> Result<(Vec<Contact>, Vec<MemberInfo>), AppError> {
    Ok((list_contacts(Some(search), None, Some(PAGE)).await?, list_members(None).await?))
}

/// Loads the first page. Later searches are loaded by the list itself, which keeps its rows until the new ones arrive.
#[component]
fn LoadedContacts(search: ReadSignal<String>) -> Element {
    use_loaded(move || load(search.peek().clone()))?.show("Contacts", |(first, members)| {
        rsx! {
            ContactList { first, members, search }
        }
    })
}
