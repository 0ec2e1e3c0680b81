//! HTTP route of imports. `upload.rs` has the preview, whose body is the file, and `export.rs` the file.

use super::model::{ImportBatch, ImportPreview, ImportResult};
use crate::platform::error::{AppError, Result};
use crate::platform::json::Body;
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {super::service, crate::people::organizations::service::Member, crate::platform::Platform};

/// Imports the next rows of a file.
#[post("/api/contacts/import", platform: Platform, member: Member)]
pub async fn import_contacts(body: Body<ImportBatch>) -> Result<ImportResult, AppError> {
    service::import(&platform, &member, body.0).await
}

/// Returns what an import of a file would change.
pub async fn preview_file(bytes: Vec<u8>) -> Result<ImportPreview> {
    send_bytes("/api/contacts/import/preview", bytes).await
}
