//! A line between a server and its store, to be broken.

use std::future::Future;

use tokio::net::{TcpListener, TcpStream};

/// Listens before a store and hands both ends of each connection to `carry`. Takes and returns URLs.
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
