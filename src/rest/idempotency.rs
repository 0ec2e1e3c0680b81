//! `Idempotency-Key`: a repeated request returns the first response, and runs once. Responses are stored encrypted, because
//! they may contain a secret that is shown once.

use std::pin::Pin;
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
use tokio::time::timeout;
use tracing::Instrument;
use uuid::Uuid;

use super::caller;
use super::caller::Caller;
use super::fingerprint::Fingerprint;
use crate::platform::Platform;
use crate::platform::alongside::alongside;
use crate::platform::db::{execute, fetch_optional};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::sealing::SealingKey;
use crate::platform::secret::Token;
use crate::platform::timestamp::Timestamp;

pub const HEADER: &str = "idempotency-key";
/// The spelling in documents and errors.
pub const HEADER_TITLE: &str = "Idempotency-Key";
pub const KEY_MAX: usize = 200;
/// How long a response is kept.
pub const RESPONSE_RETENTION: Duration = Duration::from_hours(24);
/// How long a key is claimed without renewal: its request died with its server, then.
const CLAIM: Duration = Duration::from_mins(2);
const RENEW_INTERVAL: Duration = Duration::from_secs(30);
/// Seconds to wait before a retry while the first request runs.
const BUSY_RETRY_AFTER: u32 = 5;
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

/// A key of a request, with what its row and the encryption of its response are made of.
pub struct IdempotencyKey {
    caller: Uuid,
    text: String,
    /// In the row. Of a person's key a keyed hash, because their response is encrypted with the key alone.
    name: String,
    sealing_input: String,
}

impl IdempotencyKey {
    /// Returns the valid key of an authenticated request, if it has one.
    pub fn of(platform: &Platform, caller: &Caller, headers: &HeaderMap) -> Result<Option<Self>> {
        let Some(text) = key_of(headers)? else { return Ok(None) };
        // An access token has 256 random bits, of which the database has a hash. The token of a log-in changes.
        let token = caller::access_token(headers);
        let name = match token {
            Some(_) => text.clone(),
            None => platform.secret.sign(&format!("idempotency key\n{text}")),
        };
        let sealing_input = format!("response\n{}\n{text}", token.unwrap_or_default());
        Ok(Some(Self { caller: caller.id(), text, name, sealing_input }))
    }

    fn sealing_key(&self, platform: &Platform) -> Result<SealingKey> {
        let failed = |error| AppError::unexpected("failed to derive a key", error);
        SealingKey::derive(&platform.secret, &self.sealing_input).map_err(failed)
    }
}

/// Runs a request once for its key.
#[tracing::instrument(skip_all)]
pub async fn run(platform: &Platform, key: IdempotencyKey, mut request: Request, next: Next) -> Result<Response> {
    let mut fingerprint = Fingerprint::new(request.method(), request.uri().path(), request.headers());
    let sealing = key.sealing_key(platform)?;
    let text = key.text.clone();
    let claim = Claim::new(platform, key);
    let taken = match claim.take().await {
        Ok(taken) => taken,
        Err(error) => {
            claim.release().await;
            return Err(error.into());
        }
    };
    let Some(since) = taken else {
        let stored = claim.not_taken().stored().await?;
        let Some(Stored { fingerprint: before, status: Some(status), location, answer: Some(answer) }) = stored else {
            let message = "The same request is still in progress. Wait for its answer, or try again in a moment.";
            return Err(AppError::retry_later(ErrorKind::Conflict, message, BUSY_RETRY_AFTER).on(HEADER_TITLE));
        };
        read_again(request.into_body(), &mut fingerprint).await?;
        let fingerprint = fingerprint.finish();
        let opened = match before {
            // Stored by an older version.
            Some(before) => (before == fingerprint).then_some(answer),
            None => sealing.open(&fingerprint, &answer),
        };
        let Some(answer) = opened else {
            let message = "This idempotency key was used for a different request. Use a new key for each request.";
            return Err(AppError::invalid(HEADER_TITLE, message));
        };
        return Ok(replay(status, location, answer));
    };
    request.extensions_mut().insert(RequestKey::new(claim.key.caller, &text, since));
    let fingerprint = Arc::new(Mutex::new(fingerprint));
    let seen = fingerprint.clone();
    let request = request.map(|body| {
        Body::from_stream(body.into_data_stream().inspect(move |chunk| {
            if let Ok(chunk) = chunk {
                seen.lock().unwrap_or_else(PoisonError::into_inner).add(chunk);
            }
        }))
    });
    let response = claim.hold(Box::pin(next.run(request))).await;
    if !response.status().is_success() {
        // A failure of the server does not say whether the request was done: a message is found by the time of the key.
        if response.status().is_server_error() || since != claim.at {
            claim.release().await;
        } else {
            claim.forget().await;
        }
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, ANSWER_MAX)
        .await
        .map_err(|error| AppError::unexpected("an answer is too large to store", error))?;
    let fingerprint = fingerprint.lock().unwrap_or_else(PoisonError::into_inner).finish();
    let failed = |error| AppError::unexpected("failed to encrypt an answer", error);
    let sealed = sealing.seal(&fingerprint, &bytes).map_err(failed)?;
    let location = parts.headers.get(LOCATION).and_then(|value| value.to_str().ok());
    claim.keep(parts.status, location, &sealed).await;
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

fn replay(status: i32, location: Option<String>, answer: Vec<u8>) -> Response {
    let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
    let mut response = (status, answer).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    if let Some(location) = location.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(LOCATION, location);
    }
    response
}

