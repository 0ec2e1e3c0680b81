//! The person's skin tone for emoji, stored in this browser.

use dioxus::prelude::*;

use super::catalog::use_catalog;
use crate::files::emoji::model::SkinTone;
use crate::platform::browser;

const KEY: &str = "emoji-skin-tone";
/// A raised hand in each skin tone, for the choices.
const HANDS: [&str; 6] = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"];

fn place_of(tone: SkinTone) -> usize {
    SkinTone::ALL.iter().position(|known| *known == tone).unwrap_or(0)
}

/// Returns the choice on this device.
pub fn kept_tone() -> SkinTone {
    browser::kept_in_browser(KEY)
        .parse()
        .ok()
        .and_then(|place: usize| SkinTone::ALL.get(place).copied())
        .unwrap_or_default()
}

/// A button that shows the selected skin tone and, when pressed, all six.
#[component]
pub fn SkinTones(search: &'static str) -> Element {
    let mut tone = use_catalog().tone;
    let mut open = use_signal(|| false);
    let chosen = tone();
    rsx! {
        button {
            class: "icon-btn picker-tone",
            r#type: "button",
            "aria-label": "Skin tone: {chosen.words()}",
            "aria-expanded": if open() { "true" } else { "false" },
            title: "Skin tone",
            onclick: move |_| open.toggle(),
            {HANDS[place_of(chosen)]}
        }
        if open() {
            div { class: "picker-tones", role: "radiogroup", "aria-label": "Skin tone",
                for (place, known) in SkinTone::ALL.into_iter().enumerate() {
                    label { title: known.words(),
                        input {
                            class: "sr-only",
                            r#type: "radio",
                            name: "skin-tone",
                            "aria-label": known.words(),
                            checked: known == chosen,
                            onchange: move |_| {
                                tone.set(known);
                                browser::keep_in_browser(KEY, &place.to_string());
                            },
                            // Arrows choose; Enter returns to the search.
                            onkeydown: move |event| {
                                if event.key() == Key::Enter {
                                    event.prevent_default();
                                    open.set(false);
                                    browser::focus(search);
                                }
                            },
                        }
                        span { "aria-hidden": "true", {HANDS[place]} }
                    }
                }
            }
        }
    }
}
