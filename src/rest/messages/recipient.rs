//! The conversation of a message: a named one, or that of a contact.

use serde::Deserialize;
use utoipa::ToSchema;

use super::input::Input;
use crate::channels::access::Visible;
use crate::channels::model::Channel;
use crate::channels::service as channels;
use crate::ids::ContactId;
use crate::people::accounts::model::check_email;
use crate::people::contacts::model::{NewContact, NewPhone, PhoneNumber};
use crate::people::contacts::service as contacts;
use crate::people::contacts::service::Lookup;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::platform::omitted;
use crate::programs::access_tokens::model::Scope;
use crate::rest::body::Object;
use crate::rest::caller::Caller;

/// A contact: by one of `phone`, `email` and `id`. A new phone or email creates a contact, which requires the scope
/// `contacts:write`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MessageContact)]
pub struct ContactInput {
    /// In any notation. If several contacts have it, the oldest one is used.
    #[schema(example = "+15551234567")]
    #[serde(default, deserialize_with = "omitted::or_none")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "omitted::or_none")]
    email: Option<String>,
    #[serde(default, deserialize_with = "omitted::or_none")]
    id: Option<ContactId>,
    /// For a new contact. An existing one keeps its name.
    #[schema(max_length = 100, value_type = Option<String>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    first_name: String,
    /// For a new contact. An existing one keeps its name.
    #[schema(max_length = 100, value_type = Option<String>)]
    #[serde(default, deserialize_with = "omitted::or_default")]
    last_name: String,
}

/// Where a message goes.
pub enum Recipient {
    Known(Visible<Channel>),
    /// A contact to create.
    New(Lookup, NewContact),
}

impl Recipient {
    /// Returns the conversation that a message names. Creates nothing.
    pub async fn find(platform: &Platform, caller: &Caller, input: &Input) -> Result<Self> {
        let Some(Object(contact)) = &input.contact else {
            return caller.channel(platform, "bucketId", input.bucket_id.as_deref()).await.map(Self::Known);
        };
        if input.bucket_id.is_some() {
            return Err(AppError::invalid("contact", "Use either bucketId or contact, not both."));
        }
        let lookup = match (&contact.phone, &contact.email, contact.id) {
            (Some(phone), None, None) => {
                Lookup::Phone(PhoneNumber::parse(phone).map_err(|error| error.on("contact.phone"))?)
            }
            (None, Some(email), None) => Lookup::Email(check_email(email).map_err(|error| error.on("contact.email"))?),
            (None, None, Some(id)) => {
                let found = contacts::find(platform, &caller.member, id).await;
                let found = found.map_err(|error| error.on("contact.id"))?;
                return channels::find(platform, &caller.member, found.channel_id).await.map(Self::Known);
            }
            _ => return Err(AppError::invalid("contact", "Use one of phone, email and id.")),
        };
        match contacts::first_by(platform, &caller.member, &lookup).await.map_err(|error| error.on("contact"))? {
            Some(known) => channels::find(platform, &caller.member, known.channel_id).await.map(Self::Known),
            None => Ok(Self::New(lookup, contact.to_new())),
        }
    }

    /// Returns the conversation. Creates the contact, if it is new: once, also for concurrent requests.
    pub async fn channel(self, platform: &Platform, caller: &Caller) -> Result<Visible<Channel>> {
        let (lookup, new) = match self {
            Self::Known(channel) => return Ok(channel),
            Self::New(lookup, new) => (lookup, new),
        };
        caller.require(Scope::ContactsWrite)?;
        let contact = contacts::find_or_create(platform, &caller.member, &lookup, new).await;
        let contact = contact.map_err(|error| match error.field.as_deref() {
            Some(field) => {
                let field = format!("contact.{field}");
                error.on(&field)
            }
            None => error,
        })?;
        channels::find(platform, &caller.member, contact.channel_id).await
    }
}

impl ContactInput {
    fn to_new(&self) -> NewContact {
        let phone = self.phone.clone().map(|number| NewPhone { number, preferred: false });
        NewContact {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            phones: phone.into_iter().collect(),
            email: self.email.clone().unwrap_or_default(),
            ..NewContact::default()
        }
    }
}
