//! Headers of proxies: `X-Forwarded-For` and `X-Forwarded-Proto`, or `Forwarded` (RFC 7239). docs/operating.md has the
//! table.
//!
//! Each proxy appends what it knows. With `n` trusted proxies, the outermost of them added the `n`th entry from the
//! end; all entries before it came from the client and may be forged.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// Returns the client's address. `None` without trusted proxies, and if they report no address.
pub fn client(headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    address(&entry(headers, "x-forwarded-for", "for", proxies)?)
}

/// Returns whether the client used https.
pub fn is_https(headers: &HeaderMap, proxies: usize) -> bool {
    entry(headers, "x-forwarded-proto", "proto", proxies).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// Returns the entry of the outermost trusted proxy: in its own header, else as a parameter of `Forwarded`.
fn entry(headers: &HeaderMap, own: &str, parameter: &str, proxies: usize) -> Option<String> {
    if proxies == 0 {
        return None;
    }
    let mut entries = list(headers, own, |line| line.split(',').collect());
    if entries.is_empty() {
        let elements = list(headers, "forwarded", |line| split(line, ','));
        entries = elements.iter().map(|element| value(element, parameter)).collect();
    }
    // Some proxies don't add to every header: if there are too few entries, one of them still added the first.
    let place = entries.len().saturating_sub(proxies);
    entries.into_iter().nth(place)
}

/// Returns the elements of all lines of a header.
fn list(headers: &HeaderMap, name: &str, split: impl Fn(&str) -> Vec<&str>) -> Vec<String> {
    let mut elements = Vec::new();
    for line in headers.get_all(name) {
        elements.extend(split(&String::from_utf8_lossy(line.as_bytes())).into_iter().map(|one| one.trim().to_owned()));
    }
    elements
}

/// Splits at a separator outside of quotes. An open quote of a client must not hide entries that proxies add after it:
/// unmatched quotes are treated as ordinary characters.
fn split(text: &str, separator: char) -> Vec<&str> {
    if text.matches('"').count() % 2 == 1 {
        return text.split(separator).collect();
    }
    let mut is_quoted = false;
    text.split(|c| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
    .collect()
}

/// Returns a parameter of an element of `Forwarded`; empty if it is missing.
fn value(element: &str, parameter: &str) -> String {
    let pairs = split(element, ';').into_iter().filter_map(|pair| pair.split_once('='));
    let found = pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(parameter));
    found.map(|(_, value)| unquoted(value).to_owned()).unwrap_or_default()
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

/// Parses an address as proxies write it: quoted or not, with a port, in brackets, with a zone.
fn address(text: &str) -> Option<IpAddr> {
    let text = unquoted(text);
    if let Ok(with_port) = text.parse::<SocketAddr>() {
        return Some(with_port.ip());
    }
    let bare = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, port)) if port.is_empty() || port.starts_with(':') => inside,
        Some(_) => return None,
        None => text,
    };
    bare.split('%').next()?.parse().ok()
}

