//! `GET /contacts/{id}`

use super::model::Contact;
use crate::ids::ContactId;
use crate::people::contacts::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::rest::body::Path;
use crate::rest::caller::Caller;

/// Returns a contact.
#[utoipa::path(
    get,
    path = "/contacts/{id}",
    tag = "Contacts",
    params(("id" = ContactId, Path, description = "The ID of the contact.")),
    responses((status = 200, description = "The contact.", body = Contact))
)]
pub async fn get_contact(platform: Platform, caller: Caller, Path(id): Path<ContactId>) -> Result<axum::Json<Contact>> {
    Ok(axum::Json(service::find(&platform, &caller.member, id).await?.into()))
}
