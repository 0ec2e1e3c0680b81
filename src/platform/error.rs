//! The one error that leaves the server, and the shape it has on the wire.
//!
//! Every route answers a failure with `{"message", "code", "data": {"kind", "field"?}}`: `message` says what to do,
//! `code` repeats the status, `kind` is stable and made for programs. `data` repeats the message, because the browser's
//! half of a server function is given `data` alone.

use dioxus::fullstack::{AsStatusCode, StatusCode};
use serde::{Deserialize, Serialize};

/// What went wrong, by a name that does not change. The one table of kinds and their statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request could not be read: not JSON, a wrong type, a bad id.
    MalformedRequest,
    /// Nobody is logged in, or the session is over.
    Unauthenticated,
    /// The email or the password is wrong. Which of them is not told.
    WrongCredentials,
    /// The role does not permit it.
    Forbidden,
    /// Whoever signs up needs an invitation.
    SignUpClosed,
    /// A state-changing request that came from another site.
    CrossOrigin,
    /// A signed URL that was altered.
    InvalidSignature,
    /// A signed URL that is too old.
    UrlExpired,
    /// It does not exist, or it is not yours: the two look the same.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The request contradicts what is stored.
    Conflict,
    /// The page was opened by another session, or in another organization, than the request's cookie stands for.
    SessionChanged,
    /// Only `uploading → complete | failed` and `failed → uploading` are possible.
    InvalidTransition,
    /// An attachment that is not complete was to be sent.
    AttachmentNotComplete,
    /// An attachment that is already in a message was to be sent again.
    AttachmentAlreadySent,
    /// The body is larger than this route takes.
    TooLarge,
    /// The organization keeps as much as its quota allows.
    QuotaExceeded,
    /// The body is not of the type that this route takes.
    UnsupportedMediaType,
    /// A field has a value that cannot be accepted; `field` names it.
    InvalidValue,
    /// The stored object has another size than was announced.
    SizeMismatch,
    /// The first bytes contradict the announced type.
    TypeMismatch,
    /// The location of a photo cannot be removed, because its metadata cannot be read.
    UnreadableMedia,
    /// The bytes are not those whose checksum was announced.
    ChecksumMismatch,
    /// `complete` was called, but nothing was uploaded.
    ObjectMissing,
    /// A file that comes through the server is larger than such may be.
    FileTooLarge,
    /// A file that comes through the server is of a type that is not taken so.
    FileTypeNotAllowed,
    /// It is none of `VIDEO`, `IMAGE`, `GIF`, `AUDIO` and `ICON`.
    InvalidMediaType,
    /// The bytes contradict the media type.
    MediaTypeMismatch,
    /// Not a URL that the server fetches: not http, with a password, or not out in the internet.
    InvalidUrl,
    /// A URL could not be fetched.
    RemoteFetchFailed,
    /// The other server took too long.
    RemoteFetchTimeout,
    /// The installation stores no files for programs.
    AttachmentsDisabled,
    /// The file is another version than the request asks for.
    PreconditionFailed,
    /// The file has no such part (RFC 9110 §15.5.17).
    RangeNotSatisfiable,
    /// The body of a request came so slowly that it was left.
    TooSlow,
    /// Too many tries; `Retry-After` says when to come back.
    RateLimited,
    /// The search took longer than a search may; a narrower one is faster.
    SearchTimeout,
    /// Our fault. Nothing internal is told.
    Internal,
    /// The storage or the database does not answer.
    Unavailable,
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
            Self::SearchTimeout | Self::Unavailable | Self::Network => 503,
        }
    }
}

/// A failure that a person or a program can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    pub kind: ErrorKind,
    /// What to do, in a sentence or two.
    pub message: String,
    /// The input field at fault, as the request spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait, for [`ErrorKind::RateLimited`] and for what will be available again.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "retryAfter")]
    pub retry_after: Option<u32>,
    /// Whether the database ended the transaction for the sake of another one.
    #[serde(skip)]
    pub is_collision: bool,
}

pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl AppError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), field: None, retry_after: None, is_collision: false }
    }

    /// A value that cannot be accepted, with the field that holds it.
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

    /// The same, with what is wrong with what the caller showed.
    pub fn unauthenticated_by(message: &str) -> Self {
        Self::new(ErrorKind::Unauthenticated, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// Names the field at fault.
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

/// A text for people: of a page that something in between has made, nothing.
fn plain(text: String) -> String {
    let is_page = text.trim_start().starts_with('<') || text.chars().count() > 300;
    if is_page { "Something between this browser and the server blocked the request.".to_owned() } else { text }
}

/// What the transport reports.
impl AppError {
    /// An answer that is a failure. Ours have the one shape; others stand in between, such as a proxy.
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
                // What a proxy says of a server that it does not reach, or keeps from too many requests. Its words are for whoever
                // runs it.
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

    /// How long to wait before another try, at least, in milliseconds.
    pub fn retry_after_ms(&self) -> i32 {
        self.retry_after.map_or(0, |seconds| i32::try_from(seconds.min(3600) * 1000).unwrap_or(i32::MAX))
    }

    /// Whether the same once more may succeed, although nothing is changed in it.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Network
                | ErrorKind::Unavailable
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

    const COLLISION: &str = "Someone else is changing the same thing. Try again in a moment.";
    /// Seconds after which to try again what does not work for the moment.
    const TRY_AGAIN: u32 = 5;

    impl IntoResponse for AppError {
        fn into_response(self) -> Response {
            let body = serde_json::json!({ "message": self.message, "code": self.status().as_u16(), "data": self });
            let mut response = (self.status(), axum::Json(body)).into_response();
            if let Some(seconds) = self.retry_after {
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            response
        }
    }

    impl From<ServerFnError> for AppError {
        /// The rejection of an extractor.
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
            // PostgreSQL takes no NUL in a text; SQLite does, and finds nothing by it.
            if error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "22021")
            {
                return Self::new(ErrorKind::MalformedRequest, "The text contains a NUL character. Remove it.");
            }
            match (fault::of(&error), Lane::current()) {
                (fault::Fault::Interrupted, Lane::Search(_)) => {
                    tracing::warn!(%error, "a search timed out");
                    Self::search_timeout()
                }
                (fault, _) => {
                    tracing::error!(%error, "database");
                    match fault {
                        fault::Fault::DiskFull => Self::disk_full(),
                        fault::Fault::Away => {
                            Self::unavailable("The database is not responding. Try again in a moment.", TRY_AGAIN)
                        }
                        // Without the header of a server function's answer: it may succeed at the second try.
                        fault::Fault::Collision => Self {
                            retry_after: Some(TRY_AGAIN),
                            is_collision: true,
                            ..Self::new(ErrorKind::Unavailable, COLLISION)
                        },
                        fault::Fault::Interrupted => {
                            Self::unavailable("The database took too long. Try again in a moment.", TRY_AGAIN)
                        }
                        fault::Fault::Other => Self::internal(),
                    }
                }
            }
        }
    }

    impl AppError {
        /// A body that broke off.
        pub fn cut_off() -> Self {
            Self::new(ErrorKind::MalformedRequest, "The body was incomplete. Send it again.")
        }

        /// Two transactions collided, again and again.
        pub fn collision() -> Self {
            Self::unavailable(COLLISION, TRY_AGAIN)
        }

        /// Neither the database nor the storage can take more.
        pub fn disk_full() -> Self {
            Self::unavailable(
                "The server's disk is full. Ask your administrator to free up space, then try again.",
                TRY_AGAIN,
            )
        }

        /// Returns 503 with `Retry-After`, also for a server function.
        pub fn unavailable(message: impl Into<String>, seconds: u32) -> Self {
            Self::retry_later(ErrorKind::Unavailable, message, seconds)
        }

        /// Returns a failure that goes away by itself, with `Retry-After`.
        pub fn retry_later(kind: ErrorKind, message: impl Into<String>, seconds: u32) -> Self {
            add_header(RETRY_AFTER, seconds.into());
            Self { retry_after: Some(seconds), ..Self::new(kind, message) }
        }

        /// Returns 503 for a search that reached its deadline.
        pub fn search_timeout() -> Self {
            let message = "This search takes too long. Add a word, or choose a conversation or a period.";
            Self::new(ErrorKind::SearchTimeout, message)
        }

        /// For what has been logged already: the client learns nothing of the inside.
        pub fn internal() -> Self {
            Self::new(ErrorKind::Internal, "Something went wrong. Try again, or contact your administrator.")
        }

        /// Logs a failure of ours where it happened.
        pub fn unexpected(what: &str, error: impl std::fmt::Display) -> Self {
            tracing::error!(%error, "{what}");
            Self::internal()
        }
    }
}
