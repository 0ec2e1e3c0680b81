//! Contacts in the REST API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{ChannelId, ContactId};
use crate::people::contacts::model;
use crate::people::contacts::model::NewPhone;
use crate::platform::omitted;
use crate::platform::timestamp::Timestamp;

/// A contact.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    pub id: ContactId,
    /// The conversation with this contact. Messages can be sent to it as `bucketId`.
    pub channel_id: ChannelId,
    #[schema(example = "Jane")]
    pub first_name: String,
    #[schema(example = "Doe")]
    pub last_name: String,
    pub phones: Vec<Phone>,
    #[schema(example = "jane@example.com")]
    pub email: Option<String>,
    #[schema(example = "Harbour Lane")]
    pub company: Option<String>,
    pub note: Option<String>,
    #[schema(value_type = String, format = DateTime, example = "2026-01-05T09:30:00.123Z")]
    pub created_at: Timestamp,
}

/// A phone number of a contact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Phone)]
pub struct Phone {
    /// As it was entered.
    #[schema(example = "+1 555 123 4567")]
    pub number: String,
    pub preferred: bool,
}

/// A phone number to store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPhone)]
pub struct PhoneInput {
    /// 2 to 20 digits, in any notation.
    #[schema(example = "+15551234567")]
    number: String,
    #[schema(value_type = Option<bool>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    preferred: bool,
}

impl From<PhoneInput> for NewPhone {
    fn from(phone: PhoneInput) -> Self {
        Self { number: phone.number, preferred: phone.preferred }
    }
}

impl From<model::Contact> for Contact {
    fn from(contact: model::Contact) -> Self {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let phone = |phone: model::Phone| Phone { number: phone.number.to_string(), preferred: phone.preferred };
        Self {
            id: contact.id,
            channel_id: contact.channel_id,
            first_name: contact.first_name,
            last_name: contact.last_name,
            phones: contact.phones.into_iter().map(phone).collect(),
            email: given(contact.email),
            company: given(contact.company),
            note: given(contact.note),
            created_at: contact.created_at,
        }
    }
}
