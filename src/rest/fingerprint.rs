//! What makes two requests the same: method, path and body. Of a multipart body the boundary does not count, for clients draw
//! a new one for each try.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

pub struct Fingerprint {
    hash: Sha256,
    boundary: Vec<u8>,
    /// What may be the beginning of a boundary, or what follows the last one.
    held: Vec<u8>,
}

impl Fingerprint {
    pub fn new(method: &Method, path: &str, headers: &HeaderMap) -> Self {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(content_type).unwrap_or_default().into_bytes();
        let mut hash = Sha256::new();
        hash.update(format!("{method} {path}\n"));
        Self { hash, boundary, held: Vec::new() }
    }

    pub fn add(&mut self, bytes: &[u8]) {
        if self.boundary.is_empty() {
            self.hash.update(bytes);
            return;
        }
        self.held.extend_from_slice(bytes);
        while let Some(at) = memchr::memmem::find(&self.held, &self.boundary) {
            self.hash.update(&self.held[..at]);
            self.held.drain(..at + self.boundary.len());
        }
        let settled = self.held.len().saturating_sub(self.boundary.len() - 1);
        // Line ends and hyphens wait too: a reader may stop before those that end the body.
        let settled = self.held[..settled].iter().rposition(|byte| !b"\r\n-".contains(byte)).map_or(0, |last| last + 1);
        self.hash.update(&self.held[..settled]);
        self.held.drain(..settled);
    }

    pub fn finish(&mut self) -> Vec<u8> {
        let end = self.held.iter().rposition(|byte| !b"\r\n-".contains(byte)).map_or(0, |last| last + 1);
        self.hash.update(&self.held[..end]);
        self.held.clear();
        self.hash.finalize_reset().to_vec()
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
    fn method_and_path_count() {
        let headers = HeaderMap::new();
        let of = |method, path| Fingerprint::new(&method, path, &headers).finish();
        assert_eq!(of(Method::POST, "/a"), of(Method::POST, "/a"));
        assert_ne!(of(Method::POST, "/a"), of(Method::POST, "/b"));
        assert_ne!(of(Method::PATCH, "/a"), of(Method::POST, "/a"));
    }
}
