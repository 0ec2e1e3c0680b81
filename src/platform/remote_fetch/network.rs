//! Name resolution, and the addresses that a connection may use. The client connects only through this, so the checked
//! address is the one that is used.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// Common ports of web servers. Other ports would allow requests to other services.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Looks up the addresses of a host.
pub trait Lookup: Send + Sync {
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The resolver of the operating system.
struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) }.boxed()
    }
}

/// The addresses that may be reached.
#[derive(Clone)]
pub struct Network {
    lookup: Arc<dyn Lookup>,
    /// Allowed although they are not public. Only code can set this; there is no setting.
    opened: Arc<[SocketAddr]>,
}

impl Default for Network {
    fn default() -> Self {
        Self { lookup: Arc::new(SystemLookup), opened: Arc::new([]) }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("opened", &self.opened).finish_non_exhaustive()
    }
}

impl Network {
    /// Creates a network with its own resolver and allowed local servers: for tests, which have no internet.
    pub fn opened(lookup: impl Lookup + 'static, opened: &[SocketAddr]) -> Self {
        Self { lookup: Arc::new(lookup), opened: opened.into() }
    }

    /// Returns the addresses of a host.
    pub fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        self.lookup.lookup(host)
    }

    pub fn may_reach(&self, address: IpAddr) -> bool {
        is_public(address) || self.opened.iter().any(|open| open.ip() == address)
    }

    pub fn may_use_port(&self, port: u16) -> bool {
        PORTS.contains(&port) || self.opened.iter().any(|open| open.port() == port)
    }
}

/// A host has an address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not a public address")]
pub struct NotPublic(pub IpAddr);

impl Resolve for Network {
    /// One internal address rejects the host, because a mix of both is an attack.
    fn resolve(&self, name: Name) -> Resolving {
        let network = self.clone();
        async move {
            let found = network.lookup.lookup(name.as_str().to_owned()).await?;
            if let Some(inside) = found.iter().find(|address| !network.may_reach(**address)) {
                return Err(NotPublic(*inside).into());
            }
            // The URL's port is used.
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        }
        .boxed()
    }
}
