#![no_main]

use attache_fuzz::rest::fingerprint::Fingerprint;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::http::Method;
use bytes::Bytes;
use futures::executor::block_on;

/// A body, and into how large pieces it is cut on its way.
type Input<'a> = (&'a [u8], u8);

libfuzzer_sys::fuzz_target!(|input: Input| {
    let (body, piece) = (input.0, usize::from(input.1).max(1));
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=B-1"))]);
    let fingerprint = |piece: usize| {
        let mut fingerprint = Fingerprint::new(&Method::POST, "/", &headers);
        body.chunks(piece).for_each(|piece| fingerprint.add(piece));
        fingerprint.finish()
    };
    assert_eq!(fingerprint(piece), fingerprint(body.len().max(1)), "how a body is cut does not matter");

    let pieces: Vec<Result<Bytes, std::io::Error>> =
        body.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let mut form = multer::Multipart::new(futures::stream::iter(pieces), "B-1");
    block_on(async {
        while let Ok(Some(mut field)) = form.next_field().await {
            let _ = (field.name(), field.file_name(), field.content_type());
            while let Ok(Some(_)) = field.chunk().await {}
        }
    });
});
