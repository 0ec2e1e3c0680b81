//! What holds for every answer that is a file, whoever it is from: a browser runs nothing of it, and is not sent again what it
//! has.

use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Whatever the bytes are, in a page of their own they can run nothing and load nothing.
const CSP_FILE: &str = "sandbox; default-src 'none'";
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Keeps a file from doing anything in a browser, and from being shown by other sites.
pub fn confine(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP_FILE));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}

/// What anybody may have, as long as they may: shared caches keep it and ask again each time, other sites may show it.
pub fn make_public(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
}

/// Whether the client has this version already (RFC 9110 §13.1.2).
pub fn is_known(asked: &HeaderMap, etag: &str) -> bool {
    tags(asked, &header::IF_NONE_MATCH).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// Whether the client wants another version than there is, and no other (RFC 9110 §13.1.1).
pub fn wants_another(asked: &HeaderMap, etag: &str) -> bool {
    asked.contains_key(header::IF_MATCH) && !tags(asked, &header::IF_MATCH).any(|tag| tag == "*" || tag == etag)
}

/// A header may come in several lines, and each may name several.
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