/// Returns whether an origin has the host that a request was sent to. The default port of its scheme is optional.
pub fn is_same_host(origin: &str, host: &str) -> bool {
    let Some((scheme, of_origin)) = origin.split_once("://") else { return false };
    let default = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return false,
    };
    let bare = |host: &str| host.strip_suffix(default).unwrap_or(host).to_ascii_lowercase();
    !of_origin.is_empty() && bare(of_origin) == bare(host)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(*name, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        headers
    }

    /// The same table as in docs/operating.md.
    #[test]
    fn the_table_of_addresses() {
        let told = |proxies, lines: &[(&'static str, &str)]| client(&headers(lines), proxies).map(|ip| ip.to_string());
        for (line, is) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:52311", "203.0.113.7"),
            ("\"203.0.113.7\"", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("\"[2001:db8::7]:443\"", "2001:db8::7"),
            ("2001:db8::7%0", "2001:db8::7"),
            ("[fe80::7%eth0]:443", "fe80::7"),
            ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
            ("198.51.100.1,203.0.113.7:52311 ", "203.0.113.7"),
        ] {
            assert_eq!(told(1, &[("x-forwarded-for", line)]).as_deref(), Some(is), "{line}");
            assert_eq!(told(0, &[("x-forwarded-for", line)]), None, "nobody is trusted: {line}");
        }
        for (line, is) in [
            ("for=203.0.113.7", "203.0.113.7"),
            ("For=\"203.0.113.7:52311\";proto=https", "203.0.113.7"),
            ("proto=http; for=\"[2001:db8::7]:443\"; by=203.0.113.43", "2001:db8::7"),
            ("for=198.51.100.1, for=203.0.113.7;host=\"a,b;for=192.0.2.1\"", "203.0.113.7"),
        ] {
            assert_eq!(told(1, &[("forwarded", line)]).as_deref(), Some(is), "{line}");
        }
        for line in
            ["", "unknown", "_hidden", "203.0.113.7,", "\u{e9}", "[2001:db8::7", "[2001:db8::7]x", "203.0.113.7:port"]
        {
            assert_eq!(told(1, &[("x-forwarded-for", line)]), None, "{line}");
        }
        for line in ["for=unknown", "for=_hidden", "by=203.0.113.7", ""] {
            assert_eq!(told(1, &[("forwarded", line)]), None, "{line}");
        }
        assert_eq!(told(1, &[]), None);
    }

    #[test]
    fn a_quote_of_the_client_swallows_nothing() {
        for (name, line) in [
            ("x-forwarded-for", "192.0.2.66, \", 203.0.113.7"),
            ("x-forwarded-for", "\"192.0.2.66, 203.0.113.7"),
            ("forwarded", "for=192.0.2.66, for=\"x, for=203.0.113.7"),
            ("forwarded", "for=\"192.0.2.66, for=\"203.0.113.7:4711\""),
        ] {
            assert_eq!(
                client(&headers(&[(name, line)]), 1).map(|ip| ip.to_string()).as_deref(),
                Some("203.0.113.7"),
                "{line}"
            );
        }
        let line = "192.0.2.66, \", 203.0.113.7, 10.0.0.1";
        assert_eq!(
            client(&headers(&[("x-forwarded-for", line)]), 2).map(|ip| ip.to_string()).as_deref(),
            Some("203.0.113.7")
        );
    }

    #[test]
    fn each_trusted_proxy_adds_one_entry() {
        let lines = [("x-forwarded-for", "192.0.2.66, 203.0.113.7"), ("x-forwarded-for", "198.51.100.1")];
        let told = |proxies| client(&headers(&lines), proxies).map(|ip| ip.to_string());
        assert_eq!(told(1).as_deref(), Some("198.51.100.1"));
        assert_eq!(told(2).as_deref(), Some("203.0.113.7"));
        assert_eq!(told(3).as_deref(), Some("192.0.2.66"));
        assert_eq!(told(9).as_deref(), Some("192.0.2.66"), "a proxy that adds nothing");
    }

    #[test]
    fn the_scheme_is_read_like_the_address() {
        let told = |proxies, lines: &[(&'static str, &str)]| is_https(&headers(lines), proxies);
        assert!(told(1, &[("x-forwarded-proto", "https")]));
        assert!(told(1, &[("x-forwarded-proto", "http, HTTPS")]));
        assert!(told(1, &[("forwarded", "for=203.0.113.7;proto=https")]));
        assert!(!told(1, &[("x-forwarded-proto", "https, http")]));
        assert!(!told(0, &[("x-forwarded-proto", "https")]));
        assert!(!told(1, &[]));
    }

    #[test]
    fn a_default_port_may_be_written_or_not() {
        for (origin, host) in [
            ("https://example.com", "example.com"),
            ("https://example.com", "example.com:443"),
            ("http://example.com", "EXAMPLE.com:80"),
            ("https://example.com:8443", "example.com:8443"),
            ("http://[2001:db8::7]", "[2001:db8::7]:80"),
        ] {
            assert!(is_same_host(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("https://example.com", "example.com:80"),
            ("https://example.com", "example.com:8443"),
            ("https://example.com", "example.org"),
            ("null", "example.com"),
            ("ftp://example.com", "example.com"),
            ("https://", ""),
        ] {
            assert!(!is_same_host(origin, host), "{origin} {host}");
        }
    }
}
