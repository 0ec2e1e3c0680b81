//! A presigned upload, and ways to send bytes to it.

use std::collections::BTreeMap;

use bytes::Bytes;
use reqwest::header::CONTENT_LENGTH;
use reqwest::{Body, Client, RequestBuilder};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::answer::{Answer, text};

#[derive(Debug, Clone)]
pub struct Upload {
    pub id: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub bytes: Vec<u8>,
    /// The whole response to presign or retry.
    pub answer: Value,
}

impl Upload {
    pub fn new(answer: Value, bytes: &[u8]) -> Self {
        Self {
            id: text(&answer["resourceId"]),
            url: text(&answer["uploadUrl"]),
            headers: serde_json::from_value(answer["headers"].clone()).expect("headers are texts"),
            bytes: bytes.to_vec(),
            answer,
        }
    }

    /// Returns a PUT with the presigned headers, without a cookie.
    pub fn request(&self, url: &str) -> RequestBuilder {
        let client = Client::builder().no_proxy().build().expect("a client can be made");
        self.headers.iter().fold(client.put(url), |request, (name, value)| request.header(name, value))
    }

    /// Sends the announced bytes.
    pub async fn put(&self) -> Answer {
        self.put_bytes(&self.bytes).await
    }

    pub async fn put_bytes(&self, bytes: &[u8]) -> Answer {
        self.put_to(&self.url, bytes).await
    }

    pub async fn put_to(&self, url: &str, bytes: &[u8]) -> Answer {
        Answer::read(self.request(url).body(bytes.to_vec()).send().await.expect("the store answers")).await
    }

    /// Returns whether these bytes are rejected. A store may disconnect before it has read them all.
    pub async fn refuses(&self, bytes: &[u8]) -> bool {
        match self.request(&self.url).body(bytes.to_vec()).send().await {
            Ok(answer) => answer.status().is_client_error(),
            Err(error) => error.is_request(),
        }
    }

    /// Sends the bytes in chunks, without announcing the length.
    pub async fn put_chunked(&self, bytes: &[u8]) -> Answer {
        let chunks: Vec<_> =
            bytes.chunks(7).map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk))).collect();
        let request = self.request(&self.url).body(Body::wrap_stream(futures::stream::iter(chunks)));
        assert!(request.try_clone().is_none(), "a stream is not sent with its length");
        Answer::read(request.send().await.expect("the store answers")).await
    }

    /// Sends half of the bytes and disconnects. Returns when the server has noticed.
    pub async fn cut_half_way(&self) {
        let mut connection = self.send_half().await;
        connection.shutdown().await.expect("the connection can be shut");
        let mut rest = Vec::new();
        // The server returns an error or disconnects too: both mean that it has seen the end.
        let _ = connection.read_to_end(&mut rest).await;
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "half an upload was accepted");
    }

    /// Sends half of the bytes and keeps the connection open.
    pub async fn send_half(&self) -> TcpStream {
        let (host, path) = self.url["http://".len()..].split_once('/').expect("the URL has a path");
        let mut head = format!("PUT /{path} HTTP/1.1\r\nhost: {host}\r\n{CONTENT_LENGTH}: {}\r\n", self.bytes.len());
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        let mut connection = TcpStream::connect(host).await.expect("the store can be reached");
        connection.write_all(head.as_bytes()).await.expect("the head can be sent");
        connection.write_all(&self.bytes[..self.bytes.len() / 2]).await.expect("half of the bytes can be sent");
        connection
    }
}
