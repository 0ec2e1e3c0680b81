//! A video that plays in place.

use dioxus::prelude::*;
use lucide_dioxus::{Download, Maximize, Pause, Play, Volume2, VolumeX};

use super::media::{clock, spoken, use_media};
use super::seek_bar::SeekBar;
use crate::ui::{download_url, use_hydrated};

/// `duration` in seconds and `poster`, its placeholder, are shown before anything of the file is loaded. Without them
/// the browser loads both from the file. The children are rendered over the picture.
#[component]
pub fn VideoPlayer(
    url: String,
    name: String,
    #[props(default)] poster: Option<String>,
    #[props(default)] duration: Option<f64>,
    children: Element,
) -> Element {
    let media = use_media(duration);
    let hydrated = use_hydrated();
    let playing = (media.playing)();
    let length = (media.duration)();
    let download_url = download_url(&url);
    if (media.failed)() {
        return rsx! {
            div { class: "video", "data-component": "VideoPlayer",
                div { class: "video-failed",
                    p { "This browser can't play {name}" }
                    a { class: "btn btn-sm", href: download_url, download: "",
                        Download { class: "icon icon-14" }
                        "Download"
                    }
                }
                {children}
            }
        };
    }
    let preload = if poster.is_some() && duration.is_some() { "none" } else { "metadata" };
    let said = length.map(|length| format!(", {}", spoken(length))).unwrap_or_default();
    rsx! {
        div { class: "video", "data-component": "VideoPlayer", "data-playing": if playing { "" },
            video {
                src: url,
                poster,
                preload,
                "playsinline": true,
                "aria-label": "{name}",
                onmounted: move |mounted| media.mount(&mounted),
                onclick: move |_| media.toggle(),
                onplay: move |_| media.note(),
                onpause: move |_| media.note(),
                onended: move |_| media.note(),
                ontimeupdate: move |_| media.note(),
                ondurationchange: move |_| media.note(),
                onvolumechange: move |_| media.note(),
                onerror: move |_| media.go_on_or_fail(),
            }
            if (media.started)() {
                div { class: "video-bar", role: "group", "aria-label": "Player",
                    button {
                        class: "video-btn",
                        r#type: "button",
                        "aria-label": if playing { "Pause" } else { "Play" },
                        // The large button that had the focus is removed.
                        onmounted: move |mounted| async move {
                            let _ = mounted.set_focus(true).await;
                        },
                        onclick: move |_| media.toggle(),
                        if playing {
                            Pause { class: "icon icon-solid" }
                        } else {
                            Play { class: "icon icon-solid" }
                        }
                    }
                    SeekBar { media }
                    span { class: "video-time num", "{clock((media.position)())} / {clock(length.unwrap_or(0.0))}" }
                    button {
                        class: "video-btn",
                        r#type: "button",
                        "aria-label": "Mute",
                        "aria-pressed": if (media.muted)() { "true" } else { "false" },
                        onclick: move |_| media.toggle_mute(),
                        if (media.muted)() {
                            VolumeX { class: "icon" }
                        } else {
                            Volume2 { class: "icon" }
                        }
                    }
                    button { class: "video-btn", r#type: "button", "aria-label": "Full screen", onclick: move |_| media.toggle_fullscreen(),
                        Maximize { class: "icon" }
                    }
                }
            } else {
                button { class: "video-play", r#type: "button", "aria-label": "Play {name}{said}", disabled: !hydrated, onclick: move |_| media.toggle(),
                    span {
                        Play { class: "icon" }
                    }
                }
                if let Some(length) = length {
                    span { class: "tile-badge", "aria-hidden": "true", "{clock(length)}" }
                }
            }
            {children}
            a {
                class: "on-photo tile-download",
                href: download_url,
                download: "",
                "aria-label": "Download {name}",
                title: "Download",
                Download { class: "icon" }
            }
        }
    }
}
