//! The setting for the retention of deleted files.

use dioxus::prelude::*;

use crate::files::quotas::api::set_retention;
use crate::files::quotas::model::Retention;
use crate::ui::{Choice, SelectField, use_hydrated, use_toast};

const FOREVER: &str = "never";
const CHOICES: [(Option<i32>, &str); 6] = [
    (None, "Never (manually only)"),
    (Some(7), "After 7 days"),
    (Some(30), "After 30 days"),
    (Some(90), "After 90 days"),
    (Some(365), "After 1 year"),
    (Some(1825), "After 5 years"),
];

fn value(days: Option<i32>) -> String {
    days.map_or_else(|| FOREVER.to_owned(), |days| days.to_string())
}

#[component]
pub fn RetentionField(first: Option<i32>) -> Element {
    let hydrated = use_hydrated();
    let toast = use_toast();
    let mut days = use_signal(|| first);
    let mut choices: Vec<_> = CHOICES
        .iter()
        .map(|(days, text)| Choice { value: value(*days), text: (*text).to_owned(), disabled: false })
        .collect();
    // A value that was set over the API.
    if let Some(other) = days().filter(|days| !CHOICES.iter().any(|(known, _)| *known == Some(*days))) {
        choices.push(Choice { value: value(Some(other)), text: format!("After {other} days"), disabled: false });
    }
    let choose = move |chosen: String| {
        let retention_days = chosen.parse().ok();
        spawn(async move {
            match set_retention(crate::platform::json::Body(Retention { retention_days })).await {
                Ok(saved) => {
                    days.set(saved.retention_days);
                    toast.show("Saved");
                }
                Err(error) => {
                    // Resets the list to the saved value.
                    days.set(days());
                    toast.show(error.message);
                }
            }
        });
    };
    rsx! {
        div { class: "max-w-80",
            SelectField {
                name: "retention",
                label: "Delete permanently",
                value: value(days()),
                choices,
                hint: "This can't be undone.",
                disabled: !hydrated,
                on_choose: choose,
            }
        }
    }
}
