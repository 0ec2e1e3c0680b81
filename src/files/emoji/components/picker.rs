//! The emoji picker, with groups and a search. The focus stays in the search field; arrows move the choice.

use dioxus::prelude::*;
use lucide_dioxus::{Search, X};

use super::catalog::{Catalog, Choice, use_catalog};
use super::emoji_text::EmojiText;
use super::lazy;
use super::recent::{note_recent, recent};
use super::skin_tone::SkinTones;
use crate::platform::browser;
use crate::ui::{Dialog, Entry, Smile, input_method, use_hydrated, use_roving};

/// Columns of the grid; the style sheet has the same number.
const COLUMNS: usize = 8;
/// Maximum number of search results.
const FOUND_MAX: usize = 96;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Recent,
    Own,
    /// A Unicode group, by its index.
    Unicode(usize),
}

/// A button that opens the picker. `returns_to` gets the focus when it closes, else the button does.
#[component]
pub fn EmojiButton(
    label: &'static str,
    #[props(default = "icon-btn")] class: &'static str,
    #[props(default)] returns_to: Option<&'static str>,
    on_choose: EventHandler<String>,
) -> Element {
    let hydrated = use_hydrated();
    let mut open = use_signal(|| false);
    rsx! {
        button {
            class,
            r#type: "button",
            "aria-label": label,
            "aria-haspopup": "dialog",
            title: label,
            disabled: !hydrated,
            "data-picking": if open() { "" },
            onclick: move |_| {
                // The dialog returns the focus to the element that had it before.
                if let Some(field) = returns_to {
                    browser::focus(field);
                }
                open.set(true);
            },
            Smile { plus: returns_to.is_none() }
        }
        if open() {
            lazy::EmojiPicker {
                label,
                on_close: move |()| open.set(false),
                on_choose: move |value: String| {
                    open.set(false);
                    note_recent(&value);
                    on_choose(value);
                },
            }
        }
    }
}

