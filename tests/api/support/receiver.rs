//! A program that receives webhooks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

use super::{Engines, Program, TestApp, text};

/// The response to a delivery.
#[derive(Debug, Clone)]
pub enum Reply {
    Status(u16),
    /// With this body.
    Body(u16, Vec<u8>),
    /// A redirect to this URL.
    Redirect(String),
    /// No response, ever.
    Never,
}

/// A delivery that arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub id: String,
    pub timestamp: i64,
    pub signature: String,
    pub body: Vec<u8>,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a delivery is JSON")
    }

    /// Returns how many of its signatures are by this secret.
    pub fn signatures_by(&self, secret: &str) -> usize {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        let signed = [format!("{}.{}.", self.id, self.timestamp).as_bytes(), &self.body].concat();
        let is_valid = |signature: &&str| {
            let Some(signature) = signature.strip_prefix("v1,") else { return false };
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
            mac.update(&signed);
            BASE64_STANDARD.decode(signature).is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
        };
        self.signature.split(' ').filter(is_valid).count()
    }
}

#[derive(Clone, Default)]
struct Inbox {
    received: Arc<Mutex<Vec<Received>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

/// Responds with 204, or with the next of the given replies.
pub struct Receiver {
    pub url: String,
    inbox: Inbox,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let url = format!("http://{}/hook", listener.local_addr().expect("a bound socket has an address"));
        let inbox = Inbox::default();
        let router = Router::new().route("/hook", post(receive)).with_state(inbox.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inbox }
    }

    /// Sets the replies to the next deliveries.
    pub fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.inbox.replies.lock().expect("no test panics with it").extend(replies);
    }

    pub fn all(&self) -> Vec<Received> {
        self.inbox.received.lock().expect("no test panics with it").clone()
    }

    /// Returns what arrived since the last call.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.inbox.received.lock().expect("no test panics with it"))
    }
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().expect("ASCII")).to_owned();
    let received = Received {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().expect("seconds"),
        signature: header("webhook-signature"),
        body: body.to_vec(),
    };
    assert_eq!(header("content-type"), "application/json");
    inbox.received.lock().expect("no test panics with it").push(received);
    let reply = inbox.replies.lock().expect("no test panics with it").pop_front().unwrap_or(Reply::Status(204));
    let response = |status: u16| Response::builder().status(StatusCode::from_u16(status).expect("a status"));
    match reply {
        Reply::Status(status) => response(status).body(Body::empty()),
        Reply::Body(status, bytes) => response(status).body(Body::from(bytes)),
        Reply::Redirect(to) => response(307).header("location", to).body(Body::empty()),
        Reply::Never => std::future::pending().await,
    }
    .expect("a response")
}

impl TestApp {
    /// Starts with webhooks to this machine.
    pub async fn start_with_webhooks(engines: Engines) -> Self {
        Self::start_with(engines, |config| config.remote_fetch.allowed_hosts = vec!["127.0.0.1".to_owned()]).await
    }
}

impl Program {
    /// Creates a webhook for these events. Returns its id and its secret.
    pub async fn webhook(&self, url: &str, events: &[&str]) -> (String, String) {
        let made = self.post("/webhooks", json!({ "url": url, "events": events })).await.created();
        (text(&made["id"]), text(&made["secret"]))
    }
}
