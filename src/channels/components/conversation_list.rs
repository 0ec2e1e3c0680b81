//! The list of conversations: contacts first, then the team's channels, each latest first.

use dioxus::prelude::*;
use lucide_dioxus::{
    File, FileText, Hash, Image, Images, Inbox, Lock, Mic, OctagonAlert, Plus, SearchX, Trash, UserRoundPlus, Video,
};

use super::conversation_search::{ConversationSearch, SearchButton, SearchLine, use_conversation_search};
use super::conversations::{Conversations, List, Lists};
use super::new_channel_dialog::NewChannelDialog;
use crate::app::Route;
use crate::channels::model::{ChannelKind, Conversation, Preview};
use crate::contacts::model::Contact;
use crate::emoji::components::EmojiText;
use crate::organizations::components::use_session;
use crate::organizations::model::Permission;
use crate::ui::when::WhenStyle;
use crate::ui::{
    Avatar, AvatarKind, EmptyState, Entry, ErrorState, GlyphTile, NavLink, When, use_hydrated, use_roving,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    All,
    Unread,
    Assigned,
}

impl Filter {
    fn takes(self, row: &Conversation) -> bool {
        match self {
            Self::All => true,
            Self::Unread => row.unread_count > 0,
            Self::Assigned => row.assigned,
        }
    }
}

#[component]
pub fn ConversationList() -> Element {
    let conversations: Conversations = use_context();
    let session = use_session();
    let mut filter = use_signal(|| Filter::All);
    let mut adding_channel = use_signal(|| false);
    let search = use_conversation_search();
    let shown = move |row: &&Conversation| filter().takes(row) && search.takes(row);
    let tab = move |value: Filter, text: &'static str| {
        rsx! {
            button {
                class: "tab",
                r#type: "button",
                "aria-pressed": if filter() == value { "true" } else { "false" },
                onclick: move |_| filter.set(value),
                "{text}"
            }
        }
    };
    let loaded = conversations.lists.read().clone();
    let further = match &loaded {
        Ok(lists) if filter() == Filter::All => search.further(&lists.contacts.rows),
        _ => Vec::new(),
    };
    rsx! {
        aside { class: "pane list", "aria-label": "Conversations", "data-component": "ConversationList",
            header { class: "pane-head",
                h2 { class: "pane-title grow", "Inbox" }
                SearchButton { search }
            }
            SearchLine { search }
            div { class: "list-tools", role: "group", "aria-label": "Show",
                {tab(Filter::All, "All")}
                {tab(Filter::Unread, "Unread")}
                {tab(Filter::Assigned, "Assigned to me")}
            }
            div { class: "scroll list-scroll",
                match loaded {
                    Ok(Lists { contacts, team, buckets }) => rsx! {
                        h3 { class: "list-section",
                            "Contacts"
                            if session.may(Permission::ContactEdit) {
                                NavLink { class: "icon-btn icon-btn-sm", to: Route::NewContactPage {}.href(), label: "Add a contact", title: "Add a contact",
                                    Plus { class: "icon icon-14" }
                                }
                            }
                        }
                        Rows { label: "Contacts", rows: contacts.rows.iter().filter(shown).cloned().collect::<Vec<_>>(), further: further.clone() }
                        if !search.is_on() {
                            MoreRows { kind: ChannelKind::Contact, list: contacts.clone() }
                        }
                        if contacts.rows.is_empty() && filter() == Filter::All && !search.is_on() {
                            NoContacts { may_add: session.may(Permission::ContactEdit) }
                        }
                        h3 { class: "list-section",
                            "Team"
                            if session.may(Permission::ChannelCreate) {
                                button { class: "icon-btn icon-btn-sm", r#type: "button", "aria-label": "Add a channel", title: "Add a channel", onclick: move |_| adding_channel.set(true),
                                    Plus { class: "icon icon-14" }
                                }
                            }
                        }
                        Rows { label: "Team", rows: team.rows.iter().filter(shown).cloned().collect::<Vec<_>>() }
                        MoreRows { kind: ChannelKind::Team, list: team.clone() }
                        if session.may(Permission::BucketManage) || !buckets.rows.is_empty() {
                            h3 { class: "list-section",
                                "Buckets"
                                if session.may(Permission::BucketManage) {
                                    NavLink { class: "icon-btn icon-btn-sm", to: Route::NewBucketPage {}.href(), label: "Add a bucket", title: "Add a bucket",
                                        Plus { class: "icon icon-14" }
                                    }
                                }
                            }
                            Rows { label: "Buckets", rows: buckets.rows.iter().filter(shown).cloned().collect::<Vec<_>>() }
                            MoreRows { kind: ChannelKind::Bucket, list: buckets.clone() }
                        }
                        if (filter() != Filter::All || search.is_on()) && further.is_empty() && !contacts.rows.iter().chain(&team.rows).chain(&buckets.rows).any(|row| shown(&row)) {
                            NothingShown { filter: filter(), search }
                        }
                    },
                    Err(error) => rsx! {
                        ErrorState { title: "Conversations could not be loaded", text: error.message, on_retry: move |()| conversations.reload() }
                    },
                }
            }
        }
        if adding_channel() {
            NewChannelDialog { on_close: move |()| adding_channel.set(false) }
        }
    }
}

