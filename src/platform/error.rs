//! The error type of the server, and its JSON shape.
//!
//! Every route returns errors as `{"message", "code", "data": {"kind", "field"?}, "requestId"}`: `message` says what to do,
//! `code` repeats the status, `kind` is stable and made for programs, `requestId` is added in `http`. `data` repeats the
//! message, because the browser's half of a server function receives `data` only.

use dioxus::fullstack::{AsStatusCode, StatusCode};
use serde::{Deserialize, Serialize};

/// Longest part of a client's text that an error repeats, in characters.
const QUOTED_MAX: usize = 40;

/// Quotes a text of a client for an error, at most [`QUOTED_MAX`] characters of it.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
        None => format!("{text:?}"),
    }
}

/// A kind of error, with a stable name. This is the only table of kinds and their statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request can't be parsed: not JSON, a wrong type, an invalid id.
    MalformedRequest,
    /// No one is logged in, or the session has expired.
    Unauthenticated,
    /// The email or the password is wrong. The response does not say which.
    WrongCredentials,
    /// The role does not permit it.
    Forbidden,
    /// Sign-up requires an invitation.
    SignUpClosed,
    /// A state-changing request from another site.
    CrossOrigin,
    /// A signed URL that was altered.
    InvalidSignature,
    /// A signed URL that has expired.
    UrlExpired,
    /// It does not exist, or belongs to another organization: the two look the same.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The request contradicts what is stored.
    Conflict,
    /// The page was opened by another session, or in another organization, than the request's cookie belongs to.
    SessionChanged,
    /// Only `uploading → complete | failed` and `failed → uploading` are possible.
    InvalidTransition,
    /// The message has an attachment that is not complete.
    AttachmentNotComplete,
    /// The message has an attachment that is already in a message.
    AttachmentAlreadySent,
    /// The body is larger than this route accepts.
    TooLarge,
    /// The organization's quota is used up.
    QuotaExceeded,
    /// The body has a type that this route does not accept.
    UnsupportedMediaType,
    /// A field's value is not accepted; `field` names it.
    InvalidValue,
    /// The stored object has another size than was announced.
    SizeMismatch,
    /// The first bytes contradict the announced type.
    TypeMismatch,
    /// The location of a photo can't be removed, because its metadata can't be read.
    UnreadableMedia,
    /// The bytes don't have the announced checksum.
    ChecksumMismatch,
    /// `complete` was called, but nothing was uploaded.
    ObjectMissing,
    /// A file that passes through the server is too large.
    FileTooLarge,
    /// A file that passes through the server has a type that is not allowed.
    FileTypeNotAllowed,
    /// Not one of `VIDEO`, `IMAGE`, `GIF`, `AUDIO` and `ICON`.
    InvalidMediaType,
    /// The bytes contradict the media type.
    MediaTypeMismatch,
    /// A URL that the server does not fetch: not http or https, with a password, or not on the public internet.
    InvalidUrl,
    /// A URL could not be fetched.
    RemoteFetchFailed,
    /// The remote server took too long.
    RemoteFetchTimeout,
    /// The installation stores no files for programs.
    AttachmentsDisabled,
    /// The file is not the version that the request names.
    PreconditionFailed,
    /// The file has no such range (RFC 9110 §15.5.17).
    RangeNotSatisfiable,
    /// The body of a request arrived too slowly.
    TooSlow,
    /// Too many attempts; `Retry-After` says when to retry.
    RateLimited,
    /// The search took longer than allowed; a narrower one is faster.
    SearchTimeout,
    /// A fault of the server. The response has no details.
    Internal,
    /// The storage or the database does not respond.
    Unavailable,
    /// The installation is being moved: until that ends, it can only be read.
    ReadOnly,
    /// The browser could not reach the server.
    Network,
}

impl ErrorKind {
    fn status(self) -> u16 {
        match self {
            Self::MalformedRequest
            | Self::FileTooLarge
            | Self::FileTypeNotAllowed
            | Self::InvalidMediaType
            | Self::MediaTypeMismatch
            | Self::InvalidUrl
            | Self::RemoteFetchFailed
            | Self::RemoteFetchTimeout => 400,
            Self::Unauthenticated | Self::WrongCredentials => 401,
            Self::AttachmentsDisabled
            | Self::Forbidden
            | Self::SignUpClosed
            | Self::CrossOrigin
            | Self::InvalidSignature
            | Self::UrlExpired => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooSlow => 408,
            Self::Conflict
            | Self::SessionChanged
            | Self::InvalidTransition
            | Self::AttachmentNotComplete
            | Self::AttachmentAlreadySent => 409,
            Self::TooLarge | Self::QuotaExceeded => 413,
            Self::UnsupportedMediaType => 415,
            Self::InvalidValue
            | Self::SizeMismatch
            | Self::TypeMismatch
            | Self::UnreadableMedia
            | Self::ChecksumMismatch
            | Self::ObjectMissing => 422,
            Self::PreconditionFailed => 412,
            Self::RangeNotSatisfiable => 416,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::SearchTimeout | Self::Unavailable | Self::ReadOnly | Self::Network => 503,
        }
    }
}

