//! The pages that create and change a bucket.

use dioxus::prelude::*;
use lucide_dioxus::{ArrowLeft, MessageSquareOff, ShieldOff};

use super::bucket_form::BucketForm;
use crate::app::Route;
use crate::channels::api::get_channel;
use crate::channels::model::{Channel, ChannelKind};
use crate::ids::ChannelId;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::ui::{EmptyState, ErrorState, ListSkeleton, NavLink, PageTitle, use_loaded};

#[component]
pub fn NewBucketPage() -> Element {
    rsx! {
        Frame { title: "New bucket", back: Route::InboxPage {}.href(),
            BucketForm {}
        }
    }
}

#[component]
pub fn BucketPage(bucket: ChannelId) -> Element {
    rsx! {
        Frame { title: "Edit bucket", back: Route::conversation(bucket).href(),
            // Keys only distinguish siblings: in a list of one, another bucket reloads the form.
            for id in [bucket] {
                LoadedBucket { key: "{id}", id }
            }
        }
    }
}

#[component]
fn Frame(title: String, back: String, children: Element) -> Element {
    let session = use_session();
    rsx! {
        PageTitle { text: "{title}" }
        main { class: "pane page", "data-component": "BucketFrame",
            header { class: "pane-head",
                NavLink { class: "icon-btn", to: back, label: "Back", title: "Back",
                    ArrowLeft { class: "icon" }
                }
                h1 { class: "pane-title grow", "{title}" }
            }
            div { class: "scroll",
                if session.may(Permission::BucketManage) {
                    SuspenseBoundary {
                        fallback: |_| rsx! {
                            ListSkeleton { rows: 3 }
                        },
                        {children}
                    }
                } else {
                    EmptyState {
                        icon: rsx! {
                            ShieldOff { class: "icon" }
                        },
                        title: "Your role can't manage buckets",
                        text: "Your role is {session.role.title()}. Ask an admin for the permission “Manage buckets”.",
                        NavLink { class: "btn", to: Route::InboxPage {}.href(), "Go to the inbox" }
                    }
                }
            }
        }
    }
}

#[component]
fn LoadedBucket(id: ChannelId) -> Element {
    let loaded = use_loaded(move || get_channel(id))?;
    match loaded.get::<Channel>() {
        Some(Ok(channel)) if channel.kind == ChannelKind::Bucket => rsx! {
            BucketForm { channel }
        },
        Some(Err(error)) if error.status().is_server_error() => rsx! {
            ErrorState { title: "The bucket could not be loaded", text: error.message, on_retry: move |()| loaded.reload() }
        },
        Some(_) => rsx! {
            EmptyState {
                icon: rsx! {
                    MessageSquareOff { class: "icon" }
                },
                title: "You don't have access to this bucket",
                text: "It may have been deleted.",
                NavLink { class: "btn", to: Route::InboxPage {}.href(), "Go to the inbox" }
            }
        },
        None => rsx! {},
    }
}
