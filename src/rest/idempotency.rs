//! `Idempotency-Key`: a repeated request returns the first response, and runs once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use futures::StreamExt;
use sqlx::FromRow;
use tracing::Instrument;
use uuid::Uuid;

use super::fingerprint::Fingerprint;
use crate::platform::Platform;
use crate::platform::db::{execute, fetch_optional};
use crate::platform::error::{AppError, Result};
use crate::platform::secret::Token;
use crate::platform::timestamp::Timestamp;

pub const HEADER: &str = "idempotency-key";
/// The spelling in documents and errors.
pub const HEADER_TITLE: &str = "Idempotency-Key";
pub const KEY_MAX: usize = 200;
/// How long a response is kept.
pub const RESPONSE_RETENTION: Duration = Duration::from_hours(24);
/// A request without a response after this time died with its server.
const CLAIM_TIMEOUT: Duration = Duration::from_mins(10);
/// Maximum size of a stored response, in bytes.
const ANSWER_MAX: usize = 1024 * 1024;
/// Maximum size of the body of a repeated request, in bytes.
const REPEATED_MAX: usize = 256 * 1024 * 1024;
const REPEATED_BODY_TIMEOUT: Duration = Duration::from_mins(2);

/// The key of a request, for services that can store it themselves. Unique among all callers of a member.
#[derive(Debug, Clone)]
pub struct RequestKey(pub String);

impl RequestKey {
    fn new(caller: Uuid, key: &str, since: Timestamp) -> Self {
        Self(format!("{caller}:{}", URL_SAFE_NO_PAD.encode(Token::hash_of(&format!("{}:{key}", since.0)))))
    }
}

/// Returns the valid key of a request, if there is one.
pub fn key_of(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if text.is_empty() || text.len() > KEY_MAX || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!("An idempotency key has 1 to {KEY_MAX} visible ASCII characters, such as a UUID.");
        return Err(AppError::invalid(HEADER_TITLE, message));
    }
    Ok(Some(text.to_owned()))
}

/// Runs a request once for its key.
#[tracing::instrument(skip_all)]
pub async fn run(platform: &Platform, caller: Uuid, key: String, mut request: Request, next: Next) -> Result<Response> {
    let mut fingerprint = Fingerprint::new(request.method(), request.uri().path(), request.headers());
    let claim = Claim { platform: platform.clone(), caller, key, open: true };
    let Some(since) = claim.take().await? else {
        let known = claim.given_up().known().await?;
        let Some(Known { fingerprint: Some(before), status: Some(status), location, answer }) = known else {
            let message = "The same request is still in progress. Wait for its answer, or try again in a moment.";
            return Err(AppError::conflict(message).on(HEADER_TITLE));
        };
        read_again(request.into_body(), &mut fingerprint).await?;
        if fingerprint.finish() != before {
            let message = "This idempotency key was used for a different request. Use a new key for each request.";
            return Err(AppError::invalid(HEADER_TITLE, message));
        }
        return Ok(replay(status, location, answer));
    };
    request.extensions_mut().insert(RequestKey::new(caller, &claim.key, since));
    let fingerprint = Arc::new(Mutex::new(fingerprint));
    let seen = fingerprint.clone();
    let request = request.map(|body| {
        Body::from_stream(body.into_data_stream().inspect(move |chunk| {
            if let Ok(chunk) = chunk {
                seen.lock().unwrap_or_else(PoisonError::into_inner).add(chunk);
            }
        }))
    });
    let response = next.run(request).await;
    if !response.status().is_success() {
        // Nothing was created: the next attempt runs again.
        claim.release().await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, ANSWER_MAX)
        .await
        .map_err(|error| AppError::unexpected("an answer is too large to store", error))?;
    let fingerprint = fingerprint.lock().unwrap_or_else(PoisonError::into_inner).finish();
    let location = parts.headers.get(LOCATION).and_then(|value| value.to_str().ok());
    claim.keep(&fingerprint, parts.status, location, &bytes).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

async fn read_again(body: Body, fingerprint: &mut Fingerprint) -> Result<()> {
    let cut_off = || AppError::invalid(HEADER_TITLE, "The body was incomplete. Send it again.");
    let reading = async {
        let mut read = 0;
        let mut chunks = body.into_data_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk: Bytes = chunk.map_err(|_| cut_off())?;
            read += chunk.len();
            if read > REPEATED_MAX {
                return Err(cut_off());
            }
            fingerprint.add(&chunk);
        }
        Ok(())
    };
    tokio::time::timeout(REPEATED_BODY_TIMEOUT, reading).await.map_err(|_| cut_off())?
}

