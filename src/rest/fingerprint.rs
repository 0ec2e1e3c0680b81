//! Fingerprints of requests: method, path and body. The boundary of a multipart body is ignored, because clients choose
//! a new one for each attempt.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

pub struct Fingerprint {
    hash: Sha256,
    /// The hash before the last line ends and hyphens: a reader may stop before those that end the body.
    before_end: Option<Sha256>,
    boundary: Vec<u8>,
    /// Bytes that may be the beginning of a boundary, fewer than one.
    held: Vec<u8>,
}

impl Fingerprint {
    pub fn new(method: &Method, path: &str, headers: &HeaderMap) -> Self {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(content_type).unwrap_or_default().into_bytes();
        let mut hash = Sha256::new();
        hash.update(format!("{method} {path}\n"));
        Self { hash, before_end: None, boundary, held: Vec::new() }
    }

    pub fn add(&mut self, bytes: &[u8]) {
        if self.boundary.is_empty() {
            self.hash.update(bytes);
            return;
        }
        self.held.extend_from_slice(bytes);
        let mut from = 0;
        while let Some(at) = memchr::memmem::find(&self.held[from..], &self.boundary) {
            self.hash.update(&self.held[from..from + at]);
            self.before_end = None;
            from += at + self.boundary.len();
        }
        let settled = self.held.len().saturating_sub(self.boundary.len() - 1).max(from);
        self.settle(from, settled);
        self.held.drain(..settled);
    }

    /// Hashes a part of the buffered bytes.
    fn settle(&mut self, from: usize, to: usize) {
        let bytes = &self.held[from..to];
        let end = bytes.iter().rposition(|byte| !b"\r\n-".contains(byte)).map_or(0, |last| last + 1);
        if end > 0 {
            self.hash.update(&bytes[..end]);
            self.before_end = None;
        }
        if end < bytes.len() {
            self.before_end.get_or_insert_with(|| self.hash.clone());
            self.hash.update(&bytes[end..]);
        }
    }

    pub fn finish(&mut self) -> Vec<u8> {
        self.settle(0, self.held.len());
        self.held.clear();
        let hash = self.hash.finalize_reset();
        self.before_end.take().map_or(hash, Digest::finalize).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(boundary: &str, body: &str, chunk: usize) -> Vec<u8> {
        let mut headers = HeaderMap::new();
        let content_type = format!("multipart/form-data; boundary={boundary}");
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(&content_type).unwrap());
        let mut fingerprint = Fingerprint::new(&Method::POST, "/x", &headers);
        for bytes in body.as_bytes().chunks(chunk) {
            fingerprint.add(bytes);
        }
        fingerprint.finish()
    }

    fn form(boundary: &str, text: &str) -> String {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{text}\r\n--{boundary}--\r\n")
    }

    #[test]
    fn the_boundary_and_how_the_body_is_cut_do_not_count() {
        let whole = of("one", &form("one", "hello"), 1000);
        for chunk in [1, 2, 3, 7, 50] {
            assert_eq!(of("another", &form("another", "hello"), chunk), whole, "{chunk}");
        }
        assert_eq!(of("one", form("one", "hello").trim_end_matches("--\r\n"), 5), whole);
        assert_ne!(of("one", &form("one", "hullo"), 1000), whole);
        assert_ne!(of("one", &form("one", "hello\r\n-"), 1000), whole);
    }

    #[test]
    fn a_possible_end_is_not_hashed() {
        let dashes = "-".repeat(300_000);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=b"));
        let mut fingerprint = Fingerprint::new(&Method::POST, "/x", &headers);
        for bytes in dashes.as_bytes().chunks(1000) {
            fingerprint.add(bytes);
            assert!(fingerprint.held.len() < 16);
        }
        let whole = of("one", &form("one", &format!("{dashes}x")), 1000);
        assert_eq!(of("b", &form("b", &format!("{dashes}x")), 7), whole);
        assert_ne!(of("b", &form("b", &format!("-{dashes}x")), 7), whole);
    }

    #[test]
    fn method_and_path_count() {
        let headers = HeaderMap::new();
        let of = |method, path| Fingerprint::new(&method, path, &headers).finish();
        assert_eq!(of(Method::POST, "/a"), of(Method::POST, "/a"));
        assert_ne!(of(Method::POST, "/a"), of(Method::POST, "/b"));
        assert_ne!(of(Method::PATCH, "/a"), of(Method::POST, "/a"));
    }
}
