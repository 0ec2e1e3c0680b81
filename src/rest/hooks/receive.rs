//! Receives a request of an incoming URL, and sends what it says.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Path, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use serde_json::json;

use super::answer::{Wish, answer};
use super::form;
use crate::conversations::hooks::service as hooks;
use crate::conversations::hooks::service::Target;
use crate::conversations::hooks::shapes::{self, Context, Draft, Reading};
use crate::files::attachments::intake::MIN_BYTES_PER_SECOND;
use crate::files::attachments::message_files::check_url;
use crate::platform::Platform;
use crate::platform::body_deadline::{BodyDeadline, with_deadline};
use crate::platform::client_address::client_address;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::http::{too_slow, with_small_body};
use crate::platform::secret::Token;
use crate::platform::telemetry::request::note_caller;
use crate::rest::body::parse;
use crate::rest::caller::Caller;
use crate::rest::idempotency;
use crate::rest::limits::{Key, Left, Limits};
use crate::rest::messages::Message;
use crate::rest::messages::input::Input;
use crate::rest::messages::send::{Sent, send};

/// Maximum length of a body without files, in bytes.
const BODY_MAX: usize = 1024 * 1024;

/// `POST /api/hooks/{secret}`.
pub async fn receive_hook(
    platform: Platform,
    Extension(limits): Extension<Arc<Limits>>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut left = None;
    let mut response = match admit(&platform, &limits, &secret, &parts, &mut left).await {
        Ok((caller, target)) => {
            let grace = platform.config.attachments.body_grace;
            let deadline = BodyDeadline::MinRate { grace, bytes_per_second: MIN_BYTES_PER_SECOND };
            let (bytes, timed_out) = with_deadline(body, deadline);
            let request = Request::from_parts(parts, Body::from_stream(bytes));
            let response = handle(&platform, &caller, &target, request).await;
            // The reader only knows that the body ended early.
            if timed_out.get() { too_slow() } else { response }
        }
        Err(error) => error.into_response(),
    };
    if let Some(left) = left {
        left.write(response.headers_mut());
    }
    response
}

/// Authenticates the URL, and counts the request.
async fn admit(
    platform: &Platform,
    limits: &Limits,
    secret: &str,
    parts: &Parts,
    left: &mut Option<Left>,
) -> Result<(Caller, Target)> {
    let now = platform.clock.now();
    let mut count = |key| {
        let (counted, refused) = limits.count(key, now);
        *left = counted;
        refused
    };
    if let Some(address) = client_address(platform, parts) {
        count(Key::Address(address))?;
    }
    let (checked, target) = hooks::authenticate(platform, secret).await?;
    let caller = Caller::by_token(checked);
    note_caller(&parts.extensions, caller.member.id.0, caller.member.organization_id().0);
    count(Key::Caller(caller.id()))?;
    Ok((caller, target))
}

async fn handle(platform: &Platform, caller: &Caller, target: &Target, request: Request) -> Response {
    let wish = Wish::of(request.uri());
    let headers = request.headers().clone();
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        let message = "Send the body without Content-Encoding.";
        return AppError::new(ErrorKind::UnsupportedMediaType, message).into_response();
    }
    if form::is_multipart(&headers) {
        let mut texts = Vec::new();
        let read = form::read(platform, caller, request, &context(&headers, target), &mut texts).await;
        let body = texts.iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>().join("\n");
        return respond(platform, caller, target, &headers, wish, read, body.as_bytes()).await;
    }
    with_small_body(platform, request, |request| async {
        let Ok(bytes) = Bytes::from_request(request, &()).await else { return AppError::cut_off().into_response() };
        let read = read_bytes(&headers, target, &bytes).map(|reading| (reading, Vec::new()));
        respond(platform, caller, target, &headers, wish, read, &bytes).await
    })
    .await
}

fn context<'a>(headers: &'a HeaderMap, target: &'a Target) -> Context<'a> {
    Context { template: target.template.as_ref(), github_event: header(headers, "x-github-event") }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty())
}

fn read_bytes(headers: &HeaderMap, target: &Target, bytes: &[u8]) -> Result<Reading> {
    if bytes.len() > BODY_MAX {
        return Err(AppError::new(ErrorKind::TooLarge, "The body is larger than 1 MB. Send less at a time."));
    }
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    shapes::read_body(&String::from_utf8_lossy(content_type), bytes, &context(headers, target))
}

/// Sends what was read. Records why a request was rejected, with the start of its body.
async fn respond(
    platform: &Platform,
    caller: &Caller,
    target: &Target,
    headers: &HeaderMap,
    wish: Wish,
    read: Result<(Reading, Vec<Sent>)>,
    body: &[u8],
) -> Response {
    let sent = async {
        let (reading, files) = read?;
        let reading = reading.finish(files.len())?;
        let message = match reading.draft {
            Some(draft) => Some(deliver(platform, caller, target, headers, draft, files).await?),
            None => None,
        };
        Ok(answer(reading.format, wish, message.as_ref()))
    };
    let error = match sent.await {
        Ok(response) => return response,
        Err(error) => hooks::ended(error),
    };
    if error.status().is_client_error() && error.kind != ErrorKind::NotFound {
        hooks::note_failure(platform, target.id, &error, body).await;
    }
    error.into_response()
}

/// Sends a message with its files, as a program would by the REST API.
async fn deliver(
    platform: &Platform,
    caller: &Caller,
    target: &Target,
    headers: &HeaderMap,
    mut draft: Draft,
    files: Vec<Sent>,
) -> Result<Message> {
    let key = delivery_key(headers)?.map(|key| idempotency::RequestKey(format!("{}:{key}", target.id)));
    let mut pictures = Vec::new();
    for url in std::mem::take(&mut draft.pictures) {
        match check_url(&url) {
            Ok(()) => pictures.push(json!({ "url": url, "mediaType": "IMAGE" })),
            // The message is worth more than its picture.
            Err(error) => draft.add(&format!("A picture could not be added. {}", error.message)),
        }
    }
    let input = json!({
        "title": draft.title,
        "subtitle": draft.subtitle,
        "body": draft.body,
        "deliveryType": draft.delivery_type(),
        "attachments": pictures,
    });
    let input: Input = parse(input.to_string().as_bytes())?;
    Ok(Box::pin(send(platform, caller, key, files, input)).await?.message)
}

/// Returns the id by which a sender repeats a request, hashed: GitHub's, or an idempotency key.
fn delivery_key(headers: &HeaderMap) -> Result<Option<String>> {
    let key = match header(headers, "x-github-delivery") {
        Some(delivery) => Some(delivery.to_owned()),
        None => idempotency::key_of(headers)?,
    };
    Ok(key.map(|key| URL_SAFE_NO_PAD.encode(Token::hash_of(&key))))
}
