//! A filter: a button with the current choice, and the choices in a popover of the browser, which closes on Esc and on
//! a click beside it and is placed under its button.

use dioxus::prelude::*;
use lucide_dioxus::ChevronDown;

use super::use_hydrated;

/// `muted` and `text` are on the button; `label` names the choices; `on` marks a filter that excludes something.
#[component]
pub fn FilterMenu(
    id: &'static str,
    label: &'static str,
    #[props(default)] muted: String,
    text: String,
    #[props(default)] on: bool,
    #[props(default)] class: String,
    children: Element,
) -> Element {
    let hydrated = use_hydrated();
    rsx! {
        button { class: "filter {class}", r#type: "button", "data-on": if on { "" }, "popovertarget": id, "aria-haspopup": "dialog",
            if !muted.is_empty() {
                span { "{muted}" }
            }
            "{text}"
            ChevronDown { class: "icon" }
        }
        fieldset { class: "menu filter-menu", id, "popover": "auto", "aria-label": label, disabled: !hydrated, {children} }
    }
}

/// One of several choices, or, with `many`, one that can be combined with others.
#[component]
pub fn FilterChoice(
    name: &'static str,
    text: String,
    checked: bool,
    #[props(default)] many: bool,
    on_choose: EventHandler<bool>,
) -> Element {
    rsx! {
        label { class: "menu-item",
            input {
                class: if many { "check" } else { "radio" },
                r#type: if many { "checkbox" } else { "radio" },
                name,
                checked,
                onchange: move |event| on_choose(event.checked()),
            }
            span { class: "truncate", "{text}" }
        }
    }
}
