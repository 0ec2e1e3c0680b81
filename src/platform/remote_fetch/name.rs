//! The name of a fetched file: from its Content-Disposition (RFC 6266), else from the end of its URL.

use percent_encoding::percent_decode_str;
use reqwest::Url;
use reqwest::header::{CONTENT_DISPOSITION, HeaderMap};

use crate::platform::content_disposition::file_name;

/// Returns the name as the remote server spells it, not sanitized. Empty if there is none.
pub fn name_of(headers: &HeaderMap, url: &Url) -> String {
    let disposition = headers.get(CONTENT_DISPOSITION);
    disposition
        .and_then(|value| file_name(value.as_bytes()))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| from_url(url))
}

fn from_url(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    percent_decode_str(last).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn named(disposition: &[u8]) -> String {
        let headers =
            HeaderMap::from_iter([(CONTENT_DISPOSITION, HeaderValue::from_bytes(disposition).expect("a header"))]);
        name_of(&headers, &Url::parse("https://example.com/files/from%20url.png?x=/no").expect("a URL"))
    }

    #[test]
    fn the_header_comes_first_and_the_extended_name_before_the_plain_one() {
        assert_eq!(named(b"attachment; filename=\"plain.png\""), "plain.png");
        assert_eq!(named(b"attachment; filename=plain.png ; x=y"), "plain.png");
        assert_eq!(named(b"attachment; FILENAME=\"a;b \\\"c\\\".png\"; x=y"), "a;b \"c\".png");
        assert_eq!(named(b"attachment; filename=\"x\"; filename*=UTF-8''%D1%84%D0%BE%D1%82%D0%BE.png"), "фото.png");
        assert_eq!(named("attachment; filename=\"фото.png\"".as_bytes()), "фото.png");
    }

    #[test]
    fn of_a_path_only_the_end_counts() {
        assert_eq!(named(b"attachment; filename=\"../../etc/passwd\""), "passwd");
        assert_eq!(named(b"attachment; filename*=utf-8''..%2F..%5Cevil.png"), "evil.png");
    }

    #[test]
    fn without_a_name_the_url_gives_one() {
        for none in [&b"inline"[..], b"attachment; filename=\"\"", b"attachment; filename*=utf-16''x", b";;;=", b""] {
            assert_eq!(named(none), "from url.png", "{}", String::from_utf8_lossy(none));
        }
        let none = |url: &str| name_of(&HeaderMap::new(), &Url::parse(url).expect("a URL"));
        assert_eq!(none("https://example.com"), "");
        assert_eq!(none("https://example.com/a/"), "");
        assert_eq!(none("https://example.com/a%2Fb%00.png"), "a/b\0.png");
    }
}
