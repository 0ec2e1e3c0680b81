//! Tests with a hostile resolver and a hostile server. 127.0.0.2 is the internet, 127.0.0.1 the internal network.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const OUTSIDE: &str = "127.0.0.2";
const INSIDE: &str = "127.0.0.1";

/// Answers for each host in turn; the last one repeats.
#[derive(Clone, Default)]
struct HostileDns(Arc<Mutex<HashMap<String, Vec<Vec<IpAddr>>>>>);

impl HostileDns {
    fn answers(&self, host: &str, turns: &[&[&str]]) {
        let turns = turns.iter().map(|turn| turn.iter().map(|text| text.parse().expect("an address")).collect());
        self.0.lock().expect("no test panics here").insert(host.to_owned(), turns.rev().collect());
    }
}

impl Lookup for HostileDns {
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let mut hosts = self.0.lock().expect("no test panics here");
        let answer = match hosts.get_mut(&host) {
            Some(turns) if turns.len() > 1 => Ok(turns.pop().expect("there are more than one")),
            Some(turns) => Ok(turns[0].clone()),
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        async move { answer }.boxed()
    }
}

/// A server that returns a given response and counts requests.
struct Server {
    address: SocketAddr,
    visits: Arc<AtomicUsize>,
}

impl Server {
    /// Starts the server. `answer` receives the path.
    async fn start(ip: &str, answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start_with(ip, 0, move |path, mut connection| {
            let answer = answer(&path);
            async move {
                let _ = connection.write_all(&answer).await;
            }
            .boxed()
        })
        .await
    }

    async fn start_with(
        ip: &str,
        port: u16,
        serve: impl Fn(String, TcpStream) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((ip, port)).await.expect("the address is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = visits.clone();
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match connection.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => break,
                    }
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                tokio::spawn(serve(path, connection));
            }
        });
        Self { address, visits }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::Relaxed)
    }

    fn url(&self, path: &str) -> String {
        format!("http://files.test:{}{path}", self.address.port())
    }
}

fn ok(headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
        .into_bytes()
}

fn redirect_to(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0\r\nlocation: {location}\r\n\r\n").into_bytes()
}

/// Returns a client for which `server` is on the internet, under the name files.test.
fn fetcher(server: &Server) -> (RemoteFetch, HostileDns) {
    let dns = HostileDns::default();
    dns.answers("files.test", &[&[OUTSIDE]]);
    let network = Network::opened(dns.clone(), &[server.address]);
    let config = RemoteFetchConfig { timeout: Duration::from_millis(1500), network, ..RemoteFetchConfig::default() };
    (RemoteFetch::new(config).expect("a client can be made"), dns)
}

async fn fetch(fetcher: &RemoteFetch, url: &str, limit: u64) -> Result<(String, Vec<u8>), FetchError> {
    let remote = fetcher.begin(url, limit).await?;
    let name = remote.name.clone();
    let bytes = remote.stream().try_fold(Vec::new(), async |mut all, bytes| {
        all.extend_from_slice(&bytes);
        Ok(all)
    });
    Ok((name, bytes.await?))
}

#[tokio::test]
async fn public_files_are_fetched_with_their_name() {
    let server =
        Server::start(OUTSIDE, |_| ok("content-disposition: attachment; filename=\"a.png\"\r\n", "bytes")).await;
    let (fetcher, _) = fetcher(&server);
    let (name, bytes) = fetch(&fetcher, &server.url("/b.png"), 5).await.expect("it is fetched");
    assert_eq!((name.as_str(), &bytes[..]), ("a.png", &b"bytes"[..]));
}

#[tokio::test]
async fn no_notation_of_an_internal_address_is_connected_to() {
    let outside = Server::start(OUTSIDE, |_| ok("", "")).await;
    let inside = Server::start_with(INSIDE, outside.address.port(), |_, _| async {}.boxed()).await;
    let (fetcher, _) = fetcher(&outside);
    let port = inside.address.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "172.16.0.1",
        "192.168.0.1",
        "[::]",
        "[::1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[ff02::1]",
    ] {
        let refused = fetch(&fetcher, &format!("http://{host}:{port}/"), 100).await;
        assert!(matches!(refused, Err(FetchError::NotPublic)), "{host}: {refused:?}");
    }
    assert_eq!(inside.visits(), 0);
}

