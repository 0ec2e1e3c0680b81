//! The phones of a contact in its form: any number of them, one preferred.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, Plus, X};

use crate::people::contacts::model::{Contact, NewPhone, PhoneNumber};
use crate::platform::browser;
use crate::ui::use_hydrated;

/// A line of the form. `number` identifies the line while others are added and removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneLine {
    number: u32,
    text: String,
    preferred: bool,
}

/// Returns the lines for a contact; an empty line for a new one.
pub fn phone_lines(contact: Option<&Contact>) -> Vec<PhoneLine> {
    let phones = contact.map(|contact| contact.phones.as_slice()).unwrap_or_default();
    if phones.is_empty() {
        return vec![PhoneLine { number: 0, text: String::new(), preferred: true }];
    }
    let line = |(number, phone): (u32, &crate::people::contacts::model::Phone)| PhoneLine {
        number,
        text: phone.number.to_string(),
        preferred: phone.preferred,
    };
    (0..).zip(phones).map(line).collect()
}

/// Returns the non-empty lines, to be sent.
pub fn filled_in(lines: &[PhoneLine]) -> Vec<NewPhone> {
    let filled = lines.iter().filter(|line| !line.text.trim().is_empty());
    filled.map(|line| NewPhone { number: line.text.clone(), preferred: line.preferred }).collect()
}

#[component]
pub fn PhoneFields(lines: Signal<Vec<PhoneLine>>, error: Option<String>) -> Element {
    let mut lines = lines;
    let add = move |_| {
        let number = lines.peek().iter().map(|line| line.number + 1).max().unwrap_or(0);
        let preferred = lines.peek().is_empty();
        lines.write().push(PhoneLine { number, text: String::new(), preferred });
        spawn(async move {
            // The line is drawn after this event.
            browser::sleep(0).await;
            browser::focus(&format!("#field-phone-{number}"));
        });
    };
    let mut remove = move |number: u32| {
        let mut lines = lines.write();
        let was_preferred = lines.iter().any(|line| line.number == number && line.preferred);
        lines.retain(|line| line.number != number);
        if was_preferred && let Some(first) = lines.first_mut() {
            first.preferred = true;
        }
        drop(lines);
        spawn(async {
            browser::sleep(0).await;
            browser::focus("#add-phone");
        });
    };
    let mut prefer = move |number: u32| {
        for line in lines.write().iter_mut() {
            line.preferred = line.number == number;
        }
    };
    let mut write = move |number: u32, text: String| {
        if let Some(line) = lines.write().iter_mut().find(|line| line.number == number) {
            line.text = text;
        }
    };
    let hydrated = use_hydrated();
    let several = lines.read().len() > 1;
    let wrong = |text: &str| error.is_some() && !text.trim().is_empty() && PhoneNumber::parse(text).is_err();
    rsx! {
        fieldset { class: "fieldset", "data-component": "PhoneFields",
            legend { class: "label", "Phones" }
            for (place, line) in lines().into_iter().enumerate() {
                div { class: "phone-line", key: "{line.number}",
                    input {
                        class: "field",
                        id: "field-phone-{line.number}",
                        r#type: "tel",
                        autocomplete: "off",
                        "aria-label": "Phone {place + 1}",
                        "aria-invalid": if wrong(&line.text) { "true" },
                        "aria-describedby": if error.is_some() { "hint-phones" },
                        placeholder: "+1 (555) 123-4567",
                        value: "{line.text}",
                        oninput: move |event| write(line.number, event.value()),
                    }
                    if several {
                        label { class: "phone-preferred",
                            input {
                                class: "radio",
                                r#type: "radio",
                                name: "preferred",
                                disabled: !hydrated,
                                checked: line.preferred,
                                onchange: move |_| prefer(line.number),
                            }
                            "Preferred"
                            span { class: "sr-only", " is phone {place + 1}" }
                        }
                    }
                    button {
                        class: "icon-btn",
                        r#type: "button",
                        "aria-label": "Remove phone {place + 1}",
                        disabled: !hydrated,
                        title: "Remove",
                        onclick: move |_| remove(line.number),
                        X { class: "icon" }
                    }
                }
            }
            if let Some(error) = error {
                p { class: "hint hint-error", id: "hint-phones", role: "alert",
                    CircleAlert { class: "icon" }
                    "{error}"
                }
            }
            button { class: "btn btn-ghost", id: "add-phone", r#type: "button", disabled: !hydrated, onclick: add,
                Plus { class: "icon" }
                "Add phone"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_are_not_sent() {
        let line = |number, text: &str| PhoneLine { number, text: text.to_owned(), preferred: number == 1 };
        let sent = filled_in(&[line(0, "  "), line(1, "+1 555")]);
        assert_eq!(sent, vec![NewPhone { number: "+1 555".to_owned(), preferred: true }]);
    }
}
