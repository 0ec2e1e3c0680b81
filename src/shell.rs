//! The frame around all pages that require a session: session, live events, drafts, the rail.

use dioxus::prelude::*;
use lucide_dioxus::{ContactRound, Files, Inbox, Settings};

use crate::app::{ICON, Route};
use crate::channels::conversations::{Conversations, use_conversations};
use crate::conversations::desk::{self, GoToHost, NotificationSource};
use crate::conversations::go_to::components::{GoToButton, fetch_go_to, use_go_to};
use crate::conversations::messages::components::{use_message_search, use_recent_conversations, use_scroll_positions};
use crate::conversations::messages::outbox::use_outbox;
use crate::files::emoji::components::use_custom_emoji_source;
use crate::files::library::components::use_saved_files_source;
use crate::files::library::model::FileFilter;
use crate::files::pictures::changes::use_changed_pictures;
use crate::files::uploads::draft::use_drafts;
use crate::files::uploads::queue::fetch_uploads;
use crate::live_event::{LiveEvent, Received, use_live};
use crate::pages::fetch_inbox;
use crate::people::contacts::model::Search;
use crate::people::organizations::api::session;
use crate::people::organizations::components::{refresh, use_session, use_session_provider};
use crate::people::organizations::model::{Permission, SessionInfo};
use crate::platform::browser;
use crate::platform::error::ErrorKind;
use crate::platform::live::{Connection, OpenedPage, use_live_source};
use crate::ui::{
    Avatar, AvatarKind, ErrorState, NavLink, PanelOpen, ThemeMenu, Toaster, UnreadCount, initials, refuse_files,
    use_loaded, use_picture, use_theme, use_time_zone, use_toaster,
};

/// The icon of the tab while there is something unread.
const UNREAD_ICON: Asset = asset!("/assets/logo-unread.svg");

/// Loads the session. Redirects to log-in without one.
#[component]
pub fn AppShell() -> Element {
    rsx! {
        SuspenseBoundary {
            fallback: |_| rsx! {
                div { class: "shell", "aria-busy": "true" }
            },
            LoadedShell {}
        }
    }
}

#[component]
fn LoadedShell() -> Element {
    let loaded = use_loaded(session)?;
    match loaded.get::<SessionInfo>() {
        Some(Ok(info)) => rsx! {
            SignedIn { info }
        },
        Some(Err(error)) if error.kind == ErrorKind::Unauthenticated => {
            browser::go_to_log_in();
            rsx! {}
        }
        Some(Err(error)) => rsx! {
            main { class: "lone",
                ErrorState { title: "Attaché could not be loaded", text: error.message, on_retry: move |()| loaded.reload() }
            }
        },
        None => rsx! {},
    }
}

#[component]
fn SignedIn(info: SessionInfo) -> Element {
    let session = use_session_provider(info.clone());
    use_time_zone(info.now);
    use_toaster();
    use_theme();
    use_live_source::<Received>(OpenedPage { at: info.now, session: info.session_id.0, member: info.member_id.0 });
    use_live(move |event: LiveEvent| {
        if event.changes_access() || matches!(event, LiveEvent::SettingsChanged { .. }) {
            spawn(refresh(session));
        }
    });
    let connection: Connection = use_context();
    use_effect(move || {
        // The stream ends with the session, too. A person who logs out here has left by then.
        if (connection.gaps)() > 0 {
            spawn(async move {
                browser::sleep(1000).await;
                refresh(session).await;
            });
        }
    });
    use_changed_pictures();
    let drafts = use_drafts(info.member_id.0);
    use_outbox(drafts);
    use_conversations()?;
    use_unread_count();
    use_custom_emoji_source()?;
    use_message_search();
    use_scroll_positions();
    use_recent_conversations();
    use_saved_files_source();
    let go_to = use_go_to();
    let mut idle = use_signal(|| false);
    use_effect(move || {
        spawn(async move {
            // Code for later: after what is needed now, before it is requested.
            browser::idle().await;
            fetch_inbox().await;
            fetch_uploads().await;
            desk::fetch().await;
            idle.set(true);
            fetch_go_to().await;
        });
    });
    let route = use_route::<Route>();
    let (layout, pane) = match &route {
        Route::InboxPage {} => ("inbox", "list"),
        Route::ConversationPage { panel, .. } if panel == "open" => ("inbox", "panel"),
        Route::ConversationPage { .. } => ("inbox", "feed"),
        _ => ("page", "list"),
    };
    let panel_open = use_signal(|| true);
    use_context_provider(|| PanelOpen(panel_open));
    let has_panel = matches!(route, Route::ConversationPage { .. }) && panel_open();
    rsx! {
        if matches!(route, Route::ConversationPage { .. }) {
            a { class: "skip", href: "#composer-text", "Skip to writing" }
        }
        div {
            class: "shell",
            // A translator that rewrites counts and states breaks them. Messages can be translated.
            "translate": "no",
            "data-component": "AppShell",
            "data-layout": layout,
            "data-pane": pane,
            "data-panel": if has_panel { "open" } else { "closed" },
            ondragover: move |event| refuse_files(&event),
            ondrop: move |event| refuse_files(&event),
            Rail {}
            Outlet::<Route> {}
        }
        if idle() || go_to.is_open() {
            GoToHost {}
            NotificationSource {}
        }
        Toaster {}
    }
}

