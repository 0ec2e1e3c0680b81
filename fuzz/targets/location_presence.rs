#![no_main]

use std::io::Cursor;

use attache_fuzz::files::location::Budget;
use attache_fuzz::files::location::presence::is_present_within;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for content_type in ["image/heic", "video/mp4"] {
        let mut budget = Budget::for_length(bytes.len() as u64);
        let _ = is_present_within(&mut Cursor::new(bytes), content_type, &mut budget);
        assert!(budget.spent() <= 32 * bytes.len() as u64 + 16_000_000 + 8_000_000, "{} steps", budget.spent());
    }
});
