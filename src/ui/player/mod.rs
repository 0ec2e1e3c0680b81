//! Players for video and audio with our own controls, over the browser's media element. They behave the same for
//! pointer, keys and screen readers, in every browser.

mod lazy;
mod media;
mod seek_bar;
mod video_player;
mod voice_note;

pub use lazy::{VideoPlayer, VoiceNote, fetch as fetch_players};
pub(super) use media::use_media;
