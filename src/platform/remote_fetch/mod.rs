//! Fetching of URLs that users provide: only from the public internet, with a deadline and a maximum size.
//!
//! Access to internal addresses is blocked where the connection is made: the connection's own resolver checks names,
//! literal addresses and redirects are checked before they are followed. See docs/decisions/0016-fetching-urls.md.

mod address;
mod coding;
mod name;
mod network;
mod post;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use coding::Coding;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, stream};
use network::NotPublic;
pub use network::{Lookup, Network};
pub use post::Posted;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, LOCATION};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use tokio::time::{Instant, timeout_at};

/// Maximum number of redirects.
const REDIRECTS_MAX: usize = 5;
/// Maximum length of a URL, in bytes.
const URL_MAX: usize = 2048;

/// Settings of fetches.
#[derive(Debug, Clone)]
pub struct RemoteFetchConfig {
    /// Deadline of a whole fetch, from the first look-up to the last byte.
    pub timeout: Duration,
    /// The public internet, except in tests.
    pub network: Network,
    /// Names and addresses of hosts that webhooks may reach although they are not public: `WEBHOOK_ALLOWED_HOSTS`.
    pub allowed_hosts: Vec<String>,
}

impl Default for RemoteFetchConfig {
    /// Returns the values without any settings.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), network: Network::default(), allowed_hosts: Vec::new() }
    }
}

/// Why a file was not fetched. The texts are for the person who gave the URL.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{0}")]
    WrongUrl(&'static str),
    #[error("the address is not public")]
    NotPublic,
    #[error("it redirects more than {REDIRECTS_MAX} times")]
    TooManyRedirects,
    #[error("the other server responded with {0}")]
    Status(StatusCode),
    #[error("the other server took longer than {} seconds", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("the other server can't be reached or closed the connection")]
    Unreachable,
    #[error("the other server used the encoding {0:?}, which was not requested")]
    UnknownCoding(String),
    #[error("the other server's response doesn't match its declared encoding")]
    Garbled,
    /// The file has more than this many bytes.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
}

/// The client for URLs that users provide. It sends no cookies and no credentials.
pub struct RemoteFetch {
    /// Connects to public addresses only.
    client: Client,
    /// For hosts that the operator allows.
    open_client: Client,
    config: RemoteFetchConfig,
}

/// A file that is being fetched.
pub struct Remote {
    response: Response,
    /// The name as the remote server spells it, not sanitized; empty if there is none.
    pub name: String,
    /// The type that the remote server reports.
    pub content_type: String,
    /// The codings of the response, in the order in which they were applied.
    codings: Vec<Coding>,
    received: u64,
    limit: u64,
    deadline: Instant,
    timeout: Duration,
}

impl RemoteFetch {
    pub fn new(config: RemoteFetchConfig) -> anyhow::Result<Self> {
        let client = || {
            Client::builder()
                .redirect(redirect::Policy::none())
                .no_proxy()
                .referer(false)
                .user_agent(concat!("attache/", env!("CARGO_PKG_VERSION")))
                .http1_only()
                // The limit applies to the bytes that are kept.
                .no_gzip()
                .no_brotli()
                .no_deflate()
                .no_zstd()
                .pool_max_idle_per_host(0)
        };
        let open_client = client().build()?;
        let client = client().dns_resolver(Arc::new(config.network.clone())).build()?;
        Ok(Self { client, open_client, config })
    }

