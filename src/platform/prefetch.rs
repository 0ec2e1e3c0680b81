//! Prefetch requests, which a browser makes before somebody asks for the resource.

use axum::http::header::HeaderMap;

use super::error::{AppError, ErrorKind, Result};

/// `Sec-Purpose` (Fetch §3.10), and its predecessors.
const HEADERS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// Returns whether a page or file is prefetched, and perhaps never shown.
pub fn is_prefetch(headers: &HeaderMap) -> bool {
    let values = HEADERS.iter().flat_map(|name| headers.get_all(*name)).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split([';', ','])).any(|word| {
        ["prefetch", "prerender", "preview"].iter().any(|purpose| word.trim().eq_ignore_ascii_case(purpose))
    })
}

/// Rejects the prefetch of a resource that is logged as a download. Serving it without an entry would bypass the log.
pub fn reject_prefetch(headers: &HeaderMap) -> Result<()> {
    if is_prefetch(headers) {
        return Err(AppError::new(
            ErrorKind::Unavailable,
            "Downloads cannot be prefetched. Send the request without Sec-Purpose.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::HeaderName;

    use super::*;

    #[test]
    fn a_prefetch_is_detected_by_its_headers() {
        let asked = |name: &'static str, value: &'static str| {
            let header = (HeaderName::from_static(name), HeaderValue::from_static(value));
            is_prefetch(&HeaderMap::from_iter([header]))
        };
        for value in ["prefetch", "prefetch;prerender", "prefetch; anonymous-client-ip", "Prefetch", "prerender"] {
            assert!(asked("sec-purpose", value), "{value}");
        }
        for name in ["purpose", "x-purpose", "x-moz"] {
            assert!(asked(name, "prefetch"), "{name}");
        }
        assert!(asked("x-purpose", "preview"));
        for value in ["", "navigate", "prefetched", "no-prefetch"] {
            assert!(!asked("sec-purpose", value), "{value}");
        }
        assert!(!asked("sec-fetch-purpose", "prefetch") && !is_prefetch(&HeaderMap::new()));
    }
}
