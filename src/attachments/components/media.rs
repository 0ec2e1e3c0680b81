//! Video and audio, played in place by the browser's own player.

use dioxus::prelude::*;
use lucide_dioxus::Download;

use super::{FileMenu, ThumbnailDownloadLink};
use crate::attachments::model::Attachment;

#[component]
pub fn VideoPlayer(file: Attachment) -> Element {
    let name = file.label().to_owned();
    rsx! {
        div { class: "video", "data-component": "VideoPlayer",
            video { controls: true, preload: "metadata", src: "{file.url}", "aria-label": "{name}" }
            FileMenu { file: file.clone(), class: "on-photo tile-menu" }
            ThumbnailDownloadLink { url: file.url.clone(), name: name.clone() }
        }
    }
}

#[component]
pub fn VoiceNote(file: Attachment) -> Element {
    let name = file.label().to_owned();
    rsx! {
        div { class: "voice-note", "data-component": "VoiceNote",
            audio { controls: true, preload: "metadata", src: "{file.url}", "aria-label": "{name}" }
            FileMenu { file: file.clone() }
            a { class: "icon-btn", href: "{file.url}?download=1", download: "", "aria-label": "Download {name}", title: "Download",
                Download { class: "icon" }
            }
        }
    }
}
