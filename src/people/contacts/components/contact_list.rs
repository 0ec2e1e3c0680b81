//! The list of contacts: filtered by the search, loaded by pages, updated by live events.

use dioxus::prelude::*;
use lucide_dioxus::{Pencil, SearchX, UserRoundPlus};

use crate::app::Route;
use crate::live_event::{LiveEvent, use_live};
use crate::people::contacts::api::list_contacts;
use crate::people::contacts::model::{Contact, Search};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{MemberInfo, Permission};
use crate::ui::{Avatar, AvatarKind, EmptyState, ErrorState, NavLink, use_hydrated, use_request_order, use_toast};

/// Page size.
pub const PAGE: i64 = 50;
/// Maximum page size of the API.
const PAGE_MAX: i64 = 200;

/// The loaded contacts, and the search that they match.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    search: String,
    rows: Vec<Contact>,
    has_more: bool,
}

impl Found {
    fn new(search: String, rows: Vec<Contact>, asked: i64) -> Self {
        let has_more = is_full(&rows, asked);
        Self { search, rows, has_more }
    }
}

/// Returns whether the page is full. A shorter one is the last.
fn is_full(rows: &[Contact], asked: i64) -> bool {
    i64::try_from(rows.len()).is_ok_and(|count| count >= asked)
}

#[component]
pub fn ContactList(first: Vec<Contact>, members: Vec<MemberInfo>, search: ReadSignal<String>) -> Element {
    let session = use_session();
    let toast = use_toast();
    let hydrated = use_hydrated();
    let mut found = use_signal(|| Found::new(search.peek().clone(), first, PAGE));
    let mut failure = use_signal(|| None::<String>);
    let mut loading_more = use_signal(|| false);
    let order = use_request_order();
    let fetch = move || async move {
        let number = order.begin();
        let text = search.peek().clone();
        let shown = i64::try_from(found.peek().rows.len()).unwrap_or(PAGE);
        let limit = if found.peek().search == text { shown.clamp(PAGE, PAGE_MAX) } else { PAGE };
        let answer = list_contacts(Some(text.clone()), None, Some(limit)).await;
        // A late response for an outdated search is ignored.
        if *search.peek() != text || !order.shows(number) {
            return;
        }
        failure.set(answer.as_ref().err().map(|error| error.message.clone()));
        if let Ok(rows) = answer {
            found.set(Found::new(text, rows, limit));
        }
    };
    use_effect(move || {
        if found.peek().search != search() {
            spawn(fetch());
        }
    });
    use_live(move |event: LiveEvent| {
        let changes_list = match event {
            LiveEvent::ContactCreated { .. } | LiveEvent::ContactUpdated { .. } => true,
            _ => event.changes_access(),
        };
        if changes_list {
            spawn(fetch());
        }
    });
    let load_more = move |_| async move {
        let Some(after) = found.peek().rows.last().map(|contact| contact.id) else { return };
        loading_more.set(true);
        let text = found.peek().search.clone();
        let answer = list_contacts(Some(text.clone()), Some(after), Some(PAGE)).await;
        loading_more.set(false);
        match answer {
            Ok(more) if found.peek().search == text => {
                let mut found = found.write();
                found.has_more = is_full(&more, PAGE);
                found.rows.extend(more);
            }
            Ok(_) => {}
            Err(error) => toast.show(error.message),
        }
    };
    if let Some(text) = failure() {
        return rsx! {
            ErrorState { title: "Contacts could not be loaded", text, on_retry: move |()| { spawn(fetch()); } }
        };
    }
    let Found { search: answered, rows, has_more } = found();
    let may_edit = session.may(Permission::ContactEdit);
    if rows.is_empty() {
        return rsx! {
            NoContacts { search: answered, may_edit }
        };
    }
    rsx! {
        div { class: "contact-head", "aria-hidden": "true",
            span { "Name" }
            span { "Phones" }
            span { "Assigned" }
        }
        ul { class: "contact-rows", "aria-label": "Contacts", "aria-busy": (answered != search()).then_some("true"),
            for contact in rows {
                ContactRow { key: "{contact.id}", contact: contact.clone(), assigned: assigned(&contact, &members), may_edit }
            }
        }
        if has_more {
            p { class: "contact-more",
                button { class: "btn", r#type: "button", disabled: loading_more() || !hydrated, onclick: load_more, "Load more" }
            }
        }
    }
}

fn assigned(contact: &Contact, members: &[MemberInfo]) -> Vec<MemberInfo> {
    members.iter().filter(|member| contact.member_ids.contains(&member.id)).cloned().collect()
}

#[component]
fn ContactRow(contact: Contact, assigned: Vec<MemberInfo>, may_edit: bool) -> Element {
    let name = contact.display_name();
    let main = contact.main_phone().map(ToString::to_string);
    let others: Vec<_> = contact.phones.iter().map(|phone| phone.number.to_string()).collect();
    let others: Vec<_> = others.into_iter().filter(|number| Some(number) != main.as_ref()).collect();
    let others = others.join(", ");
    let preferred = !others.is_empty() && contact.phones.iter().any(|phone| phone.preferred);
    let names: Vec<_> = assigned.iter().map(|member| member.name.as_str()).collect();
    let names = names.join(", ");
    rsx! {
        li { class: "contact-row", "data-component": "ContactRow",
            Avatar { kind: AvatarKind::Contact, id: contact.id.0, name: name.clone() }
            NavLink {
                class: "contact-name truncate",
                to: Route::conversation(contact.channel_id).href(),
                "{name}"
            }
            span { class: "contact-phones num",
                if let Some(main) = main {
                    span { class: "truncate", "{main}" }
                    if preferred {
                        span { class: "tag phone-hide", "Preferred" }
                    }
                    if !others.is_empty() {
                        span { class: "truncate muted phone-hide", "{others}" }
                    }
                } else {
                    span { class: "muted", "No phone" }
                }
            }
            span { class: "contact-members", title: "{names}",
                for member in assigned.iter().take(3) {
                    Avatar { key: "{member.id}", kind: AvatarKind::Member, id: member.id.0, name: member.name.clone(), picture: member.avatar_url.clone(), size: 24 }
                }
                if names.is_empty() {
                    span { class: "muted phone-hide", "Unassigned" }
                } else {
                    span { class: "sr-only", "Assigned: " }
                    span { class: "contact-members-names truncate", "{names}" }
                }
            }
            if may_edit {
                NavLink { class: "icon-btn", to: Route::ContactPage { contact: contact.id }.href(), label: "Edit {name}", title: "Edit",
                    Pencil { class: "icon" }
                }
            }
        }
    }
}

#[component]
fn NoContacts(search: String, may_edit: bool) -> Element {
    if !search.is_empty() {
        return rsx! {
            EmptyState {
                icon: rsx! {
                    SearchX { class: "icon" }
                },
                title: "No contact matches “{search}”",
                text: "Search by any part of a name, or by a phone number in any format.",
                NavLink { class: "btn", to: Route::ContactsPage { search: Search::default() }.href(), "Show all contacts" }
            }
        };
    }
    rsx! {
        EmptyState {
            icon: rsx! {
                UserRoundPlus { class: "icon" }
            },
            title: "No contacts yet",
            text: if may_edit { "Add your first contact. Their files are saved under their name." } else { "Contacts assigned to you appear here." },
            if may_edit {
                NavLink { class: "btn", to: Route::NewContactPage {}.href(), "Add the first contact" }
            }
        }
    }
}
