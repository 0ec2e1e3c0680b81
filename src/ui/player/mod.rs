//! Video and audio with controls of our own, over the browser's media element. Each is one thing for a pointer, for keys and for
//! screen readers, in every browser.

mod lazy;
mod media;
mod seek_bar;
mod video_player;
mod voice_note;

pub use lazy::{VideoPlayer, VoiceNote, fetch as fetch_players};
pub(super) use media::use_media;
