//! The keys of a list of suggestions over a text field that keeps the focus.

use dioxus::prelude::*;

use super::input_method;

/// What a key means for the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuggestionKey {
    /// Select the suggestion at this index.
    Select(usize),
    /// Insert the selected suggestion.
    Choose,
    /// Close the list.
    Close,
    /// Close the list, and move the caret.
    Leave,
}

/// Returns what a key means for a list of `count` suggestions, of which the one `at` an index is selected. `None` if it is meant for the
/// field.
pub fn suggestion_key(event: &KeyboardEvent, at: usize, count: usize) -> Option<SuggestionKey> {
    if count == 0 || input_method::is_composing(event) {
        return None;
    }
    match event.key() {
        Key::ArrowDown => Some(SuggestionKey::Select((at + 1) % count)),
        Key::ArrowUp => Some(SuggestionKey::Select((at + count - 1) % count)),
        Key::Enter | Key::Tab if !event.modifiers().shift() => Some(SuggestionKey::Choose),
        Key::Escape => Some(SuggestionKey::Close),
        Key::ArrowLeft | Key::ArrowRight | Key::Home | Key::End => Some(SuggestionKey::Leave),
        _ => None,
    }
}
