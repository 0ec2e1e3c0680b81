//! The network address of a client.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

use super::{Platform, forwarded};

/// Returns the address of the peer, or the one that the outermost trusted proxy reports. `None` in tests without a
/// socket.
pub fn client_address(platform: &Platform, parts: &Parts) -> Option<IpAddr> {
    let peer = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    forwarded::client(&parts.headers, platform.config.trusted_proxies).or_else(peer)
}

/// Returns the network of a request, for limits and the audit log: an IPv4 address, or the /64 of an IPv6 address,
/// which a provider assigns to one customer.
pub fn client_network(platform: &Platform, parts: &Parts) -> Option<String> {
    client_address(platform, parts).map(network)
}

fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_one_network() {
        let of = |address: &str| network(address.parse().unwrap());
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }
}
