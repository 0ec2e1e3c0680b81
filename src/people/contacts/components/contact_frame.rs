//! The frame of a contact's form: title, back link, loading state.

use dioxus::prelude::*;
use lucide_dioxus::{ArrowLeft, ShieldOff};

use crate::app::Route;
use crate::people::contacts::model::Search;
use crate::ui::{EmptyState, ListSkeleton, NavLink, PageTitle};

#[component]
pub fn ContactFrame(title: String, children: Element) -> Element {
    rsx! {
        PageTitle { text: "{title}" }
        main { class: "pane page", "data-component": "ContactFrame",
            header { class: "pane-head",
                NavLink { class: "icon-btn", to: Route::ContactsPage { search: Search::default() }.href(), label: "Back to contacts", title: "Back to contacts",
                    ArrowLeft { class: "icon" }
                }
                h1 { class: "pane-title grow", "{title}" }
            }
            div { class: "scroll",
                SuspenseBoundary {
                    fallback: |_| rsx! {
                        ListSkeleton { rows: 3 }
                    },
                    {children}
                }
            }
        }
    }
}

/// Shown instead of the form to people who may only view contacts.
#[component]
pub fn MayNotEdit(role: String) -> Element {
    rsx! {
        EmptyState {
            icon: rsx! {
                ShieldOff { class: "icon" }
            },
            title: "Your role can't edit contacts",
            text: "Your role is {role}. Ask an admin for the permission “Edit contacts”.",
            NavLink { class: "btn", to: Route::ContactsPage { search: Search::default() }.href(), "Show contacts" }
        }
    }
}
