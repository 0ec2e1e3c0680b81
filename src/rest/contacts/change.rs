//! `PATCH /contacts/{id}`

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::model::{Contact, PhoneInput};
use crate::ids::ContactId;
use crate::people::contacts::model::ContactUpdate;
use crate::people::contacts::service;
use crate::platform::Platform;
use crate::platform::error::Result;
use crate::platform::lists;
use crate::rest::body::{Json, Object, Path};
use crate::rest::caller::Caller;

/// Changes to a contact. Omitted fields are not changed. Null or an empty text removes a value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ContactChanges)]
pub struct Input {
    #[schema(example = "Jane", max_length = 100)]
    #[serde(default, deserialize_with = "given")]
    first_name: Option<String>,
    #[schema(max_length = 100)]
    #[serde(default, deserialize_with = "given")]
    last_name: Option<String>,
    /// Replaces all phones.
    #[schema(max_items = 20, value_type = Option<Vec<PhoneInput>>)]
    #[serde(default, deserialize_with = "given_phones")]
    phones: Option<Vec<Object<PhoneInput>>>,
    #[serde(default, deserialize_with = "given")]
    email: Option<String>,
    #[schema(max_length = 100)]
    #[serde(default, deserialize_with = "given")]
    company: Option<String>,
    #[schema(max_length = 2000)]
    #[serde(default, deserialize_with = "given")]
    note: Option<String>,
}

/// Distinguishes an omitted field from null, which removes the value.
fn given<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(reader).map(|text| Some(text.unwrap_or_default()))
}

fn given_phones<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Vec<Object<PhoneInput>>>, D::Error> {
    lists::at_most_or_none::<{ lists::VALUES_MAX }, _, _>(reader).map(|phones| Some(phones.unwrap_or_default()))
}

impl From<Input> for ContactUpdate {
    fn from(input: Input) -> Self {
        Self {
            first_name: input.first_name,
            last_name: input.last_name,
            phones: input.phones.map(|phones| phones.into_iter().map(|Object(phone)| phone.into()).collect()),
            email: input.email,
            company: input.company,
            note: input.note,
        }
    }
}

/// Changes a contact.
#[utoipa::path(
    patch,
    path = "/contacts/{id}",
    tag = "Contacts",
    params(("id" = ContactId, Path, description = "The ID of the contact.")),
    request_body = Input,
    responses((status = 200, description = "The updated contact.", body = Contact))
)]
pub async fn change_contact(
    platform: Platform,
    caller: Caller,
    Path(id): Path<ContactId>,
    Json(input): Json<Input>,
) -> Result<axum::Json<Contact>> {
    Ok(axum::Json(service::update(&platform, &caller.member, id, input.into()).await?.into()))
}
