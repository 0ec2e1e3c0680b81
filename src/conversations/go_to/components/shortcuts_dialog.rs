//! The list of keyboard shortcuts, and of the Markdown of messages.

use dioxus::prelude::*;

use crate::platform::browser;
use crate::ui::{Dialog, ShortcutGroup};

/// What to write, and what it becomes.
const MARKDOWN: [(&str, &str); 7] = [
    ("**text**", "Bold"),
    ("_text_ or *text*", "Italic"),
    ("`text`", "Code"),
    ("[text](https://…)", "A link"),
    ("- text", "An item of a list, at least two; also 1. text"),
    ("> text", "A quote"),
    ("```", "A line before and after a block of code"),
];

#[component]
pub fn ShortcutsDialog(on_close: EventHandler<()>) -> Element {
    let is_apple = browser::is_apple();
    rsx! {
        Dialog { label: "Keyboard shortcuts", class: "dialog shortcuts", light: true, on_close,
            h3 { "Keyboard shortcuts" }
            // It scrolls, by keyboard too.
            div { class: "shortcuts-list", tabindex: "0", role: "group", "aria-label": "Shortcuts", "data-autofocus": "",
                for group in ShortcutGroup::ALL {
                    section { key: "{group.title()}",
                        h4 { {group.title()} }
                        dl {
                            for row in group.rows() {
                                div { key: "{row.does}",
                                    dt { {row.does} }
                                    dd {
                                        for name in row.presses.iter().flat_map(|press| press.names(is_apple)) {
                                            kbd { class: "kbd", key: "{name}", "{name}" }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                section {
                    h4 { "Markdown in messages" }
                    dl {
                        for (written, meaning) in MARKDOWN {
                            div { key: "{written}",
                                dt { "{meaning}" }
                                dd {
                                    code { class: "mono", "{written}" }
                                }
                            }
                        }
                    }
                }
            }
            div { class: "dialog-foot",
                button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "OK" }
            }
        }
    }
}
