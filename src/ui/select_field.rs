//! A select field with few options, as the browser's own list.

use dioxus::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub text: String,
    /// Shown, but not selectable for this person.
    pub disabled: bool,
}

/// `name` is the field's name and, prefixed with `field-`, its id. In a table the label is only for screen readers.
#[component]
pub fn SelectField(
    name: String,
    label: String,
    value: String,
    choices: Vec<Choice>,
    #[props(default)] hint: String,
    #[props(default)] in_table: bool,
    #[props(default)] disabled: bool,
    on_choose: EventHandler<String>,
) -> Element {
    rsx! {
        div {
            label { class: if in_table { "sr-only" } else { "label" }, r#for: "field-{name}", "{label}" }
            select {
                class: "field",
                id: "field-{name}",
                name: "{name}",
                disabled,
                "aria-describedby": (!hint.is_empty()).then(|| format!("hint-{name}")),
                onchange: move |event| on_choose(event.value()),
                for choice in choices {
                    option {
                        key: "{choice.value}",
                        value: "{choice.value}",
                        selected: choice.value == value,
                        disabled: choice.disabled && choice.value != value,
                        "{choice.text}"
                    }
                }
            }
            if !hint.is_empty() {
                p { class: "hint", id: "hint-{name}", "{hint}" }
            }
        }
    }
}
