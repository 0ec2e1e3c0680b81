#![no_main]

use attache_fuzz::attachments::sniff::{by_bytes, judge, may_move, pixel_size};

libfuzzer_sys::fuzz_target!(|start: &[u8]| {
    let seen = by_bytes(start);
    judge(&seen, start);
    for content_type in ["image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", seen.as_str()] {
        if let Some((width, height)) = pixel_size(content_type, start) {
            assert!(width > 0 && height > 0);
        }
        may_move(content_type, start);
    }
});
