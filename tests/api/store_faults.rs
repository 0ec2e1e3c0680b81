//! Every call to the store during an upload, with every fault of a store or the connection to it. The file is complete
//! in the end, in one message.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::support::{Answer, Parts, TestApp, Upload, User, checksum};

/// How often a browser repeats a step here. The browser itself has no limit.
const TRIES: usize = 8;
const REQUEST_MAX: usize = 64 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Put,
    Head,
    Get,
    Copy,
    Delete,
    Create,
    Part,
    List,
    Join,
}

impl Call {
    fn of(request: &Request) -> Option<Self> {
        let query = request.uri().query().unwrap_or_default();
        let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
        Some(match *request.method() {
            Method::HEAD => Self::Head,
            Method::POST if has("uploads") => Self::Create,
            Method::POST if has("uploadId") => Self::Join,
            Method::PUT if has("uploadId") => Self::Part,
            Method::PUT if request.headers().contains_key("x-amz-copy-source") => Self::Copy,
            Method::PUT => Self::Put,
            Method::GET if has("uploadId") => Self::List,
            Method::GET => Self::Get,
            Method::DELETE => Self::Delete,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// The connection ends before anything is done.
    Refused,
    /// It is done, and the connection ends without an answer.
    Lost,
    /// It is done twice, as by a proxy that repeats it; the second response arrives.
    Twice,
    /// It is done, and the response is late.
    Late,
    /// It is not done, and another response arrives.
    Answered(u16, &'static str),
    /// It is done, and another response arrives.
    Hidden(u16, &'static str),
}

const FAULTS: [Fault; 11] = [
    Fault::Refused,
    Fault::Lost,
    Fault::Twice,
    Fault::Late,
    Fault::Answered(500, "InternalError"),
    Fault::Answered(503, "SlowDown"),
    Fault::Answered(429, "TooManyRequests"),
    Fault::Answered(400, "RequestTimeout"),
    Fault::Answered(409, "OperationAborted"),
    Fault::Hidden(500, "InternalError"),
    Fault::Hidden(504, "GatewayTimeout"),
];

/// A store behind a proxy in which one call at a time has a fault.
#[derive(Clone)]
struct Stand {
    store: String,
    http: reqwest::Client,
    planned: Arc<Mutex<Option<(Call, Fault)>>>,
}

impl Stand {
    async fn serve(store: String, planned: Arc<Mutex<Option<(Call, Fault)>>>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client can be made");
        let router = Router::new().fallback(answer).with_state(Self { store, http, planned });
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    fn take(&self, call: Option<Call>) -> Option<Fault> {
        let mut planned = self.planned.lock().expect("nobody panics with it");
        planned.take_if(|(wanted, _)| Some(*wanted) == call).map(|(_, fault)| fault)
    }

    async fn forward(&self, method: Method, path: &str, headers: HeaderMap, body: Bytes) -> Response {
        let request = self.http.request(method, format!("{}{path}", self.store)).headers(headers).body(body);
        let answer = request.send().await.expect("the store answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut answer = Response::new(Body::from(answer.bytes().await.expect("the store answers")));
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        answer.headers_mut().remove(header::TRANSFER_ENCODING);
        answer
    }
}

async fn answer(State(stand): State<Stand>, request: Request) -> Response {
    let fault = stand.take(Call::of(&request));
    let (parts, body) = request.into_parts();
    let mut headers = parts.headers;
    headers.remove(header::EXPECT);
    let body = to_bytes(body, REQUEST_MAX).await.expect("the request arrives");
    let path = parts.uri.path_and_query().expect("a path").to_string();
    let done = || stand.forward(parts.method.clone(), &path, headers.clone(), body.clone());
    match fault {
        None => done().await,
        Some(Fault::Refused) => hang_up(),
        Some(Fault::Lost) => {
            done().await;
            hang_up()
        }
        Some(Fault::Twice) => {
            done().await;
            done().await
        }
        Some(Fault::Late) => {
            let answer = done().await;
            sleep(Duration::from_secs(2)).await;
            answer
        }
        Some(Fault::Answered(status, code)) => error(status, code),
        Some(Fault::Hidden(status, code)) => {
            done().await;
            error(status, code)
        }
    }
}

/// Closes the connection without a response, and without the message of a panic.
fn hang_up() -> ! {
    std::panic::resume_unwind(Box::new(()))
}

fn error(status: u16, code: &str) -> Response {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>A fault.</Message></Error>");
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

/// Repeats a step like the browser, until it succeeds.
async fn repeat(what: &str, step: impl AsyncFn() -> Option<Answer>) -> Answer {
    let mut last = None;
    for _ in 0..TRIES {
        match step().await {
            Some(answer) if answer.status < 300 => return answer,
            other => last = other,
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: {last:?}");
}

/// Sends a PUT directly to the store. `None` if no response arrived.
async fn put(upload: &Upload) -> Option<Answer> {
    let sent = upload.request(&upload.url).body(upload.bytes.clone()).send().await.ok()?;
    Some(Answer::read(sent).await)
}

async fn send_and_read(user: &User, channel: &str, id: &str, bytes: &[u8], case: &str) {
    repeat(case, async || Some(user.complete(id).await)).await;
    let message = repeat(case, async || Some(user.send(channel, case, &[id]).await)).await.ok();
    assert_eq!(message["attachments"][0]["status"], "complete", "{case}");
    let read = repeat(case, async || Some(user.download(id, "").await)).await;
    assert!(read.bytes == bytes, "{case}: other bytes are stored");
    let listed = user.messages(channel).await;
    assert_eq!(listed.iter().filter(|message| message["body"] == case).count(), 1, "{case}");
}

async fn faulty() -> (TestApp, Arc<Mutex<Option<(Call, Fault)>>>) {
    let planned = Arc::default();
    let given = Arc::clone(&planned);
    (TestApp::start_behind(async move |store| Stand::serve(store, given).await).await, planned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_the_store_loses_an_upload_in_one_put() {
    let (app, planned) = faulty().await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for call in [Call::Put, Call::Head, Call::Copy, Call::Get, Call::Delete] {
        for fault in FAULTS {
            let case = format!("{call:?} {fault:?}");
            let bytes = case.as_bytes();
            let upload = owner.presign(&channel, "a.txt", "text/plain", bytes).await;
            *planned.lock().unwrap() = Some((call, fault));
            repeat(&case, async || put(&upload).await).await;
            send_and_read(&owner, &channel, &upload.id, bytes, &case).await;
            assert!(planned.lock().unwrap().is_none(), "{case}: there was no such call");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_the_store_loses_an_upload_in_parts() {
    let (app, planned) = faulty().await;
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let bytes = vec![7; 8 * 1024 * 1024 + 1];
    for call in [Call::Create, Call::Part, Call::List, Call::Join] {
        for fault in FAULTS {
            let case = format!("{call:?} {fault:?}");
            let parts = Parts::begin(&owner, &channel, "a.bin", "application/octet-stream", &bytes).await;
            *planned.lock().unwrap() = Some((call, fault));
            for number in 1..=parts.count {
                repeat(&case, async || {
                    let wanted = json!([{
                        "partNumber": number, "checksumSha256": checksum(parts.part(number)),
                    }]);
                    let signed = parts.ask(wanted).await;
                    if signed.status >= 300 {
                        return Some(signed);
                    }
                    let mut part = signed.ok()["parts"][0].clone();
                    part["resourceId"] = json!(parts.id());
                    put(&Upload::new(part, parts.part(number))).await
                })
                .await;
            }
            send_and_read(&owner, &channel, parts.id(), &bytes, &case).await;
            assert!(planned.lock().unwrap().is_none(), "{case}: there was no such call");
        }
    }
}
