//! A gateway for text messages: what it has reported about the messages to customers, and what is known of some of them.

use super::script::{CARDS, REPORTS};
use crate::channels::service as channels;
use crate::conversations::messages::delivery;
use crate::conversations::messages::delivery::Report;
use crate::conversations::messages::service as messages;
use crate::people::contacts::model::{Contact, ContactUpdate};
use crate::people::contacts::service as contacts;
use crate::people::organizations::service::{ActingToken, Member};
use crate::platform::Platform;
use crate::programs::access_tokens::model::{NewAccessToken, Scope};
use crate::programs::access_tokens::service as access_tokens;

/// The name of the gateway's access token.
const GATEWAY: &str = "SMS gateway";

/// Reports the delivery of the messages to contacts, as a program of `owner`.
pub async fn fill(platform: &Platform, owner: &Member, customers: &[Contact]) -> anyhow::Result<()> {
    for (index, email, company, note) in CARDS {
        let text = |text: &str| Some(text.to_owned());
        let update =
            ContactUpdate { email: text(email), company: text(company), note: text(note), ..ContactUpdate::default() };
        contacts::update(platform, owner, customers[*index].id, update).await?;
    }
    let new = NewAccessToken {
        name: GATEWAY.to_owned(),
        scopes: vec![Scope::MessagesRead, Scope::MessagesWrite, Scope::ContactsWrite],
        bucket_id: None,
        bot_id: None,
        expires_at: None,
    };
    let token = access_tokens::create(platform, owner, new).await?.token;
    let gateway = owner.clone().by_token(ActingToken { id: token.id.0, only_channel: None });
    for customer in customers {
        let channel = channels::find(platform, owner, customer.channel_id).await?;
        for message in messages::list(platform, owner, &channel, None, None).await? {
            let reported = REPORTS.iter().find(|(begin, ..)| message.body.starts_with(begin));
            let Some((_, status, error)) = reported else { continue };
            let report = Report { status: *status, error: error.map(str::to_owned), external_id: None };
            delivery::report(platform, &gateway, message.id, report).await?;
        }
    }
    Ok(())
}
