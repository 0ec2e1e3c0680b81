//! Video and audio of a message, played in place.

use dioxus::prelude::*;

use super::FileMenu;
use crate::attachments::model::Attachment;
use crate::ui;

#[component]
pub fn VideoPlayer(file: Attachment) -> Element {
    rsx! {
        ui::VideoPlayer {
            url: file.link(),
            name: file.label(),
            poster: file.poster_url(),
            duration: file.duration(),
            FileMenu { file: file.clone(), class: "on-photo tile-menu" }
        }
    }
}

#[component]
pub fn VoiceNote(file: Attachment) -> Element {
    rsx! {
        ui::VoiceNote { url: file.link(), name: file.label(), duration: file.duration(),
            FileMenu { file: file.clone(), class: "icon-btn icon-btn-sm" }
        }
    }
}
