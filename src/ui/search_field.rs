//! A search field that reports its text when typing pauses.

use dioxus::prelude::*;
use lucide_dioxus::Search;

use crate::platform::browser;

/// Length of the pause, in milliseconds.
const PAUSE: i32 = 200;

/// `value` is the current search; `on_search` receives the new text, trimmed. Before hydration, Enter sends the form to
/// `action` with the text as `search`.
#[component]
pub fn SearchField(
    label: String,
    action: String,
    value: ReadSignal<String>,
    on_search: EventHandler<String>,
) -> Element {
    let mut text = use_signal(|| value.peek().clone());
    let mut told = use_signal(|| value.peek().clone());
    let mut keystrokes = use_signal(|| 0_u32);
    use_effect(move || {
        // The search was changed elsewhere, for example by a link that clears it.
        let value = value();
        if *told.peek() != value {
            told.set(value.clone());
            text.set(value);
        }
    });
    let mut tell = move || {
        let wanted = text.peek().trim().to_owned();
        if *told.peek() != wanted {
            told.set(wanted.clone());
            on_search(wanted);
        }
    };
    let typed = move |event: FormEvent| {
        text.set(event.value());
        keystrokes += 1;
        let number = *keystrokes.peek();
        spawn(async move {
            browser::sleep(PAUSE).await;
            if *keystrokes.peek() == number {
                tell();
            }
        });
    };
    rsx! {
        form {
            class: "search",
            role: "search",
            action,
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                tell();
            },
            Search { class: "icon" }
            input {
                class: "field",
                r#type: "search",
                name: "search",
                autocomplete: "off",
                "aria-label": "{label}",
                placeholder: "{label}",
                value: "{text}",
                oninput: typed,
            }
        }
    }
}
