//! A labeled text field with its hint or its error.

use dioxus::prelude::*;
use lucide_dioxus::CircleAlert;

use crate::platform::error::AppError;

/// An error of a form: the field at fault, if there is one, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldError {
    pub field: Option<String>,
    pub message: String,
}

impl From<AppError> for FieldError {
    fn from(error: AppError) -> Self {
        Self { field: error.field, message: error.message }
    }
}

impl FieldError {
    /// Returns the message, if it is about this field.
    pub fn on(error: Option<&Self>, name: &str) -> Option<String> {
        error.filter(|error| error.field.as_deref() == Some(name)).map(|error| error.message.clone())
    }
}

/// `name` is the field's name in the form and, prefixed with `field-`, its id.
#[component]
pub fn Field(
    name: String,
    label: String,
    value: Signal<String>,
    #[props(default = "text".to_owned())] r#type: String,
    #[props(default)] autocomplete: String,
    #[props(default)] placeholder: String,
    /// The keyboard on a phone, such as `numeric`.
    #[props(default)]
    inputmode: Option<String>,
    #[props(default)] hint: String,
    #[props(default)] error: Option<String>,
    #[props(default)] autofocus: bool,
) -> Element {
    let mut value = value;
    let invalid = error.is_some();
    rsx! {
        div {
            label { class: "label", r#for: "field-{name}", "{label}" }
            input {
                class: "field",
                id: "field-{name}",
                name: "{name}",
                r#type,
                autocomplete,
                placeholder,
                inputmode,
                value: "{value}",
                autofocus,
                "data-autofocus": if autofocus { "" },
                "aria-invalid": if invalid { "true" },
                "aria-describedby": if invalid || !hint.is_empty() { "hint-{name}" },
                oninput: move |event| value.set(event.value()),
            }
            if let Some(error) = error {
                p { class: "hint hint-error", id: "hint-{name}", role: "alert",
                    CircleAlert { class: "icon" }
                    "{error}"
                }
            } else if !hint.is_empty() {
                p { class: "hint", id: "hint-{name}", "{hint}" }
            }
        }
    }
}