/// Shows the number of unread messages in the title and the icon of the tab.
fn use_unread_count() {
    let conversations: Conversations = use_context();
    let count = use_memo(move || conversations.unread_total());
    use_context_provider(|| UnreadCount(count));
    use_effect(move || {
        let icon = if count() > 0 { UNREAD_ICON } else { ICON };
        browser::set_icon(&icon.to_string());
    });
}

#[component]
fn Rail() -> Element {
    let session = use_session();
    let UnreadCount(unread) = use_context();
    let unread = unread();
    let route = use_route::<Route>();
    let in_inbox = route.is_inbox();
    let in_contacts =
        matches!(route, Route::ContactsPage { .. } | Route::NewContactPage {} | Route::ContactPage { .. });
    let in_files = matches!(route, Route::FilesPage { .. });
    let in_settings = route.to_string().starts_with("/settings");
    let organization = session.organization.name.clone();
    let letters = initials(&organization);
    let logo = use_picture(session.organization.id.0, session.organization.logo_url.clone());
    rsx! {
        nav { class: "rail", "aria-label": "Main", "data-component": "Rail",
            span { class: "rail-org", title: "{organization}", "aria-label": "{organization}", role: "img",
                if let Some(logo) = logo {
                    img { src: "{logo}", alt: "" }
                } else {
                    "{letters}"
                }
            }
            NavLink { class: "rail-item", to: Route::InboxPage {}.href(), current: in_inbox,
                Inbox { class: "icon icon-20" }
                "Inbox"
                if unread > 0 {
                    span { class: "count", "aria-label": "{unread} unread",
                        if unread > 99 { "99+" } else { "{unread}" }
                    }
                }
            }
            NavLink { class: "rail-item", to: Route::ContactsPage { search: Search::default() }.href(), current: in_contacts,
                ContactRound { class: "icon icon-20" }
                "Contacts"
            }
            if session.may(Permission::MessageViewAttachment) {
                NavLink { class: "rail-item", to: Route::FilesPage { filter: FileFilter::default() }.href(), current: in_files,
                    Files { class: "icon icon-20" }
                    "Files"
                }
            }
            NavLink { class: "rail-item", to: Route::SettingsPage {}.href(), current: in_settings,
                Settings { class: "icon icon-20" }
                "Settings"
            }
            span { class: "rail-gap" }
            span { class: "phone-hide", GoToButton {} }
            span { class: "phone-hide", ThemeMenu {} }
             NavLink { class: "phone-hide rail-account", to: Route::ProfilePage {}.href(), title: session.user.name.clone(), label: "Your account, {session.user.name}",
                Avatar {
                    kind: AvatarKind::Member,
                    id: session.member_id.0,
                    name: session.user.name.clone(),
                    picture: session.user.avatar_url.clone(),
                }
            }
        }
    }
}
