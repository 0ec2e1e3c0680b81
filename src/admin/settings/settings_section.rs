//! The frame of a settings section.

use dioxus::prelude::*;
use lucide_dioxus::ArrowLeft;

use crate::app::Route;
use crate::ui::{ListSkeleton, NavLink, PageTitle};

/// `title` is the title of the tab and, on a phone, of the header.
#[component]
pub fn SettingsSection(title: String, children: Element) -> Element {
    rsx! {
        PageTitle { text: "{title}" }
        div { class: "pane page", "data-component": "SettingsPage",
            header { class: "pane-head phone-head",
                NavLink { class: "icon-btn", to: Route::SettingsPage {}.href(), label: "Back to settings",
                    ArrowLeft { class: "icon" }
                }
                h1 { class: "pane-title", "{title}" }
            }
            div { class: "scroll",
                div { class: "page-in",
                    SuspenseBoundary {
                        fallback: |_| rsx! {
                            ListSkeleton { rows: 4 }
                        },
                        {children}
                    }
                }
            }
        }
    }
}