#[component]
pub fn EmojiPicker(label: &'static str, on_choose: EventHandler<String>, on_close: EventHandler<()>) -> Element {
    let catalog = use_catalog();
    let recent = use_hook(recent);
    let mut typed = use_signal(String::new);
    let mut chosen_group = use_signal(|| None::<Group>);
    // The value of the selected choice; without one, or if it is gone, the first is selected.
    let mut active = use_signal(|| None::<String>);
    use_hook(|| spawn(catalog.load()));
    let recent_choices = use_memo(move || catalog.of_values(&recent));
    let first = move || if recent_choices.read().is_empty() { Group::Unicode(0) } else { Group::Recent };
    let group = move || chosen_group().unwrap_or_else(first);
    let searching = !typed.read().trim().is_empty();
    let choices = use_memo(move || match (typed.read().trim(), group()) {
        ("", Group::Recent) => recent_choices(),
        ("", Group::Own) => catalog.own(),
        ("", Group::Unicode(place)) => catalog.group(place),
        (typed, _) => catalog.search(typed, FOUND_MAX),
    });
    let choices = choices();
    let at = choices.iter().position(|choice| Some(&choice.value) == active.read().as_ref()).unwrap_or(0);
    let shown = choices.get(at).cloned();
    let active_id = shown.as_ref().map(|_| format!("emoji-{at}"));
    let chosen = shown.clone().map(|choice| choice.value);
    let values: Vec<_> = choices.iter().map(|choice| choice.value.clone()).collect();
    let on_key = move |event: KeyboardEvent| {
        let to = match event.key() {
            Key::ArrowRight => at + 1,
            Key::ArrowLeft => at.saturating_sub(1),
            Key::ArrowDown => at + COLUMNS,
            Key::ArrowUp => at.checked_sub(COLUMNS).unwrap_or(at),
            // The Enter that ends the composition of an input method chooses nothing.
            _ if input_method::is_composing(&event) => return,
            Key::Enter => {
                event.prevent_default();
                if let Some(value) = chosen.clone() {
                    on_choose(value);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        let to = to.min(values.len().saturating_sub(1));
        active.set(values.get(to).cloned());
        browser::show(&format!("#emoji-{to}"));
    };
    rsx! {
        Dialog { label, class: "picker", light: true, on_close,
            div { class: "picker-head",
                h2 { class: "pane-title grow", "{label}" }
                button { class: "icon-btn", r#type: "button", "aria-label": "Close", onclick: move |_| on_close(()),
                    X { class: "icon" }
                }
            }
            div { class: "picker-bar",
            div { class: "search grow",
                Search { class: "icon" }
                input {
                    class: "field",
                    r#type: "text",
                    role: "combobox",
                    autocomplete: "off",
                    spellcheck: false,
                    "aria-label": "Search emoji",
                    "aria-autocomplete": "list",
                    "aria-expanded": "true",
                    "aria-controls": "emoji-list",
                    "aria-activedescendant": active_id,
                    placeholder: "Search emoji",
                    value: "{typed}",
                    oninput: move |event| {
                        typed.set(event.value());
                        active.set(None);
                        browser::show("#emoji-0");
                    },
                    onkeydown: on_key,
                }
            }
            SkinTones { search: ".picker .search input" }
            }
            Groups {
                catalog,
                group: (!searching).then(group),
                has_recent: !recent_choices.read().is_empty(),
                on_group: move |group| {
                    typed.set(String::new());
                    chosen_group.set(Some(group));
                    active.set(None);
                    browser::show("#emoji-0");
                },
            }
            div { class: "picker-list", id: "emoji-list", role: "listbox", "aria-label": "Emoji",
                for (place, choice) in choices.into_iter().enumerate() {
                    button {
                        key: "{choice.value}",
                        id: "emoji-{place}",
                        class: "picker-emoji",
                        r#type: "button",
                        role: "option",
                        tabindex: "-1",
                        "aria-selected": if place == at { "true" } else { "false" },
                        "aria-label": "{choice.name}",
                        onmouseover: {
                            let value = choice.value.clone();
                            move |_| active.set(Some(value.clone()))
                        },
                        onclick: {
                            let value = choice.value.clone();
                            move |_| on_choose(value.clone())
                        },
                        EmojiText { text: choice.value.clone() }
                    }
                }
            }
            Foot { catalog, shown, searching }
        }
    }
}

/// The name of the choice, or why there is none.
#[component]
fn Foot(catalog: Catalog, shown: Option<Choice>, searching: bool) -> Element {
    rsx! {
        div { class: "picker-foot", role: "status",
            if let Some(text) = (catalog.failure)() {
                span { class: "grow", "{text}" }
                button { class: "btn btn-sm", r#type: "button", onclick: move |_| catalog.load(), "Try again" }
            } else if let Some(choice) = shown {
                span { class: "picker-large", "aria-hidden": "true",
                    EmojiText { text: choice.value }
                }
                span { class: "picker-name truncate", "{choice.name}" }
                if let Some(code) = choice.code {
                    span { class: "muted truncate", "{code}" }
                }
            } else if !catalog.is_loaded() {
                "Loading…"
            } else if searching {
                "No matching emoji."
            }
        }
    }
}

#[component]
fn Groups(catalog: Catalog, group: Option<Group>, has_recent: bool, on_group: EventHandler<Group>) -> Element {
    let roving = use_roving(Entry::First);
    let mut all = Vec::new();
    if has_recent {
        all.push((Group::Recent, "Recent".to_owned(), "🕒".to_owned()));
    }
    if let Some(first) = catalog.own().into_iter().next() {
        all.push((Group::Own, "Custom".to_owned(), first.value));
    }
    for (place, (name, first)) in catalog.groups().into_iter().enumerate() {
        all.push((Group::Unicode(place), name, first));
    }
    rsx! {
        div { class: "picker-groups", role: "toolbar", "aria-label": "Groups", onmounted: move |mounted| roving.start(&mounted),
            for (of, name, first) in all {
                button {
                    key: "{name}",
                    r#type: "button",
                    "data-row": "",
                    "aria-label": "{name}",
                    "aria-pressed": if group == Some(of) { "true" } else { "false" },
                    title: "{name}",
                    onclick: move |_| on_group(of),
                    EmojiText { text: first }
                }
            }
        }
    }
}
