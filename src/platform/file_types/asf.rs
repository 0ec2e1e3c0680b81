//! Windows Media (Advanced Systems Format).

use super::evidence::contains;

const HEADER: &[u8] = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
/// The stream type of video.
const VIDEO: &[u8] = b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
const SOUND: &[u8] = b"\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";

pub fn is_film(start: &[u8]) -> bool {
    start.starts_with(HEADER) && !is_sound(start)
}

pub fn is_sound(start: &[u8]) -> bool {
    start.starts_with(HEADER) && contains(start, SOUND) && !contains(start, VIDEO)
}
