#![no_main]

use attache_fuzz::files::attachments::range::{Extent, extent};
use axum::http::header::{self, HeaderMap, HeaderValue};

libfuzzer_sys::fuzz_target!(|input: (&[u8], u64)| {
    let (range, size) = input;
    let Ok(range) = HeaderValue::from_bytes(range) else { return };
    let headers = HeaderMap::from_iter([(header::RANGE, range)]);
    if let Extent::Part { first, last } = extent(&headers, "\"a\"", size) {
        assert!(first <= last && last < size);
    }
});