#[tokio::test]
async fn wrong_urls_are_refused_before_anything_is_asked() {
    let server = Server::start(OUTSIDE, |_| ok("", "")).await;
    let (fetcher, _) = fetcher(&server);
    let port = server.address.port();
    let long = format!("http://files.test:{port}/{}", "x".repeat(2048));
    for url in [
        "",
        "files.test",
        "//files.test/",
        "file:///etc/passwd",
        "ftp://files.test/",
        "gopher://files.test/",
        "data:text/plain,hello",
        "javascript:alert(1)",
        "http://",
        "http://[::1",
        "http://files.test:22/",
        "http://files.test:25/",
        "http://files.test:6379/",
        &format!("http://user@files.test:{port}/"),
        &format!("http://user:password@files.test:{port}/"),
        &format!("http://:password@files.test:{port}/"),
        &long,
    ] {
        let refused = fetch(&fetcher, url, 100).await;
        assert!(matches!(refused, Err(FetchError::WrongUrl(_))), "{url}: {refused:?}");
    }
    assert_eq!(server.visits(), 0);
}

#[tokio::test]
async fn names_with_internal_addresses_are_rejected() {
    let outside = Server::start(OUTSIDE, |_| ok("", "")).await;
    let inside = Server::start_with(INSIDE, outside.address.port(), |_, _| async {}.boxed()).await;
    let (fetcher, dns) = fetcher(&outside);
    let url = format!("http://evil.test:{}/", inside.address.port());
    for answer in
        [&[INSIDE][..], &[OUTSIDE, INSIDE], &[INSIDE, OUTSIDE], &["::1"], &["::ffff:127.0.0.1"], &["169.254.169.254"]]
    {
        dns.answers("evil.test", &[answer]);
        let refused = fetch(&fetcher, &url, 100).await;
        assert!(matches!(refused, Err(FetchError::NotPublic)), "{answer:?}: {refused:?}");
    }
    assert_eq!((inside.visits(), outside.visits()), (0, 0));
    let unknown = fetch(&fetcher, &format!("http://nowhere.test:{}/", outside.address.port()), 100).await;
    assert!(matches!(unknown, Err(FetchError::Unreachable)), "{unknown:?}");
}

#[tokio::test]
async fn names_that_change_their_address_gain_nothing() {
    // Public at the first look-up, internal after it: the redirect to itself looks it up again.
    let outside = Server::start(OUTSIDE, |_| redirect_to("/again")).await;
    let inside = Server::start_with(INSIDE, outside.address.port(), |_, _| async {}.boxed()).await;
    let (fetcher, dns) = fetcher(&outside);
    dns.answers("rebinding.test", &[&[OUTSIDE], &[INSIDE]]);
    let refused = fetch(&fetcher, &format!("http://rebinding.test:{}/", outside.address.port()), 100).await;
    assert!(matches!(refused, Err(FetchError::NotPublic)), "{refused:?}");
    assert_eq!((outside.visits(), inside.visits()), (1, 0));
}

