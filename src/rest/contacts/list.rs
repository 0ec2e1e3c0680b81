//! `GET /contacts`

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Contact;
use crate::ids::ContactId;
use crate::people::accounts::model::check_email;
use crate::people::contacts::model::PhoneNumber;
use crate::people::contacts::service;
use crate::people::contacts::service::Lookup;
use crate::platform::Platform;
use crate::platform::error::{AppError, Result};
use crate::rest::body::Query;
use crate::rest::caller::Caller;
use crate::rest::paging::{check_limit, next};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Only contacts with this phone, in any notation. All of them are on one page.
    #[param(example = "+15551234567")]
    phone: Option<String>,
    /// Only contacts with this email. All of them are on one page.
    #[param(example = "jane@example.com")]
    email: Option<String>,
    /// Only contacts whose name, phone, email or company contains this.
    search: Option<String>,
    /// The `next` value of the previous page.
    after: Option<ContactId>,
    /// The maximum number of items. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A page of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactPage {
    contacts: Vec<Contact>,
    /// Pass this as `after` to get the next page. Null on the last page.
    next: Option<ContactId>,
}

/// Lists contacts by name, or those with a phone or an email.
#[utoipa::path(
    get,
    path = "/contacts",
    tag = "Contacts",
    params(Page),
    responses((status = 200, description = "A page of contacts.", body = ContactPage))
)]
pub async fn list_contacts(
    platform: Platform,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<axum::Json<ContactPage>> {
    let limit = check_limit(page.limit)?;
    let (contacts, next) = if let Some(lookup) = lookup(&page)? {
        (service::find_by(&platform, &caller.member, &lookup).await?, None)
    } else {
        let search = page.search.as_deref().unwrap_or_default();
        let contacts = service::list(&platform, &caller.member, search, page.after, Some(limit)).await?;
        let next = next(&contacts, limit, |contact| contact.id);
        (contacts, next)
    };
    Ok(axum::Json(ContactPage { contacts: contacts.into_iter().map(Contact::from).collect(), next }))
}

fn lookup(page: &Page) -> Result<Option<Lookup>> {
    match (&page.phone, &page.email) {
        (Some(_), Some(_)) => Err(AppError::invalid("email", "Use either phone or email, not both.")),
        (Some(phone), None) => Ok(Some(Lookup::Phone(PhoneNumber::parse(phone).map_err(|error| error.on("phone"))?))),
        (None, Some(email)) => Ok(Some(Lookup::Email(check_email(email)?))),
        (None, None) => Ok(None),
    }
}
