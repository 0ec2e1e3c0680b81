//! Who is calling, as far as the network tells.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::Platform;

/// The peer's address, or the last hop that a trusted proxy names. `None` in tests without a socket.
pub fn client_address(platform: &Platform, parts: &Parts) -> Option<IpAddr> {
    let peer = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let forwarded = || platform.config.trust_proxy.then(|| last_hop(&parts.headers)).flatten();
    forwarded().or_else(peer)
}

/// The network that a request came from, for limits and notes: an IPv4 address, and of an IPv6 address the half that a provider
/// gives to one customer.
pub fn client_network(platform: &Platform, parts: &Parts) -> Option<String> {
    client_address(platform, parts).map(network)
}

fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// What the proxy itself has added: the end of the last line. All before it came from the client and may be made up.
fn last_hop(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers.get_all("x-forwarded-for").iter().next_back()?;
    line.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn hop(lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        last_hop(&headers).map(|address| address.to_string())
    }

    #[test]
    fn what_the_proxy_added_counts() {
        assert_eq!(hop(&["203.0.113.7"]).unwrap(), "203.0.113.7");
        assert_eq!(hop(&["198.51.100.1, 203.0.113.7"]).unwrap(), "203.0.113.7");
        // Some proxies add a line of their own.
        assert_eq!(hop(&["198.51.100.1", "203.0.113.7"]).unwrap(), "203.0.113.7");
        assert_eq!(hop(&["2001:db8::7"]).unwrap(), "2001:db8::7");
    }

    #[test]
    fn a_customer_is_one_network() {
        let of = |address: &str| network(address.parse().unwrap());
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }

    #[test]
    fn what_is_no_address_names_nobody() {
        for lines in [&[][..], &[""], &["unknown"], &["203.0.113.7,"], &["203.0.113.7", "_hidden"], &["\u{e9}"]] {
            assert_eq!(hop(lines), None, "{lines:?}");
        }
    }
}
