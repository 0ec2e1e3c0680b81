//! A recording in a line: play, position, speed, download.

use dioxus::prelude::*;
use lucide_dioxus::{Download, Pause, Play};

use super::media::{clock, spoken, use_media};
use super::seek_bar::SeekBar;
use crate::ui::{FileLabel, download_url, use_hydrated};

/// Each press selects the next.
const SPEEDS: [f64; 3] = [1.0, 1.5, 2.0];

/// `duration`, in seconds, is shown before anything of the file is loaded. Without it the browser loads it from the
/// file.
#[component]
pub fn VoiceNote(url: String, name: String, #[props(default)] duration: Option<f64>, children: Element) -> Element {
    let media = use_media(duration);
    let hydrated = use_hydrated();
    let playing = (media.playing)();
    let length = (media.duration)();
    let speed = (media.speed)();
    let time = if (media.started)() { Some((media.position)()) } else { length };
    let said = length.map(|length| format!(", {}", spoken(length))).unwrap_or_default();
    let faster = move |_| {
        let place = SPEEDS.iter().position(|known| *known > speed).unwrap_or(0);
        media.set_speed(SPEEDS[place]);
    };
    rsx! {
        div { class: "voice", "data-component": "VoiceNote",
            p { class: "media-name voice-name",
                FileLabel { name: name.clone() }
            }
            audio {
                src: "{url}",
                preload: if duration.is_some() { "none" } else { "metadata" },
                onmounted: move |mounted| media.mount(&mounted),
                onplay: move |_| media.note(),
                onpause: move |_| media.note(),
                onended: move |_| media.note(),
                ontimeupdate: move |_| media.note(),
                ondurationchange: move |_| media.note(),
                onratechange: move |_| media.note(),
                onerror: move |_| media.go_on_or_fail(),
            }
            button {
                class: "voice-play",
                r#type: "button",
                "aria-label": if playing { "Pause {name}" } else { "Play {name}{said}" },
                disabled: !hydrated || (media.failed)(),
                onclick: move |_| media.toggle(),
                if playing {
                    Pause { class: "icon" }
                } else {
                    Play { class: "icon" }
                }
            }
            if (media.failed)() {
                span { class: "muted text-sm truncate voice-failed", "This browser can't play it" }
            } else {
                SeekBar { media }
                span { class: "voice-time num",
                    if let Some(time) = time { "{clock(time)}" }
                }
                button { class: "btn btn-ghost btn-sm num", r#type: "button", "aria-label": "Speed, {speed} times", disabled: !hydrated, onclick: faster, "{speed}×" }
            }
            {children}
            a { class: "icon-btn icon-btn-sm", href: download_url(&url), download: "", "aria-label": "Download {name}", title: "Download",
                Download { class: "icon" }
            }
        }
    }
}
