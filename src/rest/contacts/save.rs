//! `POST /contacts`

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::{Contact, PhoneInput};
use crate::people::contacts::model::{NewContact, NewPhone};
use crate::people::contacts::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::{lists, omitted};
use crate::rest::body::{Json, Object};
use crate::rest::caller::Caller;
use crate::rest::created::created;
use crate::rest::error::ErrorBody;

/// A contact to create, or changes to the one with this phone or email. It needs a name, a phone, an email or a company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewContact)]
pub struct Input {
    #[schema(example = "Jane", max_length = 100, value_type = Option<String>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    first_name: String,
    #[schema(example = "Doe", max_length = 100, value_type = Option<String>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    last_name: String,
    /// Short for a single item of `phones`. It comes first.
    #[schema(example = "+15551234567")]
    #[serde(default, deserialize_with = "omitted::or_none")]
    phone: Option<String>,
    #[schema(max_items = 20, value_type = Option<Vec<PhoneInput>>)]
    #[serde(default, deserialize_with = "omitted::or_empty::<{ lists::VALUES_MAX }, _, _>")]
    phones: Vec<Object<PhoneInput>>,
    #[schema(example = "jane@example.com", value_type = Option<String>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    email: String,
    #[schema(max_length = 100, value_type = Option<String>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    company: String,
    #[schema(max_length = 2000, value_type = Option<String>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    note: String,
}

impl From<Input> for NewContact {
    fn from(input: Input) -> Self {
        let first = input.phone.map(|number| NewPhone { number, preferred: false });
        Self {
            first_name: input.first_name,
            last_name: input.last_name,
            phones: first.into_iter().chain(input.phones.into_iter().map(|Object(phone)| phone.into())).collect(),
            email: input.email,
            company: input.company,
            note: input.note,
        }
    }
}

/// Creates a contact, or updates the one that has one of these phones or this email.
///
/// Phones are compared in any notation. Given fields replace what is stored, and new phones are added. Concurrent requests
/// for the same phone result in one contact.
#[utoipa::path(
    post,
    path = "/contacts",
    tag = "Contacts",
    request_body = Input,
    responses(
        (status = 200, description = "Updated.", body = Contact),
        (status = 201, description = "Created.", body = Contact, headers(("Location", description = "The URL."))),
        (status = 409, description = "Several contacts match. Update one of them by its ID.", body = ErrorBody)
    )
)]
pub async fn save_contact(platform: Platform, caller: Caller, Json(input): Json<Input>) -> Result<Response> {
    let (contact, is_new) = service::save(&platform, &caller.member, input.into()).await?;
    let contact = Contact::from(contact);
    Ok(if is_new {
        created(&format!("contacts/{}", contact.id), contact).into_response()
    } else {
        (StatusCode::OK, axum::Json(contact)).into_response()
    })
}
