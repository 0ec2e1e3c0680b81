//! Long messages show their beginning, and the rest on request.

use std::collections::HashSet;

use dioxus::prelude::*;

use super::message_text::MessageText;
use crate::channels::mentions::Mention;
use crate::ids::MessageId;

/// A text with more lines or characters is long. The style sheet shows 15 lines of it, so that at least some are hidden.
const LINES_MAX: usize = 20;
const CHARS_MAX: usize = 1600;

fn is_long(text: &str) -> bool {
    text.len() > CHARS_MAX && text.chars().count() > CHARS_MAX || text.lines().count() > LINES_MAX
}

/// The long messages that are shown completely. Kept as long as the page lives.
static UNFOLDED: GlobalSignal<HashSet<MessageId>> = Signal::global(HashSet::new);

/// Shows all of a message, because something in it is being looked for.
pub fn unfold(id: MessageId) {
    if !UNFOLDED.peek().contains(&id) {
        UNFOLDED.write().insert(id);
    }
}

fn fold(id: MessageId) {
    UNFOLDED.write().remove(&id);
}

/// The text of a message. A long one is folded; without script, styles show all of it.
#[component]
pub fn FoldedText(id: MessageId, text: String, mentions: Vec<Mention>) -> Element {
    let is_open = use_memo(use_reactive!(|id| UNFOLDED.read().contains(&id)));
    if !is_long(&text) {
        return rsx! {
            MessageText { text, mentions }
        };
    }
    let whole = format!("text-{id}");
    rsx! {
        div { class: "fold", id: "{whole}", "data-component": "FoldedText", "data-folded": if !is_open() { "" },
            MessageText { text, mentions }
        }
        button {
            class: "link fold-toggle",
            r#type: "button",
            "aria-expanded": if is_open() { "true" } else { "false" },
            "aria-controls": "{whole}",
            onclick: move |_| if is_open() { fold(id) } else { unfold(id) },
            if is_open() { "Show less" } else { "Show all" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_long_by_its_lines_or_characters() {
        assert!(!is_long(&"é".repeat(CHARS_MAX)));
        assert!(is_long(&"é".repeat(CHARS_MAX + 1)));
        assert!(!is_long(&"a\n".repeat(LINES_MAX)));
        assert!(is_long(&"a\n".repeat(LINES_MAX + 1)));
        assert!(!is_long(""));
    }
}
