//! Rules for all responses that are files, from any user: a browser runs nothing of them, and does not download an
//! unchanged file again.

use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Keeps a file that is opened as a page from running or loading anything.
const CSP_FILE: &str = "sandbox; default-src 'none'";
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Sets the headers that isolate a file in a browser, and keep other sites from embedding it.
pub fn confine(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP_FILE));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}

/// Sets the headers of a public file: shared caches store and revalidate it, other sites may embed it.
pub fn make_public(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
}

/// Returns whether the client already has this version (RFC 9110 §13.1.2).
pub fn is_known(asked: &HeaderMap, etag: &str) -> bool {
    tags(asked, &header::IF_NONE_MATCH).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// Returns whether the client requires another version than the current one (RFC 9110 §13.1.1).
pub fn wants_another(asked: &HeaderMap, etag: &str) -> bool {
    asked.contains_key(header::IF_MATCH) && !tags(asked, &header::IF_MATCH).any(|tag| tag == "*" || tag == etag)
}

/// Returns the entity tags of a header. It may occur on several lines, and each may have several tags.
fn tags<'a>(asked: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = asked.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_its_whole_tag() {
        let known = |text: &'static str| {
            is_known(&HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(text))]), "\"a\"")
        };
        assert!(known("\"a\"") && known("W/\"a\"") && known("\"b\", \"a\"") && known("*"));
        assert!(!known("\"b\"") && !known("x\"a\"x") && !known(""));
        assert!(!is_known(&HeaderMap::new(), "\"a\""));
        let mut lines = HeaderMap::new();
        lines.append(header::IF_NONE_MATCH, HeaderValue::from_static("\"b\""));
        lines.append(header::IF_NONE_MATCH, HeaderValue::from_static("\"a\""));
        assert!(is_known(&lines, "\"a\""));
    }

    #[test]
    fn a_version_is_wanted_by_its_whole_strong_tag() {
        let refused = |text: &'static str| {
            wants_another(&HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static(text))]), "\"a\"")
        };
        assert!(refused("\"b\"") && refused("W/\"a\"") && refused(""));
        assert!(!refused("\"a\"") && !refused("\"b\", \"a\"") && !refused("*"));
        assert!(!wants_another(&HeaderMap::new(), "\"a\""));
    }
}
