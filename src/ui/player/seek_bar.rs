//! The position in a recording, and seeking.

use dioxus::prelude::*;

use super::media::{Media, spoken};

/// How far an arrow key moves, in seconds.
const STEP: f64 = 5.0;

/// A slider: arrows move five seconds, Home and End to the ends.
#[component]
pub fn SeekBar(media: Media) -> Element {
    let position = (media.position)();
    let duration = (media.duration)();
    let length = duration.unwrap_or(0.0);
    let percent = if length > 0.0 { position / length * 100.0 } else { 0.0 };
    let on_key = move |event: KeyboardEvent| {
        let by = match event.key() {
            Key::ArrowLeft | Key::ArrowDown => -STEP,
            Key::ArrowRight | Key::ArrowUp => STEP,
            _ => return,
        };
        event.prevent_default();
        let from = *media.position.peek();
        media.seek(from + by);
    };
    rsx! {
        input {
            class: "seek",
            r#type: "range",
            "aria-label": "Position",
            "aria-valuetext": "{spoken(position)} of {spoken(length)}",
            min: "0",
            max: "{length}",
            step: "0.01",
            value: "{position}",
            style: "--p:{percent:.2}%",
            disabled: duration.is_none(),
            onkeydown: on_key,
            oninput: move |event| {
                if let Ok(to) = event.value().parse() {
                    media.seek(to);
                }
            },
        }
    }
}