/// An error that a person or a program can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    pub kind: ErrorKind,
    /// What to do, in a sentence or two.
    pub message: String,
    /// The input field at fault, as the request spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait, for [`ErrorKind::RateLimited`] and temporary failures.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "retryAfter")]
    pub retry_after: Option<u32>,
    /// Whether the database ended the transaction because of another one.
    #[serde(skip)]
    pub is_collision: bool,
    /// The code of the storage that failed, for the log.
    #[serde(skip)]
    pub store_code: Option<Box<str>>,
}

pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl AppError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), field: None, retry_after: None, is_collision: false, store_code: None }
    }

    /// Returns an error for a value that is not accepted, with its field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidValue, message).on(field)
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("No such {what}, or you don't have access to it."))
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Forbidden, message)
    }

    pub fn unauthenticated() -> Self {
        Self::unauthenticated_by("Log in to do this.")
    }

    /// Returns an `Unauthenticated` error that says what is wrong with the caller's credentials.
    pub fn unauthenticated_by(message: &str) -> Self {
        Self::new(ErrorKind::Unauthenticated, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// Sets the field at fault.
    #[must_use]
    pub fn on(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl AsStatusCode for AppError {
    fn as_status_code(&self) -> StatusCode {
        self.status()
    }
}

const NOT_REACHED: &str = "The server can't be reached. Try again in a moment.";

/// Returns a text that can be shown to people, and nothing for HTML from a proxy.
fn plain(text: String) -> String {
    let is_page = text.trim_start().starts_with('<') || text.chars().count() > 300;
    if is_page { "Something between this browser and the server blocked the request.".to_owned() } else { text }
}

/// Errors of the transport.
impl AppError {
    /// Converts an error response. Ours have the one shape; others come from a proxy.
    pub(super) fn from_answer(status: u16, text: String, retry_after: Option<u32>) -> Self {
        #[derive(Deserialize)]
        struct Wire {
            data: AppError,
        }
        match serde_json::from_slice::<Wire>(text.as_bytes()) {
            Ok(wire) => wire.data,
            Err(_) => match status {
                401 => Self::unauthenticated(),
                404 => Self::not_found("item"),
                413 => Self::new(ErrorKind::TooLarge, "This is larger than the server accepts."),
                // A proxy reports a server that it can't reach, or that it protects from too many requests. Its text is
                // for operators.
                408 | 425 | 429 | 500.. => Self { retry_after, ..Self::new(ErrorKind::Network, NOT_REACHED) },
                400..=499 => Self::new(ErrorKind::MalformedRequest, plain(text)),
                _ => Self::new(ErrorKind::Internal, "Something went wrong. Try again."),
            },
        }
    }

    pub(crate) fn unreadable() -> Self {
        Self::new(ErrorKind::Internal, "The server sent an unreadable answer. Reload the page.")
    }

    #[cfg(not(feature = "server"))]
    pub(super) fn no_answer() -> Self {
        Self::new(ErrorKind::Network, "The server did not respond. Check your connection and try again.")
    }

    /// Returns the minimum wait before a retry, in milliseconds.
    pub fn retry_after_ms(&self) -> i32 {
        self.retry_after.map_or(0, |seconds| i32::try_from(seconds.min(3600) * 1000).unwrap_or(i32::MAX))
    }

    /// Returns whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Network
                | ErrorKind::Unavailable
                | ErrorKind::ReadOnly
                | ErrorKind::SearchTimeout
                | ErrorKind::RateLimited
                | ErrorKind::TooSlow
                | ErrorKind::Internal
        )
    }
}

#[cfg(feature = "server")]
mod server {
    use axum::http::header::RETRY_AFTER;
    use axum::response::{IntoResponse, Response};
    use dioxus::fullstack::ServerFnError;

    use super::{AppError, ErrorKind};
    use crate::platform::db::{Lane, fault};
    use crate::platform::http::add_header;
    use crate::platform::telemetry::RequestId;

    const COLLISION: &str = "Someone else is changing the same thing. Try again in a moment.";
    /// Seconds before the retry of a temporary failure.
    const TRY_AGAIN: u32 = 5;
    const READ_ONLY: &str =
        "Attaché is being moved to another place, and is read-only until that is done. Try again in a minute.";
    /// Seconds before the retry of a write while the installation is being moved.
    const READ_ONLY_RETRY: u32 = 10;

    impl IntoResponse for AppError {
        fn into_response(self) -> Response {
            let mut response = (self.status(), axum::Json(self.to_json())).into_response();
            if let Some(seconds) = self.retry_after {
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            response
        }
    }

    impl From<ServerFnError> for AppError {
        /// Converts the rejection of an extractor.
        fn from(error: ServerFnError) -> Self {
            match error {
                ServerFnError::ServerError { code: 500.., .. } => Self::internal(),
                ServerFnError::ServerError { message, code, .. } => Self::from_answer(code, message, None),
                _ => Self::unreadable(),
            }
        }
    }

    impl From<sqlx::Error> for AppError {
        fn from(error: sqlx::Error) -> Self {
            // PostgreSQL rejects a NUL in a text; SQLite accepts it and finds nothing.
            if error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "22021")
            {
                return Self::new(ErrorKind::MalformedRequest, "The text contains a NUL character. Remove it.");
            }
            match (fault::of(&error), Lane::current()) {
                (fault::Fault::Interrupted, Lane::Search(_)) => {
                    tracing::warn!(%error, "a search timed out");
                    Self::search_timeout()
                }
                (fault::Fault::ReadOnly, _) => Self::read_only(),
                (fault, _) => {
                    tracing::error!(%error, "database");
                    match fault {
                        fault::Fault::DiskFull => Self::disk_full(),
                        fault::Fault::Away => {
                            Self::unavailable("The database is not responding. Try again in a moment.", TRY_AGAIN)
                        }
                        // Without `Retry-After` in a server function's response: the second attempt may succeed at
                        // once.
                        fault::Fault::Collision => Self {
                            retry_after: Some(TRY_AGAIN),
                            is_collision: true,
                            ..Self::new(ErrorKind::Unavailable, COLLISION)
                        },
                        fault::Fault::Interrupted => {
                            Self::unavailable("The database took too long. Try again in a moment.", TRY_AGAIN)
                        }
                        fault::Fault::ReadOnly | fault::Fault::Other => Self::internal(),
                    }
                }
            }
        }
    }

    impl AppError {
        /// Returns the error for a body that ended early.
        pub fn cut_off() -> Self {
            Self::new(ErrorKind::MalformedRequest, "The body was incomplete. Send it again.")
        }

        /// Returns the error for two transactions that collided repeatedly.
        pub fn collision() -> Self {
            Self::unavailable(COLLISION, TRY_AGAIN)
        }

        /// Returns the error for a full database or storage.
        pub fn disk_full() -> Self {
            Self::unavailable(
                "The server's disk is full. Ask your administrator to free up space, then try again.",
                TRY_AGAIN,
            )
        }

        /// Returns the error for a write while the installation is being moved.
        pub fn read_only() -> Self {
            Self::retry_later(ErrorKind::ReadOnly, READ_ONLY, READ_ONLY_RETRY)
        }

        /// Returns 503 with `Retry-After`, also for a server function.
        pub fn unavailable(message: impl Into<String>, seconds: u32) -> Self {
            Self::retry_later(ErrorKind::Unavailable, message, seconds)
        }

        /// Returns a temporary failure, with `Retry-After`.
        pub fn retry_later(kind: ErrorKind, message: impl Into<String>, seconds: u32) -> Self {
            add_header(RETRY_AFTER, seconds.into());
            Self { retry_after: Some(seconds), ..Self::new(kind, message) }
        }

        /// Returns 503 for a search that reached its deadline.
        pub fn search_timeout() -> Self {
            let message = "This search takes too long. Add a word, or choose a conversation or a period.";
            Self::new(ErrorKind::SearchTimeout, message)
        }

        /// Returns the body of the answer, but for the id of the request.
        pub fn to_json(&self) -> serde_json::Value {
            serde_json::json!({ "message": self.message, "code": self.status().as_u16(), "data": self })
        }

        /// Returns the error for a failure that is logged already. The client gets no details but the request's id.
        pub fn internal() -> Self {
            Self::internal_of(RequestId::current())
        }

        pub fn internal_of(id: Option<RequestId>) -> Self {
            let message = match id {
                Some(id) => {
                    format!("Something went wrong. Try again, or give your administrator this code: {id}")
                }
                None => "Something went wrong. Try again, or contact your administrator.".to_owned(),
            };
            Self::new(ErrorKind::Internal, message)
        }

        /// Logs an internal failure with its cause.
        pub fn unexpected(what: &str, error: impl std::fmt::Display) -> Self {
            tracing::error!(%error, "{what}");
            Self::internal()
        }
    }
}
