#![no_main]

use attache_fuzz::files::attachments::sniff::{may_move, pixel_size};
use attache_fuzz::platform::file_types::recognize::{by_bytes, judge};

libfuzzer_sys::fuzz_target!(|start: &[u8]| {
    let seen = by_bytes(start);
    judge(seen, "", start);
    for content_type in ["image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", seen] {
        if let Some((width, height)) = pixel_size(content_type, start) {
            assert!(width > 0 && height > 0);
        }
        may_move(content_type, start);
    }
});
