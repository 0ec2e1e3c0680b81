//! HTTP route of the deletion. `export.rs` has the zip.

use super::model::Confirmation;
use crate::ids::ContactId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::Body;
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {super::deletion, crate::people::organizations::service::Member, crate::platform::Platform};

/// Permanently deletes a contact with its conversation, messages and files.
#[delete("/api/contacts/{id}", platform: Platform, member: Member)]
pub async fn delete_contact(id: ContactId, body: Body<Confirmation>) -> Result<(), AppError> {
    deletion::delete(&platform, &member, id, body.0).await
}
