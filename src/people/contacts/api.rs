//! HTTP routes of contacts.

use super::model::{Assignment, Contact, ContactUpdate, NewContact};
use crate::ids::ContactId;
use crate::platform::error::{AppError, Result};
use crate::platform::json::Body;
use crate::platform::routes::{dioxus_fullstack, *};

#[cfg(feature = "server")]
use {super::service, crate::people::organizations::service::Member, crate::platform::Platform};

#[post("/api/contacts", platform: Platform, member: Member)]
pub async fn create_contact(body: Body<NewContact>) -> Result<Contact, AppError> {
    service::create(&platform, &member, body.0).await
}

/// Lists contacts by name, 50 at a time: `after` is the id of the last one of the page before.
#[get("/api/contacts?search&after&limit", platform: Platform, member: Member)]
pub async fn list_contacts(
    search: Option<String>,
    after: Option<ContactId>,
    limit: Option<i64>,
) -> Result<Vec<Contact>, AppError> {
    service::list(&platform, &member, search.as_deref().unwrap_or_default(), after, limit).await
}

#[get("/api/contacts/{id}", platform: Platform, member: Member)]
pub async fn get_contact(id: ContactId) -> Result<Contact, AppError> {
    service::find(&platform, &member, id).await
}

#[patch("/api/contacts/{id}", platform: Platform, member: Member)]
pub async fn update_contact(id: ContactId, body: Body<ContactUpdate>) -> Result<Contact, AppError> {
    service::update(&platform, &member, id, body.0).await
}

/// Replaces the assigned members.
#[put("/api/contacts/{id}/members", platform: Platform, member: Member)]
pub async fn assign_contact(id: ContactId, body: Body<Assignment>) -> Result<Contact, AppError> {
    service::assign(&platform, &member, id, body.0).await
}