#[derive(FromRow)]
struct Stored {
    fingerprint: Option<Vec<u8>>,
    status: Option<i32>,
    location: Option<String>,
    answer: Option<Vec<u8>>,
}

/// A key while its request runs. Dropped early, for example when the client disconnects, it is free again.
struct Claim {
    platform: Platform,
    key: IdempotencyKey,
    id: Uuid,
    at: Timestamp,
    is_open: bool,
}

impl Claim {
    fn new(platform: &Platform, key: IdempotencyKey) -> Self {
        let (id, at) = (platform.clock.new_id(), platform.clock.now());
        Self { platform: platform.clone(), key, id, at, is_open: true }
    }

    /// Claims the key for this request. Returns when it was first claimed, or `None` if another request has it, or its
    /// response is stored.
    async fn take(&self) -> sqlx::Result<Option<Timestamp>> {
        // The time of an attempt without a known outcome stays, so that its results can be found.
        let row = fetch_optional!(
            self.platform.db.on(),
            (Timestamp,),
            "INSERT INTO idempotent_requests (caller_id, key, created_at, claim_id, claimed_until) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (caller_id, key) DO UPDATE
             SET fingerprint = NULL, status = NULL, location = NULL, answer = NULL, claim_id = excluded.claim_id,
               claimed_until = excluded.claimed_until,
               created_at = CASE WHEN idempotent_requests.created_at <= $6 THEN excluded.created_at
                 ELSE idempotent_requests.created_at END
             WHERE idempotent_requests.created_at <= $6
               OR (idempotent_requests.status IS NULL AND COALESCE(idempotent_requests.claimed_until, 0) <= $3)
             RETURNING created_at",
            self.key.caller,
            &self.key.name,
            self.at,
            self.id,
            self.at.plus(CLAIM),
            self.at.minus(RESPONSE_RETENTION)
        )?;
        Ok(row.map(|(since,)| since))
    }

    /// Returns the key of another request's claim.
    fn not_taken(mut self) -> Self {
        self.is_open = false;
        self
    }

    async fn stored(&self) -> sqlx::Result<Option<Stored>> {
        fetch_optional!(
            self.platform.db.on(),
            Stored,
            "SELECT fingerprint, status, location, answer FROM idempotent_requests WHERE caller_id = $1 AND key = $2",
            self.key.caller,
            &self.key.name
        )
    }

    /// Runs work while the claim is renewed.
    async fn hold<T>(&self, mut work: Pin<Box<impl Future<Output = T>>>) -> T {
        loop {
            if let Ok(done) = timeout(RENEW_INTERVAL, &mut work).await {
                return done;
            }
            let (done, renewed) = alongside(&mut work, Box::pin(self.renew())).await;
            if let Err(error) = renewed {
                tracing::warn!(%error, "failed to renew the claim of an idempotency key");
            }
            if let Some(done) = done {
                return done;
            }
        }
    }

    async fn renew(&self) -> sqlx::Result<u64> {
        execute!(
            self.platform.db.on(),
            "UPDATE idempotent_requests SET claimed_until = $2 WHERE claim_id = $1 AND caller_id = $3 AND key = $4",
            self.id,
            self.platform.clock.now().plus(CLAIM),
            self.key.caller,
            &self.key.name
        )
    }

    /// Stores the response. The request is done by then, so a failure is only logged: the claim ends by itself.
    async fn keep(mut self, status: StatusCode, location: Option<&str>, answer: &[u8]) {
        self.is_open = false;
        for _ in 0..2 {
            let stored = execute!(
                self.platform.db.on(),
                "UPDATE idempotent_requests SET status = $2, location = $3, answer = $4, claim_id = NULL, claimed_until = NULL
                 WHERE claim_id = $1 AND caller_id = $5 AND key = $6",
                self.id,
                i32::from(status.as_u16()),
                location,
                answer,
                self.key.caller,
                &self.key.name
            );
            match stored {
                Ok(_) => return,
                Err(error) => tracing::warn!(%error, "failed to store the response of an idempotency key"),
            }
        }
    }

    /// Frees the key, and removes its row.
    async fn forget(mut self) {
        self.is_open = false;
        let removed = execute!(
            self.platform.db.on(),
            "DELETE FROM idempotent_requests WHERE claim_id = $1 AND caller_id = $2 AND key = $3",
            self.id,
            self.key.caller,
            &self.key.name
        );
        if let Err(error) = removed {
            tracing::warn!(%error, "failed to remove an idempotency key");
        }
    }

    /// Frees the key, and keeps the time of its first attempt.
    async fn release(mut self) {
        self.is_open = false;
        release(&self.platform, self.id, self.key.caller, &self.key.name).await;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.is_open {
            let (platform, id, caller) = (self.platform.clone(), self.id, self.key.caller);
            let name = std::mem::take(&mut self.key.name);
            let release = async move { release(&platform, id, caller, &name).await };
            tokio::spawn(release.in_current_span());
        }
    }
}

async fn release(platform: &Platform, claim: Uuid, caller: Uuid, key: &str) {
    let released = execute!(
        platform.db.on(),
        "UPDATE idempotent_requests SET claim_id = NULL, claimed_until = NULL
         WHERE claim_id = $1 AND caller_id = $2 AND key = $3",
        claim,
        caller,
        key
    );
    if let Err(error) = released {
        tracing::warn!(%error, "failed to release an idempotency key");
    }
}

/// Removes expired responses. Returns their number.
pub async fn forget_before(platform: &Platform, before: Timestamp) -> sqlx::Result<u64> {
    execute!(platform.db.on(), "DELETE FROM idempotent_requests WHERE created_at <= $1", before)
}