    /// Requests a file of at most `limit` bytes and waits until it begins to arrive.
    pub async fn begin(&self, url: &str, limit: u64) -> Result<Remote, FetchError> {
        let timeout = self.config.timeout;
        let deadline = Instant::now() + timeout;
        let asked = timeout_at(deadline, self.follow(url)).await;
        let response = asked.unwrap_or(Err(FetchError::Timeout(timeout)))?;
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(FetchError::TooLarge(limit));
        }
        let codings = coding::of(response.headers())?;
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(Remote {
            name: name::name_of(response.headers(), response.url()),
            content_type: content_type.unwrap_or_default().to_owned(),
            codings,
            response,
            received: 0,
            limit,
            deadline,
            timeout,
        })
    }

    async fn follow(&self, url: &str) -> Result<Response, FetchError> {
        let mut url = self.check(parse(url)?)?;
        for _ in 0..=REDIRECTS_MAX {
            let asked =
                self.client.get(url.clone()).header(ACCEPT, "*/*").header(ACCEPT_ENCODING, "identity").send().await;
            let response = asked.map_err(|error| refusal(&error))?;
            // Checked again at the connection itself: however the name was resolved, the address must be public.
            if response.remote_addr().is_none_or(|peer| !self.config.network.may_reach(peer.ip())) {
                return Err(FetchError::NotPublic);
            }
            match response.status() {
                StatusCode::OK => return Ok(response),
                StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT => url = self.check(next(&response)?)?,
                status => return Err(FetchError::Status(status)),
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    /// Checks a URL before connecting. A literal address is not resolved, so it is checked here.
    fn check(&self, url: Url) -> Result<Url, FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::WrongUrl("only http:// and https:// URLs can be fetched"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::WrongUrl("a URL with a user name or password can't be fetched"));
        }
        if !url.port_or_known_default().is_some_and(|port| self.config.network.may_use_port(port)) {
            return Err(FetchError::WrongUrl("only the ports 80, 443, 8080 and 8443 are allowed"));
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            Ok(literal) if !self.config.network.may_reach(literal) => Err(FetchError::NotPublic),
            _ => Ok(url),
        }
    }
}

fn parse(url: &str) -> Result<Url, FetchError> {
    if url.len() > URL_MAX {
        return Err(FetchError::WrongUrl("it is longer than 2048 bytes"));
    }
    // The parser accepts every notation of an address, such as 0x7f.1, as browsers do (WHATWG URL).
    Url::parse(url).map_err(|_| {
        let is_ascii = url.is_ascii();
        FetchError::WrongUrl(if is_ascii {
            "it is not a URL"
        } else {
            "it is not a URL; write its host name in Punycode"
        })
    })
}

fn next(response: &Response) -> Result<Url, FetchError> {
    let location = response.headers().get(LOCATION).map(|value| escaped(value.as_bytes()));
    let location = location.filter(|text| text.len() <= URL_MAX).and_then(|text| response.url().join(&text).ok());
    location.ok_or(FetchError::WrongUrl("it redirects to something that is not a URL"))
}

/// Escapes a redirect's path. Some servers write it unescaped, in UTF-8 or another charset, and browsers send these
/// bytes back.
fn escaped(location: &[u8]) -> String {
    let escape = |byte: &u8| if byte.is_ascii() { char::from(*byte).to_string() } else { format!("%{byte:02X}") };
    location.iter().map(escape).collect()
}

fn refusal(error: &(dyn Error + 'static)) -> FetchError {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if current.is::<NotPublic>() {
            return FetchError::NotPublic;
        }
        cause = current.source();
    }
    FetchError::Unreachable
}

impl Remote {
    /// Returns the decoded bytes of the file as they arrive. Ends with an error if there are too many, or at the
    /// deadline.
    pub fn stream(mut self) -> BoxStream<'static, Result<Bytes, FetchError>> {
        let (codings, limit) = (std::mem::take(&mut self.codings), self.limit);
        coding::decode(self.encoded().boxed(), &codings, limit)
    }

    fn encoded(self) -> impl Stream<Item = Result<Bytes, FetchError>> + Send {
        stream::try_unfold(self, async |mut remote| {
            let chunk = timeout_at(remote.deadline, remote.response.chunk()).await;
            let chunk = chunk.map_err(|_| FetchError::Timeout(remote.timeout))?;
            let Some(bytes) = chunk.map_err(|_| FetchError::Unreachable)? else { return Ok(None) };
            remote.received += bytes.len() as u64;
            if remote.received > remote.limit {
                return Err(FetchError::TooLarge(remote.limit));
            }
            Ok(Some((bytes, remote)))
        })
    }
}