#[tokio::test]
async fn each_redirect_is_checked_as_the_first_url_was() {
    let port = 0;
    let outside = Server::start_with(OUTSIDE, port, |path, mut connection| {
        async move {
            let target = path.trim_start_matches("/to/");
            let _ = connection.write_all(&redirect_to(target)).await;
        }
        .boxed()
    })
    .await;
    let inside = Server::start_with(INSIDE, outside.address.port(), |_, _| async {}.boxed()).await;
    let (fetcher, dns) = fetcher(&outside);
    dns.answers("evil.test", &[&[INSIDE]]);
    let port = inside.address.port();
    for target in [
        format!("http://127.0.0.1:{port}/"),
        format!("//127.1:{port}/"),
        format!("http://0x7f000001:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://evil.test:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let refused = fetch(&fetcher, &outside.url(&format!("/to/{target}")), 100).await;
        assert!(matches!(refused, Err(FetchError::NotPublic)), "{target}: {refused:?}");
    }
    for target in ["file:///etc/passwd", "gopher://files.test/", "http://user:pw@files.test/", "http://files.test:22/"]
    {
        let refused = fetch(&fetcher, &outside.url(&format!("/to/{target}")), 100).await;
        assert!(matches!(refused, Err(FetchError::WrongUrl(_))), "{target}: {refused:?}");
    }
    assert_eq!(inside.visits(), 0);
}

#[tokio::test]
async fn five_redirects_are_followed_and_no_more() {
    let server = Server::start(OUTSIDE, |path| match path.trim_start_matches('/').parse::<u32>() {
        Ok(0) | Err(_) => ok("", "there"),
        Ok(left) => redirect_to(&format!("/{}", left - 1)),
    })
    .await;
    let (fetcher, _) = fetcher(&server);
    assert_eq!(fetch(&fetcher, &server.url("/5"), 100).await.expect("it is fetched").1, b"there");
    let refused = fetch(&fetcher, &server.url("/6"), 100).await;
    assert!(matches!(refused, Err(FetchError::TooManyRedirects)), "{refused:?}");
}

#[tokio::test]
async fn oversized_responses_are_aborted() {
    let endless = |_: String, mut connection: TcpStream| {
        async move {
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await;
            while connection.write_all(&[0; 1024]).await.is_ok() {}
        }
        .boxed()
    };
    let server = Server::start_with(OUTSIDE, 0, endless).await;
    let (client, _) = fetcher(&server);
    let refused = fetch(&client, &server.url("/"), 10_000).await;
    assert!(matches!(refused, Err(FetchError::TooLarge(10_000))), "{refused:?}");
    // If the size is announced, the download does not begin.
    let server = Server::start(OUTSIDE, |_| ok("", "123456")).await;
    let (client, _) = fetcher(&server);
    assert!(matches!(client.begin(&server.url("/"), 5).await, Err(FetchError::TooLarge(5))));
    assert_eq!(fetch(&client, &server.url("/"), 6).await.expect("it fits").1, b"123456");
}

#[tokio::test]
async fn slow_servers_time_out() {
    let dawdling = |path: String, mut connection: TcpStream| {
        async move {
            let start: &[u8] = match path.as_str() {
                "/body" => b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n",
                _ => b"HTTP/1.1 200 OK\r\nx-slow: ",
            };
            let _ = connection.write_all(start).await;
            let mut pause = tokio::time::interval(Duration::from_millis(50));
            // No byte is late, but all together are.
            while connection.write_all(b"x").await.is_ok() {
                pause.tick().await;
            }
        }
        .boxed()
    };
    let server = Server::start_with(OUTSIDE, 0, dawdling).await;
    let (fetcher, _) = fetcher(&server);
    for path in ["/head", "/body"] {
        let refused = fetch(&fetcher, &server.url(path), 10_000).await;
        assert!(matches!(refused, Err(FetchError::Timeout(_))), "{path}: {refused:?}");
    }
}

#[tokio::test]
async fn truncated_files_are_not_detected() {
    let server =
        Server::start(OUTSIDE, |_| b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nhalf".to_vec())
            .await;
    let (fetcher, _) = fetcher(&server);
    let refused = fetch(&fetcher, &server.url("/"), 1000).await;
    assert!(matches!(refused, Err(FetchError::Unreachable)), "{refused:?}");
}

#[tokio::test]
async fn only_a_whole_answer_is_a_file() {
    for status in ["204 No Content", "206 Partial Content", "304 Not Modified", "404 Not Found", "500 Oops"] {
        let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        let server = Server::start(OUTSIDE, move |_| answer.clone().into_bytes()).await;
        let (fetcher, _) = fetcher(&server);
        let refused = fetch(&fetcher, &server.url("/"), 100).await;
        assert!(matches!(refused, Err(FetchError::Status(_))), "{status}: {refused:?}");
    }
}

#[tokio::test]
async fn internal_addresses_are_closed_by_default() {
    let inside = Server::start(INSIDE, |_| ok("", "secret")).await;
    let fetcher = RemoteFetch::new(RemoteFetchConfig::default()).expect("a client can be made");
    // The operating system resolves this one.
    let refused = fetch(&fetcher, "http://localhost:8080/", 100).await;
    assert!(matches!(refused, Err(FetchError::NotPublic)), "{refused:?}");
    let refused = fetch(&fetcher, &format!("http://{}/", inside.address), 100).await;
    assert!(matches!(refused, Err(FetchError::WrongUrl(_))), "{refused:?}");
    assert_eq!(inside.visits(), 0);
}

#[tokio::test]
async fn webhooks_reach_no_internal_address() {
    let inside = Server::start(INSIDE, |_| ok("", "secret")).await;
    let outside = Server::start(OUTSIDE, |_| ok("", "")).await;
    let (fetcher, dns) = fetcher(&outside);
    dns.answers("inside.test", &[&[INSIDE]]);
    dns.answers("both.test", &[&[OUTSIDE, INSIDE]]);
    for host in ["inside.test", "both.test"] {
        let url = format!("https://{host}:{}/", outside.address.port());
        assert!(matches!(fetcher.check_new_target(&url).await, Err(FetchError::NotPublic)), "{host}");
        let refused = fetcher.post(&url, &[], "{}".to_owned(), Duration::from_secs(2), 100).await;
        assert!(matches!(refused, Err(FetchError::NotPublic)), "{refused:?}");
    }
    assert_eq!((inside.visits(), outside.visits()), (0, 0));
    // A host without an address may get one later.
    assert!(fetcher.check_new_target("https://nowhere.test/").await.is_ok());
}