fn replay(status: i32, location: Option<String>, answer: Option<Vec<u8>>) -> Response {
    let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.unwrap_or_default()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    if let Some(location) = location.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(LOCATION, location);
    }
    response
}

#[derive(FromRow)]
struct Known {
    fingerprint: Option<Vec<u8>>,
    status: Option<i32>,
    location: Option<String>,
    answer: Option<Vec<u8>>,
}

/// A key while its request runs. If dropped early, for example when the client disconnects, it is free again.
struct Claim {
    platform: Platform,
    caller: Uuid,
    key: String,
    open: bool,
}

impl Claim {
    /// Claims the key for this request. Returns the time of the claim, or `None` if another request has it.
    async fn take(&self) -> sqlx::Result<Option<Timestamp>> {
        let now = self.platform.clock.now();
        // If a server died with a request, its time stays, so that its results can be found.
        let row = fetch_optional!(
            self.platform.db.on(),
            (Timestamp,),
            "INSERT INTO idempotent_requests (caller_id, key, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (caller_id, key) DO UPDATE
             SET fingerprint = NULL, status = NULL, location = NULL, answer = NULL,
               created_at = CASE WHEN idempotent_requests.created_at <= $4 THEN excluded.created_at
                 ELSE idempotent_requests.created_at END
             WHERE idempotent_requests.created_at <= $4
               OR (idempotent_requests.status IS NULL AND idempotent_requests.created_at <= $5)
             RETURNING created_at",
            self.caller,
            &self.key,
            now,
            now.minus(RESPONSE_RETENTION),
            now.minus(CLAIM_TIMEOUT)
        )?;
        Ok(row.map(|(since,)| since))
    }

    /// Gives the claim up, because another request has it.
    fn given_up(mut self) -> Self {
        self.open = false;
        self
    }

    async fn known(&self) -> sqlx::Result<Option<Known>> {
        fetch_optional!(
            self.platform.db.on(),
            Known,
            "SELECT fingerprint, status, location, answer FROM idempotent_requests WHERE caller_id = $1 AND key = $2",
            self.caller,
            &self.key
        )
    }

    async fn keep(
        mut self,
        fingerprint: &[u8],
        status: StatusCode,
        location: Option<&str>,
        answer: &[u8],
    ) -> sqlx::Result<()> {
        execute!(
            self.platform.db.on(),
            "UPDATE idempotent_requests SET fingerprint = $3, status = $4, location = $5, answer = $6
             WHERE caller_id = $1 AND key = $2",
            self.caller,
            &self.key,
            fingerprint,
            i32::from(status.as_u16()),
            location,
            answer
        )?;
        self.open = false;
        Ok(())
    }

    async fn release(mut self) -> sqlx::Result<()> {
        self.open = false;
        forget(&self.platform, self.caller, &self.key).await
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.open {
            let (platform, caller, key) = (self.platform.clone(), self.caller, std::mem::take(&mut self.key));
            let release = async move {
                if let Err(error) = forget(&platform, caller, &key).await {
                    tracing::warn!(%error, "failed to release an idempotency key");
                }
            };
            tokio::spawn(release.in_current_span());
        }
    }
}

async fn forget(platform: &Platform, caller: Uuid, key: &str) -> sqlx::Result<()> {
    execute!(platform.db.on(), "DELETE FROM idempotent_requests WHERE caller_id = $1 AND key = $2", caller, key)?;
    Ok(())
}

/// Removes expired responses. Returns their number.
pub async fn forget_before(platform: &Platform, before: Timestamp) -> sqlx::Result<u64> {
    execute!(platform.db.on(), "DELETE FROM idempotent_requests WHERE created_at <= $1", before)
}
