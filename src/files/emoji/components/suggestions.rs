//! Completion of `:name` while typing, in a text area that keeps the focus.

use dioxus::prelude::*;

use super::catalog::{Catalog, Choice, use_catalog};
use super::emoji_text::EmojiText;
use super::recent::note_recent;
use crate::files::emoji::text::{finished_name, unfinished_name};
use crate::platform::browser;
use crate::ui::{SuggestionKey, suggestion_key};

const SHOWN_MAX: usize = 8;
/// Maximum number of frames until a dialog over the field is closed.
const CLOSING_FRAMES: usize = 30;

/// The suggestions of a text area.
#[derive(Clone, Copy, PartialEq)]
pub struct Suggestions {
    catalog: Catalog,
    /// A selector of the text area.
    field: &'static str,
    /// The text after the colon.
    typed: Signal<Option<String>>,
    choices: Memo<Vec<Choice>>,
    /// The value of the selected suggestion; without one, or if it is gone, the first is selected.
    active: Signal<Option<String>>,
    /// Receives the whole text after an insertion.
    on_text: Callback<String>,
}

pub fn use_suggestions(field: &'static str, on_text: impl FnMut(String) + 'static) -> Suggestions {
    let catalog = use_catalog();
    let typed = use_signal(|| None::<String>);
    let choices = use_memo(move || match &*typed.read() {
        Some(typed) => catalog.search(typed, SHOWN_MAX),
        None => Vec::new(),
    });
    Suggestions { catalog, field, typed, choices, active: use_signal(|| None), on_text: use_callback(on_text) }
}

impl Suggestions {
    /// Returns the id of the selected suggestion, if there is one.
    pub fn active_id(self) -> Option<String> {
        let choices = self.choices.read();
        (!choices.is_empty()).then(|| format!("suggestion-{}", self.place_in(&choices)))
    }

    /// Returns the index of the selected suggestion among the choices.
    fn place_in(self, choices: &[Choice]) -> usize {
        let active = self.active.read();
        choices.iter().position(|choice| Some(&choice.value) == active.as_ref()).unwrap_or(0)
    }

    pub fn close(mut self) {
        self.typed.set(None);
    }

    /// Handles input. A name that its second colon has completed becomes its character.
    pub fn on_input(mut self) {
        let before = browser::text_before_caret(self.field).unwrap_or_default();
        if let Some(name) = finished_name(&before) {
            if let Some(character) = self.catalog.character(name) {
                self.put(name.len() + 2, &character);
            }
            self.close();
            return;
        }
        let typed = unfinished_name(&before).map(str::to_owned);
        if typed.is_some() {
            spawn(self.catalog.load());
        }
        self.active.set(None);
        if *self.typed.peek() != typed {
            self.typed.set(typed);
        }
    }

    /// Handles a key. Returns whether it was meant for the suggestions.
    pub fn takes(mut self, event: &KeyboardEvent) -> bool {
        let choices = (self.choices)();
        let at = self.place_in(&choices);
        match suggestion_key(event, at, choices.len()) {
            Some(SuggestionKey::Select(place)) => self.active.set(Some(choices[place].value.clone())),
            Some(SuggestionKey::Choose) => self.choose(&choices[at]),
            Some(SuggestionKey::Close) => self.close(),
            Some(SuggestionKey::Leave) => {
                self.close();
                return false;
            }
            None => return false,
        }
        event.prevent_default();
        event.stop_propagation();
        true
    }

    fn choose(mut self, choice: &Choice) {
        let Some(typed) = self.typed.take() else { return };
        note_recent(&choice.value);
        self.put(typed.len() + 1, &format!("{} ", choice.value));
    }

    /// Replaces this many characters before the caret with a text; names of emoji have a byte for each. Runs after the
    /// current event, because it causes another one; from a dialog, after that is closed.
    fn put(self, replaced: usize, text: &str) {
        let text = text.to_owned();
        spawn(async move {
            for _ in 0..CLOSING_FRAMES {
                if browser::focus_to_type(self.field) {
                    break;
                }
                browser::next_frame().await;
            }
            if let Some(text) = browser::put_at_caret(self.field, replaced, &text) {
                (self.on_text)(text);
            }
        });
    }

    /// Inserts an emoji at the caret.
    pub fn insert(self, emoji: &str) {
        self.put(0, emoji);
    }
}

/// The list above the text area.
#[component]
pub fn SuggestionList(suggestions: Suggestions) -> Element {
    let mut active = suggestions.active;
    let choices = (suggestions.choices)();
    if choices.is_empty() {
        return rsx! {};
    }
    let chosen = suggestions.place_in(&choices);
    rsx! {
        ul { class: "suggestions", id: "emoji-suggestions", role: "listbox", "aria-label": "Emoji",
            for (place, choice) in choices.into_iter().enumerate() {
                li {
                    key: "{choice.value}",
                    id: "suggestion-{place}",
                    class: "menu-item",
                    role: "option",
                    "aria-selected": if place == chosen { "true" } else { "false" },
                    onmouseover: {
                        let value = choice.value.clone();
                        move |_| active.set(Some(value.clone()))
                    },
                    // The text area keeps the focus.
                    onmousedown: move |event| event.prevent_default(),
                    onclick: {
                        let choice = choice.clone();
                        move |_| suggestions.choose(&choice)
                    },
                    span { class: "suggestion-emoji", "aria-hidden": "true",
                        EmojiText { text: choice.value.clone() }
                    }
                    span { class: "truncate", {choice.code.clone().unwrap_or_else(|| choice.name.clone())} }
                    if choice.code.is_some() {
                        span { class: "muted truncate", "{choice.name}" }
                    }
                }
            }
        }
    }
}
