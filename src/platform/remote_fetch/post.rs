//! Requests to URLs that users provide for webhooks: to public hosts by https, and to hosts that the operator allows.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Response, Url};
use tokio::time::{Instant, timeout, timeout_at};

use super::{FetchError, RemoteFetch, parse, refusal};

/// Timeout of the look-up of a new URL's host.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// The response to a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub status: u16,
    /// The start of the body.
    pub body: Vec<u8>,
}

impl RemoteFetch {
    /// Sends JSON. Redirects are not followed. Returns the status with at most `body_max` bytes of the response.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: String,
        limit: Duration,
        body_max: usize,
    ) -> Result<Posted, FetchError> {
        let deadline = Instant::now() + limit;
        let url = self.check_target(url)?;
        let is_allowed = self.is_allowed_host(&url);
        let client = if is_allowed { &self.open_client } else { &self.client };
        let mut request = client.post(url).header(CONTENT_TYPE, "application/json").body(body);
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                request = request.header(HeaderName::from_static(name), value);
            }
        }
        let asked = timeout_at(deadline, request.send()).await.map_err(|_| FetchError::Timeout(limit))?;
        let response = asked.map_err(|error| refusal(&error))?;
        let is_reachable = |peer: std::net::SocketAddr| self.config.network.may_reach(peer.ip());
        if !is_allowed && !response.remote_addr().is_some_and(is_reachable) {
            return Err(FetchError::NotPublic);
        }
        let status = response.status().as_u16();
        let body = timeout_at(deadline, start_of(response, body_max)).await;
        Ok(Posted { status, body: body.map_err(|_| FetchError::Timeout(limit))? })
    }

    /// Checks a URL before it is stored: also where its host is now, if that is known.
    pub async fn check_new_target(&self, url: &str) -> Result<Url, FetchError> {
        let url = self.check_target(url)?;
        let host = host_of(&url);
        if self.is_allowed_host(&url) || host.parse::<IpAddr>().is_ok() {
            return Ok(url);
        }
        let found = timeout(LOOKUP_TIMEOUT, self.config.network.lookup(host.to_owned())).await;
        match found {
            Ok(Ok(addresses)) if addresses.iter().any(|address| !self.config.network.may_reach(*address)) => {
                Err(FetchError::NotPublic)
            }
            // It may not exist yet, or its name server may not respond.
            _ => Ok(url),
        }
    }

    /// Checks a URL before connecting.
    fn check_target(&self, url: &str) -> Result<Url, FetchError> {
        let url = parse(url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::WrongUrl("it must begin with https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::WrongUrl("it must not contain a user name or password"));
        }
        if self.is_allowed_host(&url) {
            return Ok(url);
        }
        if let Ok(literal) = host_of(&url).parse::<IpAddr>()
            && !self.config.network.may_reach(literal)
        {
            return Err(FetchError::NotPublic);
        }
        if url.scheme() != "https" {
            return Err(FetchError::WrongUrl("it must begin with https://"));
        }
        if !url.port_or_known_default().is_some_and(|port| self.config.network.may_use_port(port)) {
            return Err(FetchError::WrongUrl("only the ports 443, 8080 and 8443 are allowed"));
        }
        Ok(url)
    }

    /// Returns whether the operator allows the host of a URL, whatever its address and port.
    fn is_allowed_host(&self, url: &Url) -> bool {
        let host = host_of(url);
        self.config.allowed_hosts.iter().any(|allowed| is_same_host(allowed, host))
    }
}

/// Returns the host without the brackets of an IPv6 address.
fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_matches(['[', ']'])
}

fn is_same_host(allowed: &str, host: &str) -> bool {
    match (allowed.parse::<IpAddr>(), host.parse::<IpAddr>()) {
        (Ok(allowed), Ok(host)) => allowed == host,
        _ => allowed.eq_ignore_ascii_case(host.trim_end_matches('.')),
    }
}

/// Reads the start of a body. What is not read is dropped with the connection.
async fn start_of(mut response: Response, max: usize) -> Vec<u8> {
    let mut start = Vec::new();
    while start.len() < max {
        // A body that ends early is part of the answer: the status has arrived.
        let Ok(Some(chunk)) = response.chunk().await else { break };
        let missing = (max - start.len()).min(chunk.len());
        start.extend_from_slice(&chunk[..missing]);
    }
    start
}

#[cfg(test)]
mod tests {
    use super::super::{Network, RemoteFetchConfig};
    use super::*;

    fn fetch(allowed: &[&str]) -> RemoteFetch {
        let allowed_hosts = allowed.iter().map(|host| (*host).to_owned()).collect();
        let config = RemoteFetchConfig { network: Network::default(), allowed_hosts, ..RemoteFetchConfig::default() };
        RemoteFetch::new(config).unwrap()
    }

    #[test]
    fn only_public_hosts_by_https_are_targets() {
        let fetch = fetch(&[]);
        for right in ["https://example.com/hook?a=b", "https://example.com:8443/", "https://8.8.8.8/"] {
            assert!(fetch.check_target(right).is_ok(), "{right}");
        }
        for wrong in [
            "http://example.com/",
            "https://example.com:22/",
            "https://user@example.com/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/",
            "https://10.0.0.5/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "example.com",
            "",
        ] {
            assert!(fetch.check_target(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_allowed_host_is_a_target_at_any_port() {
        let fetch = fetch(&["localhost", "10.0.0.5", "::1"]);
        for right in [
            "http://localhost:3000/",
            "https://LOCALHOST/",
            "http://10.0.0.5:22/",
            "http://0xA.0.0.5/",
            "http://[::1]:9/",
        ] {
            assert!(fetch.check_target(right).is_ok(), "{right}");
        }
        for wrong in ["http://localhost.example.com/", "http://10.0.0.6/", "http://127.0.0.1/", "http://a@localhost/"] {
            assert!(fetch.check_target(wrong).is_err(), "{wrong}");
        }
    }
}
