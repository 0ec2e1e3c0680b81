//! Reading multipart forms (RFC 7578), field by field as they come: short texts, and files that go straight to a file.

use axum::extract::multipart::{Field, MultipartError};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::attachments::intake::{self, Spooled};
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};

/// Longest text of a field, in bytes: a message has at most 20,000 characters.
const TEXT_MAX: usize = 100_000;

/// The bytes of a file, as the document describes them.
pub struct FileBytes;

impl PartialSchema for FileBytes {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build().into()
    }
}

impl ToSchema for FileBytes {}

/// A file of a form.
pub struct File {
    /// As the client spells it.
    pub name: String,
    pub spooled: Spooled,
}

impl File {
    /// Takes the bytes as they come, as far as the limits go.
    pub async fn read(platform: &Platform, field: Field<'_>) -> Result<Self> {
        let name = field.file_name().unwrap_or_default().to_owned();
        let spooled = intake::spool(platform, field, |error| malformed(&error)).await?;
        Ok(Self { name, spooled })
    }
}

/// The text of a field.
pub async fn read_text(name: &str, mut field: Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| malformed(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > TEXT_MAX {
            return Err(AppError::new(ErrorKind::MalformedRequest, format!("{name} is too long.")).on(name));
        }
    }
    let text = String::from_utf8(bytes);
    text.map_err(|_| AppError::new(ErrorKind::MalformedRequest, format!("{name} is not UTF-8.")).on(name))
}

/// A form that is none, or that broke off.
pub fn malformed(error: &MultipartError) -> AppError {
    AppError::new(ErrorKind::MalformedRequest, format!("The form cannot be read: {}.", error.body_text()))
}

pub fn refuse_unknown(name: Option<&str>, known: &str) -> AppError {
    let name = name.unwrap_or_default();
    AppError::new(ErrorKind::MalformedRequest, format!("There is no form field {name:?}. There are: {known}.")).on(name)
}
