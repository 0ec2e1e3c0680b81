//! The players of video and audio as a WebAssembly module.

use dioxus::prelude::*;

use super::{video_player, voice_note};

crate::lazy! { "players", PartMeanwhile:
    video_player::VideoPlayer {
        url: String,
        name: String,
        #[props(default)] poster: Option<String>,
        #[props(default)] duration: Option<f64>,
        children: Element,
    }
    voice_note::VoiceNote { url: String, name: String, #[props(default)] duration: Option<f64>, children: Element }
}
