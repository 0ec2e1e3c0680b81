//! The list of conversations: contacts first, then the team's channels, each latest first.

use dioxus::prelude::*;
use lucide_dioxus::{Inbox, Plus, UserRoundPlus};

use super::closed_conversations::ClosedConversations;
use super::conversation_row::{ContactHit, ConversationRow};
use super::conversation_search::{ConversationSearch, SearchButton, SearchLine};
use super::lazy::NewChannelDialog;
use super::list_menu::ListMenu;
use super::new_conversation::NewConversation;
use crate::app::Route;
use crate::channels::conversations::{Conversations, List, Lists};
use crate::channels::model::{ChannelKind, Conversation};
use crate::conversations::notifications::NotificationOffer;
use crate::people::contacts::model::Contact;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::browser;
use crate::programs::webhooks::components::FailingWebhooksNotice;
use crate::ui::{EmptyState, Entry, ErrorState, NavLink, use_hydrated, use_roving};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    All,
    Unread,
    Assigned,
    Closed,
}

/// Storage key of the filter of this tab, which survives a reload.
const KEPT_FILTER: &str = "attache-inbox-filter";

impl Filter {
    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Unread => "unread",
            Self::Assigned => "assigned",
            Self::Closed => "closed",
        }
    }

    fn kept() -> Self {
        let kept = browser::kept_in_tab(KEPT_FILTER);
        [Self::Unread, Self::Assigned, Self::Closed]
            .into_iter()
            .find(|filter| kept.as_deref() == Some(filter.name()))
            .unwrap_or(Self::All)
    }

    fn takes(self, row: &Conversation) -> bool {
        match self {
            Self::All | Self::Closed => true,
            Self::Unread => row.unread_count > 0,
            Self::Assigned => row.assigned,
        }
    }
}

/// The children end the list.
#[component]
pub fn ConversationList(children: Element) -> Element {
    let conversations: Conversations = use_context();
    let mut filter = use_signal(|| Filter::All);
    // After hydration, because the server does not know it.
    use_effect(move || filter.set(Filter::kept()));
    let mut adding_channel = use_signal(|| false);
    let search: ConversationSearch = use_context();
    let tab = move |value: Filter, text: &'static str| {
        rsx! {
            button {
                class: "tab",
                r#type: "button",
                "aria-pressed": if filter() == value { "true" } else { "false" },
                onclick: move |_| {
                    filter.set(value);
                    browser::keep_in_tab(KEPT_FILTER, value.name());
                },
                "{text}"
            }
        }
    };
    let loaded = conversations.lists.read().clone();
    rsx! {
        aside { class: "pane list", "aria-label": "Conversations", "data-component": "ConversationList",
            header { class: "pane-head",
                h2 { class: "pane-title grow", "Inbox" }
                SearchButton { search }
                NewConversation { on_channel: move |()| adding_channel.set(true) }
                ListMenu {}
            }
            SearchLine { search }
            FailingWebhooksNotice {}
            NotificationOffer {}
            div { class: "list-tools", role: "group", "aria-label": "Show",
                {tab(Filter::All, "All")}
                {tab(Filter::Unread, "Unread")}
                {tab(Filter::Assigned, "Assigned to me")}
                {tab(Filter::Closed, "Resolved")}
            }
            div { class: "scroll list-scroll",
                match loaded {
                    Ok(_) if filter() == Filter::Closed => rsx! {
                        ClosedConversations {}
                    },
                    Ok(lists) => rsx! {
                        Sections { filter: filter(), lists, on_channel: move |()| adding_channel.set(true) }
                    },
                    Err(error) => rsx! {
                        ErrorState { title: "Conversations could not be loaded", text: error.message, on_retry: move |()| conversations.reload() }
                    },
                }
                {children}
            }
        }
        if adding_channel() {
            NewChannelDialog { on_close: move |()| adding_channel.set(false) }
        }
    }
}

