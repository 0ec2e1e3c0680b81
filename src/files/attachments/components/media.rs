//! Video and audio of a message, played in place.

use dioxus::prelude::*;

use super::FileMenu;
use crate::files::attachments::model::Attachment;
use crate::ui;

/// `named`: whether to show the name below.
#[component]
pub fn VideoPlayer(file: Attachment, #[props(default = true)] named: bool) -> Element {
    rsx! {
        figure { class: "media",
            ui::VideoPlayer {
                url: file.link(),
                name: file.label(),
                poster: file.poster_url(),
                duration: file.duration(),
                FileMenu { file: file.clone(), class: "on-photo tile-menu" }
            }
            if named {
                figcaption { class: "media-name",
                    ui::FileLabel { name: file.label() }
                }
            }
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