/// Conversations are there, but none that is asked for.
#[component]
fn NothingShown(filter: Filter, search: ConversationSearch) -> Element {
    if search.is_on() {
        let text = search.text();
        return rsx! {
            EmptyState {
                icon: rsx! {
                    SearchX { class: "icon" }
                },
                title: "No conversation matches “{text}”",
                text: if filter == Filter::All { "Parts of names and phone numbers are found." } else { "Choose All above to search in every conversation." },
            }
        };
    }
    rsx! {
        EmptyState {
            icon: rsx! {
                Inbox { class: "icon" }
            },
            title: if filter == Filter::Unread { "All read" } else { "Nobody is assigned to you" },
            text: if filter == Filter::Unread { "What comes in shows up here." } else { "A colleague can assign you beside a conversation." },
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
            text: if may_add { "Add the first one: what they send is saved under their name." } else { "Contacts that you are assigned to show up here." },
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
                    FoundRow { contact }
                }
            }
        }
    }
}

/// The end of a list that goes on: seen, it loads what comes next.
#[component]
fn MoreRows(kind: ChannelKind, list: List) -> Element {
    let conversations: Conversations = use_context();
    let hydrated = use_hydrated();
    let end = list.rows.last().filter(|_| list.has_more && hydrated).map(Conversation::place);
    rsx! {
        // Made anew for each page: whether an element is seen is told when that changes, and after a short page it would not.
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

#[component]
fn ConversationRow(row: Conversation) -> Element {
    let open = match use_route::<Route>() {
        Route::ConversationPage { channel, .. } => channel == row.channel.id,
        _ => false,
    };
    let unread = row.unread_count;
    let to = Route::conversation(row.channel.id).href();
    let is_contact = row.channel.kind == ChannelKind::Contact;
    rsx! {
        NavLink {
            class: if is_contact { "conv-row" } else { "chan-row" },
            to,
            "data-component": "ConversationRow",
            "data-row": "",
            "data-unread": if unread > 0 { "" },
            current: open,
            if is_contact {
                Avatar {
                    kind: AvatarKind::Contact,
                    id: row.channel.contact_id.map_or(row.channel.id.0, |contact| contact.0),
                    name: row.channel.name.clone(),
                }
                span {
                    span { class: "conv-line",
                        span { class: "conv-name truncate", "{row.channel.name}" }
                        if let Some(last) = &row.last_message {
                            When { at: last.created_at, style: WhenStyle::Short, class: "conv-time" }
                        }
                    }
                    span { class: "conv-line",
                        span { class: "conv-preview",
                            if let Some(last) = row.last_message.clone() {
                                PreviewLine { last }
                            } else {
                                span { class: "truncate", "Nothing yet" }
                            }
                        }
                        Unread { count: unread }
                    }
                }
            } else {
                if let Some(look) = &row.channel.bucket {
                    GlyphTile { name: row.channel.name.clone(), tint: look.color, picture: look.picture_url(), size: 20 }
                } else if row.channel.private {
                    Lock { class: "icon" }
                } else {
                    Hash { class: "icon" }
                }
                span { class: "chan-name truncate", "{row.channel.name}" }
                if row.critical_count > 0 {
                    Critical { critical: row.critical_count, unread }
                } else {
                    Unread { count: unread }
                }
            }
        }
    }
}

/// A contact whose conversation is further down than the lists go.
#[component]
fn FoundRow(contact: Contact) -> Element {
    let to = Route::conversation(contact.channel_id).href();
    rsx! {
        NavLink { class: "conv-row", to, "data-component": "ConversationRow", "data-row": "",
            Avatar { kind: AvatarKind::Contact, id: contact.id.0, name: contact.display_name() }
            span {
                span { class: "conv-line",
                    span { class: "conv-name truncate", "{contact.display_name()}" }
                }
                span { class: "conv-preview",
                    if let Some(phone) = contact.main_phone() {
                        span { class: "truncate num", "{phone}" }
                    }
                }
            }
        }
    }
}

#[component]
fn Unread(count: i64) -> Element {
    if count == 0 {
        return rsx! {};
    }
    let (short, long) =
        if count > 99 { ("99+".to_owned(), "99 or more".to_owned()) } else { (count.to_string(), count.to_string()) };
    rsx! {
        span { class: "count", "aria-label": "{long} unread", "{short}" }
    }
}

/// Unread messages, some of them critical.
#[component]
fn Critical(critical: i64, unread: i64) -> Element {
    let short = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
    rsx! {
        span { class: "count count-critical", "aria-label": "{critical} critical, {unread} unread",
            OctagonAlert { class: "icon" }
            "{short}"
        }
    }
}

/// The last message in a line: its text, or what it carries.
#[component]
fn PreviewLine(last: Preview) -> Element {
    let you = if last.own { "You: " } else { "" };
    if !last.text.is_empty() {
        return rsx! {
            span { class: "truncate",
                "{you}"
                EmojiText { text: last.text }
            }
        };
    }
    let content_type = last.content_type.clone().unwrap_or_default();
    let family = content_type.split('/').next().unwrap_or_default();
    let count = last.attachment_count;
    if count == 0 {
        return rsx! {
            Trash { class: "icon" }
            span { class: "truncate", if last.deleted { "Message deleted" } else { "File deleted" } }
        };
    }
    let (icon, text) = match family {
        "image" if count > 1 => (rsx! { Images { class: "icon" } }, format!("{count} photos")),
        "image" => (rsx! { Image { class: "icon" } }, "Photo".to_owned()),
        "video" => (rsx! { Video { class: "icon" } }, "Video".to_owned()),
        "audio" => (rsx! { Mic { class: "icon" } }, "Voice note".to_owned()),
        _ if count > 1 => (rsx! { File { class: "icon" } }, format!("{count} files")),
        _ => (
            rsx! { FileText { class: "icon" } },
            last.file_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| "File".to_owned()),
        ),
    };
    rsx! {
        {icon}
        span { class: "truncate", "{you}{text}" }
    }
}