/// The sections of conversations by kind. A search shows only the sections with a match.
#[component]
fn Sections(lists: Lists, filter: Filter, on_channel: EventHandler<()>) -> Element {
    let session = use_session();
    let hydrated = use_hydrated();
    let search: ConversationSearch = use_context();
    let searching = search.is_on();
    // The open conversation stays until another is opened, although it is read by then.
    let open = match use_route::<Route>() {
        Route::ConversationPage { channel, .. } => Some(channel),
        _ => None,
    };
    let takes = |row: &&Conversation| (filter.takes(row) || open == Some(row.channel.id)) && search.takes(row);
    let shown = |list: &List| list.rows.iter().filter(takes).cloned().collect::<Vec<_>>();
    let (contacts, team, buckets) = (shown(&lists.contacts), shown(&lists.team), shown(&lists.buckets));
    let further = if filter == Filter::All { search.further(&lists.contacts.rows) } else { Vec::new() };
    let any_contact = !contacts.is_empty() || !further.is_empty();
    let any = any_contact || !team.is_empty() || !buckets.is_empty();
    let may_manage_buckets = session.may(Permission::BucketManage);
    rsx! {
        if any_contact || !searching {
            h3 { class: "list-section",
                "Contacts"
                if session.may(Permission::ContactEdit) {
                    NavLink { class: "icon-btn icon-btn-sm", to: Route::NewContactPage {}.href(), label: "Add a contact", title: "Add a contact",
                        Plus { class: "icon icon-14" }
                    }
                }
            }
            Rows { label: "Contacts", rows: contacts, further }
        }
        if !searching {
            MoreRows { kind: ChannelKind::Contact, list: lists.contacts.clone() }
            if lists.contacts.rows.is_empty() && filter == Filter::All {
                NoContacts { may_add: session.may(Permission::ContactEdit) }
            }
        }
        if !team.is_empty() || !searching {
            h3 { class: "list-section",
                "Team"
                if session.may(Permission::ChannelCreate) {
                    button { class: "icon-btn icon-btn-sm", r#type: "button", "aria-label": "Add a channel", title: "Add a channel", disabled: !hydrated, onclick: move |_| on_channel(()),
                        Plus { class: "icon icon-14" }
                    }
                }
            }
            Rows { label: "Team", rows: team }
        }
        MoreRows { kind: ChannelKind::Team, list: lists.team }
        if !buckets.is_empty() || (!searching && (may_manage_buckets || !lists.buckets.rows.is_empty())) {
            h3 { class: "list-section",
                "Buckets"
                if may_manage_buckets {
                    NavLink { class: "icon-btn icon-btn-sm", to: Route::NewBucketPage {}.href(), label: "Add a bucket", title: "Add a bucket",
                        Plus { class: "icon icon-14" }
                    }
                }
            }
            Rows { label: "Buckets", rows: buckets }
        }
        MoreRows { kind: ChannelKind::Bucket, list: lists.buckets }
        if !any && (searching || filter != Filter::All) {
            NothingShown { filter, searching }
        }
    }
}

/// Shown if no conversation matches the filter or the search.
#[component]
fn NothingShown(filter: Filter, searching: bool) -> Element {
    if searching {
        let here = if filter == Filter::All {
            "No matching conversations."
        } else {
            "No matches in this filter. Choose All to search everywhere."
        };
        return rsx! {
            h3 { class: "list-section", "Conversations" }
            p { class: "found-note", role: "status", {here} }
        };
    }
    rsx! {
        EmptyState {
            icon: rsx! {
                Inbox { class: "icon" }
            },
            title: if filter == Filter::Unread { "You're all caught up" } else { "Nothing assigned to you" },
            text: if filter == Filter::Unread { "New messages appear here." } else { "Conversations assigned to you appear here." },
        }
    }
}

#[component]
fn NoContacts(may_add: bool) -> Element {
    rsx! {
        EmptyState {
            icon: rsx! {
                UserRoundPlus { class: "icon" }
            },
            title: "No contacts yet",
            text: if may_add { "Add your first contact. Their files are saved under their name." } else { "Contacts assigned to you appear here." },
            if may_add {
                NavLink { class: "btn", to: Route::NewContactPage {}.href(), "Add a contact" }
            }
        }
    }
}

#[component]
fn Rows(label: &'static str, rows: Vec<Conversation>, #[props(default)] further: Vec<Contact>) -> Element {
    let roving = use_roving(Entry::First);
    rsx! {
        ul { "aria-label": label, onmounted: move |mounted| roving.start(&mounted),
            for row in rows {
                li { key: "{row.channel.id}",
                    ConversationRow { row }
                }
            }
            for contact in further {
                li { key: "{contact.channel_id}",
                    ContactHit { contact }
                }
            }
        }
    }
}

/// The end of a list with further pages: loads the next one when it is in view.
#[component]
fn MoreRows(kind: ChannelKind, list: List) -> Element {
    let conversations: Conversations = use_context();
    let hydrated = use_hydrated();
    let end = list.rows.last().filter(|_| list.has_more && hydrated).map(Conversation::place);
    rsx! {
        // Created again for each page, because visibility is reported only when it changes, which a short page would
        // not do.
        for place in end {
            div {
                key: "{place}",
                class: "list-more",
                onvisible: move |event| async move {
                    if event.is_intersecting().unwrap_or(false) {
                        conversations.load_more(kind, place).await;
                    }
                },
                button { class: "btn btn-sm", r#type: "button", onclick: move |_| conversations.load_more(kind, place), "Show more" }
            }
        }
    }
}
