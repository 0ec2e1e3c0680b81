//! The dialog "Go to". The focus stays in its field; arrows move the choice.

use dioxus::prelude::*;
use lucide_dioxus::{ContactRound, FileText, MessagesSquare, PanelLeft, Search, Zap};

use super::entries::{fixed, of_hits, of_lists};
use crate::channels::conversations::Conversations;
use crate::conversations::go_to::api::find_targets;
use crate::conversations::go_to::model::{Entry, GoToHits, Group, matching};
use crate::people::organizations::components::use_session;
use crate::platform::browser;
use crate::ui::{Dialog, Shortcut, ShortcutGroup, input_method, use_latest};

/// Length of a pause in typing before the request, in milliseconds.
const PAUSE: i32 = 150;

/// What the server found, and for which text.
#[derive(Clone, Default)]
struct Answer {
    search: String,
    hits: GoToHits,
}

/// `recent` is what was opened last, the latest first.
#[component]
pub fn GoToDialog(recent: Vec<Entry>, on_choose: EventHandler<Entry>, on_close: EventHandler<()>) -> Element {
    let conversations: Conversations = use_context();
    let session = use_session();
    let mut typed = use_signal(String::new);
    let mut active = use_signal(|| 0_usize);
    let mut keystrokes = use_signal(|| 0_u32);
    let answer = use_latest(|| None::<Answer>);
    let known = use_memo(move || {
        let lists = conversations.lists.read();
        let rows = lists.as_ref().map(of_lists).unwrap_or_default();
        rows.into_iter().chain(fixed(&session)).collect::<Vec<_>>()
    });
    let groups = use_memo(move || {
        let text = typed.read();
        let mut candidates = known.read().clone();
        if let Some(answer) = &*answer.value.read() {
            // Those of an earlier text match by more than can be seen here.
            if answer.search == text.trim() {
                candidates.extend(of_hits(answer.hits.clone()));
            }
        }
        matching(&candidates, &recent, &text)
    });
    let mut change = move |text: String| {
        typed.set(text);
        active.set(0);
        keystrokes += 1;
        let number = *keystrokes.peek();
        spawn(async move {
            browser::sleep(PAUSE).await;
            let search = typed.peek().trim().to_owned();
            if *keystrokes.peek() != number || search.is_empty() {
                return;
            }
            let asked = answer.begin();
            // Without a response, what is known here is still found.
            if let Ok(hits) = find_targets(Some(search.clone())).await {
                answer.show(asked, Some(Answer { search, hits }));
            }
        });
    };
    let mut entries: Vec<Entry> = Vec::new();
    let mut sections = Vec::new();
    for (group, of_group) in groups() {
        let first = entries.len();
        entries.extend(of_group.iter().cloned());
        sections.push((group, first, of_group));
    }
    let at = active().min(entries.len().saturating_sub(1));
    let active_id = (!entries.is_empty()).then(|| format!("go-to-{at}"));
    let (count, chosen) = (entries.len(), entries.get(at).cloned());
    let on_key = move |event: KeyboardEvent| {
        if input_method::is_composing(&event) {
            return;
        }
        if ShortcutGroup::Anywhere.of(&event) == Some(Shortcut::GoTo) {
            event.prevent_default();
            return on_close(());
        }
        let to = match event.key() {
            Key::ArrowDown if count > 0 => (at + 1) % count,
            Key::ArrowUp if count > 0 => (at + count - 1) % count,
            Key::Enter => {
                event.prevent_default();
                if let Some(entry) = chosen.clone() {
                    on_choose(entry);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        active.set(to);
        browser::show(&format!("#go-to-{to}"));
    };
    let is_waiting = answer.value.read().as_ref().is_none_or(|answer| answer.search != typed.read().trim());
    rsx! {
        Dialog { label: "Go to", class: "go-to", light: true, on_close,
            div { class: "search",
                Search { class: "icon" }
                input {
                    class: "field",
                    r#type: "text",
                    role: "combobox",
                    autocomplete: "off",
                    spellcheck: false,
                    "data-autofocus": "",
                    "aria-label": "Conversation, contact, file, page or action",
                    "aria-autocomplete": "list",
                    "aria-expanded": "true",
                    "aria-controls": "go-to-list",
                    "aria-activedescendant": active_id,
                    placeholder: "Conversation, contact, file, page or action",
                    value: "{typed}",
                    oninput: move |event| change(event.value()),
                    onkeydown: on_key,
                }
            }
            div { class: "go-to-list", id: "go-to-list", role: "listbox", "aria-label": "Matches",
                for (group, first, of_group) in sections {
                    div { key: "{group.title()}", role: "group", "aria-label": group.title(),
                        p { class: "list-section", "aria-hidden": "true", {group.title()} }
                        for (place, entry) in (first..).zip(of_group) {
                            Choice { key: "{place}", entry, place, active, selected: place == at, on_choose }
                        }
                    }
                }
            }
            p { class: "go-to-foot", role: "status",
                if count > 0 {
                    "Arrows move, Enter opens"
                } else if is_waiting {
                    "Searching…"
                } else {
                    "Nothing matches."
                }
            }
        }
    }
}

#[component]
fn Choice(
    entry: Entry,
    place: usize,
    active: Signal<usize>,
    selected: bool,
    on_choose: EventHandler<Entry>,
) -> Element {
    let mut active = active;
    let chosen = entry.clone();
    rsx! {
        button {
            id: "go-to-{place}",
            class: "menu-item",
            r#type: "button",
            role: "option",
            tabindex: "-1",
            "aria-selected": if selected { "true" } else { "false" },
            // Not when the list moves below a pointer that rests.
            onmousemove: move |_| {
                if *active.peek() != place {
                    active.set(place);
                }
            },
            onclick: move |_| on_choose(chosen.clone()),
            GroupIcon { group: entry.group }
            span { class: "truncate", dir: "auto", "{entry.name}" }
            if !entry.detail.is_empty() {
                span { class: "muted truncate go-to-detail", dir: "auto", "{entry.detail}" }
            }
        }
    }
}

#[component]
fn GroupIcon(group: Group) -> Element {
    match group {
        Group::Recent | Group::Conversations => rsx! { MessagesSquare { class: "icon" } },
        Group::Contacts => rsx! { ContactRound { class: "icon" } },
        Group::Files => rsx! { FileText { class: "icon" } },
        Group::Pages => rsx! { PanelLeft { class: "icon" } },
        Group::Actions => rsx! { Zap { class: "icon" } },
    }
}
