//! Range requests (RFC 9110 §14).

use axum::http::HeaderValue;
use axum::http::header::{self, HeaderMap};
use http_range_header::{StartPosition, parse_range_header};

/// The result of parsing a Range header. Several ranges at once return the whole file, as the standard allows.
#[derive(Debug, PartialEq, Eq)]
pub enum Extent {
    Whole,
    Part { first: u64, last: u64 },
    Unsatisfiable,
}

/// Returns the requested extent of a file of `size` bytes.
pub fn extent(headers: &HeaderMap, etag: &str, size: u64) -> Extent {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let Some(range) = text(header::RANGE) else { return Extent::Whole };
    // A range of another version would not fit (RFC 9110 §13.1.5).
    if text(header::IF_RANGE).is_some_and(|known| known != etag) {
        return Extent::Whole;
    }
    let Ok(mut parsed) = parse_range_header(range) else { return Extent::Whole };
    for range in &mut parsed.ranges {
        if let StartPosition::FromLast(count) = &mut range.start {
            // The last hundred bytes of ten are all ten (§14.1.2).
            *count = (*count).min(size.max(1));
        }
    }
    // No byte of an empty file is in a range, but the parser would return one.
    if size == 0 {
        return Extent::Unsatisfiable;
    }
    match parsed.validate(size) {
        Ok(ranges) => match &ranges[..] {
            [only] => Extent::Part { first: *only.start(), last: *only.end() },
            _ => Extent::Whole,
        },
        Err(_) if range.contains(',') => Extent::Whole,
        Err(_) => Extent::Unsatisfiable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &str, size: u64) -> Extent {
        extent(&HeaderMap::from_iter([(header::RANGE, HeaderValue::from_str(range).unwrap())]), "\"a\"", size)
    }

    #[test]
    fn ranges() {
        assert_eq!(asked("bytes=0-9", 100), Extent::Part { first: 0, last: 9 });
        assert_eq!(asked("bytes=90-", 100), Extent::Part { first: 90, last: 99 });
        assert_eq!(asked("bytes=-10", 100), Extent::Part { first: 90, last: 99 });
        assert_eq!(asked("bytes=90-1000", 100), Extent::Part { first: 90, last: 99 });
        assert_eq!(asked("bytes=-101", 100), Extent::Part { first: 0, last: 99 });
        assert_eq!(asked("bytes=-1", 0), Extent::Unsatisfiable);
        assert_eq!(asked("bytes=0-9", 0), Extent::Unsatisfiable);
        assert_eq!(asked("bytes=100-", 100), Extent::Unsatisfiable);
        assert_eq!(asked("bytes=0-1,3-4", 100), Extent::Whole);
        assert_eq!(asked("lines=0-1", 100), Extent::Whole);
        assert_eq!(asked("bytes=9-0", 100), Extent::Unsatisfiable);
    }

    #[test]
    fn a_part_of_another_version_is_answered_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-9"));
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"b\""));
        assert_eq!(extent(&headers, "\"a\"", 100), Extent::Whole);
    }
}
