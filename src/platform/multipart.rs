//! Parsing of multipart forms (RFC 7578), field by field as they arrive. Texts are read here, files by the caller.

use std::error::Error;

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::content_disposition::{field_name, form_file_name};
use super::error::{AppError, ErrorKind, Result};
use super::form_guard::{Allowance, FormError, GuardedForm};

/// Maximum length of a text field, in bytes: a message has at most 20,000 characters.
const TEXT_MAX: usize = 100_000;
/// Maximum length of all texts of a form together, in bytes.
const TEXTS_MAX: usize = 2 * 1024 * 1024;

/// A form with its remaining fields.
pub struct Form {
    parts: Multipart,
    allowance: Allowance,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let content_type =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("multipart/form-data") {
            let message = "Send multipart/form-data, as curl does with -F file=@picture.png.";
            return Err(AppError::new(ErrorKind::UnsupportedMediaType, message));
        }
        let allowance = Allowance::new();
        let request = request.map(|body| Body::from_stream(GuardedForm::new(body.into_data_stream(), &allowance)));
        let parts = Multipart::from_request(request, state).await.map_err(|_| {
            let message = "The Content-Type of a form must name its boundary. Let your HTTP library set this header.";
            AppError::new(ErrorKind::MalformedRequest, message)
        })?;
        Ok(Self { parts, allowance })
    }
}

impl Form {
    /// Returns the next part. The previous one must have been read completely.
    pub async fn next_field(&mut self) -> Result<Option<Field<'_>>> {
        self.allowance.begin_headers();
        let field = self.parts.next_field().await.map_err(|error| malformed(&error))?;
        if field.is_some() {
            self.allowance.begin_content().map_err(refused)?;
        }
        Ok(field)
    }
}

/// Returns the file name of a field, in the client's spelling.
pub fn file_name_of_field(field: &Field<'_>) -> String {
    form_file_name(disposition(field)).unwrap_or_default()
}

fn disposition<'a>(field: &'a Field<'_>) -> &'a [u8] {
    field.headers().get(CONTENT_DISPOSITION).map(HeaderValue::as_bytes).unwrap_or_default()
}

/// Returns the name of a field. The form parser knows the parameter in lower case only.
pub fn name_of_field(field: &Field<'_>) -> Option<String> {
    field_name(disposition(field)).filter(|name| !name.is_empty())
}

/// Reads the texts of one form, within a common limit.
#[derive(Default)]
pub struct Texts {
    read: usize,
}

impl Texts {
    /// Returns the text of a field.
    pub async fn read(&mut self, name: &str, mut field: Field<'_>) -> Result<String> {
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| malformed(&error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > TEXT_MAX {
                return Err(AppError::new(ErrorKind::MalformedRequest, format!("{name} is too long.")).on(name));
            }
        }
        self.read += bytes.len();
        if self.read > TEXTS_MAX {
            let message = "The text fields of this form are larger than 2 MB together. Send less at a time.";
            return Err(AppError::new(ErrorKind::MalformedRequest, message).on(name));
        }
        let text = String::from_utf8(bytes);
        text.map_err(|_| AppError::new(ErrorKind::MalformedRequest, format!("{name} is not UTF-8.")).on(name))
    }
}

/// Returns the error for an invalid form, or one that ended early.
pub fn malformed(error: &MultipartError) -> AppError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(reason) = inner.downcast_ref::<FormError>() {
            return refused(*reason);
        }
        cause = inner.source();
    }
    AppError::new(ErrorKind::MalformedRequest, format!("The form cannot be read: {}.", error.body_text()))
}

fn refused(reason: FormError) -> AppError {
    AppError::new(ErrorKind::MalformedRequest, format!("The form cannot be read: {reason}."))
}

pub fn refuse_unknown(name: &str, known: &str) -> AppError {
    AppError::new(ErrorKind::MalformedRequest, format!("There is no form field {name:?}. Fields: {known}.")).on(name)
}

pub fn refuse_nameless() -> AppError {
    AppError::new(ErrorKind::MalformedRequest, "A part of the form has no name. Add a name.")
}

pub fn refuse_twice(name: &str) -> AppError {
    AppError::new(ErrorKind::MalformedRequest, format!("{name} is sent twice. Send it once.")).on(name)
}
