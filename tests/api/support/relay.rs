//! Proxies between a server and its store or database, to be broken.

use std::future::Future;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Listens before a store and passes both ends of each connection to `carry`. Takes and returns URLs.
pub async fn relay<F>(store: &str, carry: impl Fn(TcpStream, TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    let store = store["http://".len()..].to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&store).await.expect("the store can be reached");
            tokio::spawn(carry(client, server));
        }
    });
    format!("http://{address}")
}

/// Forwards the first request, and disconnects when its response arrives.
pub async fn lose_answer(mut client: TcpStream, mut server: TcpStream) {
    let mut request = vec![0; 64 * 1024];
    loop {
        tokio::select! {
            read = client.read(&mut request) => {
                let Ok(length @ 1..) = read else { return };
                if server.write_all(&request[..length]).await.is_err() { return }
            }
            _ = server.readable() => return,
        }
    }
}

/// How a proxy of a database handles its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Open,
    /// Open connections forward nothing more, and stay open. New ones work.
    Forgotten,
    /// Connections are closed, and there are no new ones.
    Cut,
}

/// Starts a proxy before a PostgreSQL database. Takes and returns URLs.
pub async fn line_before(url: &str) -> (String, watch::Sender<Line>) {
    let host = url.split_once('@').expect("a user").1.split_once('/').expect("a database").0;
    let (line, state) = watch::channel(Line::Open);
    let address = relay(&format!("http://{host}"), move |client, server| carry(client, server, state.clone())).await;
    (url.replacen(host, &address["http://".len()..], 1), line)
}

async fn carry(mut client: TcpStream, mut server: TcpStream, mut state: watch::Receiver<Line>) {
    let is_new = *state.borrow() == Line::Forgotten;
    let ends = |line: &Line| *line == Line::Cut || (*line == Line::Forgotten && !is_new);
    let ended = async { state.wait_for(ends).await.map_or(Line::Cut, |line| *line) };
    tokio::select! {
        biased;
        line = ended => {
            if line == Line::Forgotten {
                std::future::pending::<()>().await;
            }
        }
        _ = copy_bidirectional(&mut client, &mut server) => {}
    }
}
