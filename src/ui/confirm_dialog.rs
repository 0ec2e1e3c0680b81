//! A confirmation dialog. The focus is on the harmless button.

use dioxus::prelude::*;

use super::dialog::Dialog;

/// `confirm` is the label of the button that acts, `keep` of the other. While `busy`, both are disabled.
#[component]
pub fn ConfirmDialog(
    title: String,
    text: String,
    confirm: String,
    #[props(default = "Cancel".to_owned())] keep: String,
    #[props(default)] busy: bool,
    on_confirm: EventHandler<()>,
    on_close: EventHandler<()>,
    #[props(default)] children: Element,
) -> Element {
    rsx! {
        Dialog { label: "{title}", on_close,
            h3 { "{title}" }
            p { "{text}" }
            {children}
            div { class: "dialog-foot",
                button { class: "btn", r#type: "button", "data-autofocus": "", onclick: move |_| on_close(()), "{keep}" }
                button { class: "btn btn-danger", r#type: "button", disabled: busy, onclick: move |_| on_confirm(()), "{confirm}" }
            }
        }
    }
}
