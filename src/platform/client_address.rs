//! Who is calling, as far as the network tells.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

use super::Platform;

/// The peer's address, or the last hop that a trusted proxy names. `None` in tests without a socket.
pub fn client_address(platform: &Platform, parts: &Parts) -> Option<IpAddr> {
    let forwarded = platform
        .config
        .trust_proxy
        .then(|| parts.headers.get("x-forwarded-for")?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok())
        .flatten();
    forwarded.or_else(|| parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip()))
}
