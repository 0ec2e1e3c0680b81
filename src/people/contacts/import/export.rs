//! `GET /api/contacts/export.csv`: contacts for a spreadsheet, and for an import elsewhere.

use axum::body::{Body, Bytes};
use axum::http::Method;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures::stream;

use super::columns::EXPORTED;
use super::read::BETWEEN_VALUES;
use super::store::{self, Place};
use crate::ids::MemberId;
use crate::people::audit::model::Action;
use crate::people::audit::service::{self as audit, By, Subject};
use crate::people::contacts::model::Contact;
use crate::people::contacts::store as contacts;
use crate::people::organizations::model::Permission;
use crate::people::organizations::service::Member;
use crate::platform::Platform;
use crate::platform::csv::{BYTE_ORDER_MARK, quoted};
use crate::platform::error::Result;
use crate::platform::prefetch::reject_prefetch;

/// Number of contacts that are read at a time.
const BATCH: i64 = 500;

/// Streams the contacts that this member can view, by name. An error during the stream aborts it, so that the client
/// notices that it is incomplete.
pub async fn export_contacts(platform: Platform, member: Member, parts: Parts) -> Result<Response> {
    member.require(Permission::ContactEdit)?;
    reject_prefetch(&parts.headers)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"contacts.csv\""),
    ];
    if parts.method == Method::HEAD {
        return Ok(headers.into_response());
    }
    audit::note(&platform, &By::member(&member), Action::ContactsExported, &Subject::default()).await;
    // Without both permissions the member is assigned to no contact that they can view.
    let assigned_to = (!member.may(Permission::ContactView)).then_some(member.id);
    let may_view = member.may(Permission::ContactView) || member.may(Permission::ContactViewAssigned);
    let next = Next::Head { may_view };
    let export = Export { platform, member, assigned_to, next };
    Ok((headers, Body::from_stream(stream::try_unfold(export, Export::step))).into_response())
}

struct Export {
    platform: Platform,
    member: Member,
    /// Only contacts that this member is assigned to; `None`: all.
    assigned_to: Option<MemberId>,
    next: Next,
}

enum Next {
    Head { may_view: bool },
    After(Place),
    End,
}

impl Export {
    async fn step(mut self) -> Result<Option<(Bytes, Self)>> {
        let after = match &self.next {
            Next::Head { may_view } => {
                self.next = if *may_view { Next::After(Place::START) } else { Next::End };
                let head = EXPORTED.map(quoted).join(",");
                return Ok(Some((format!("{BYTE_ORDER_MARK}{head}\r\n").into(), self)));
            }
            Next::After(place) => place.clone(),
            Next::End => return Ok(None),
        };
        let on = self.platform.db.on();
        let page = store::page(on, self.member.organization_id(), self.assigned_to, &after, BATCH).await?;
        let ids: Vec<_> = page.iter().map(|place| place.id).collect();
        let Some(last) = page.into_iter().last() else { return Ok(None) };
        let mut found = contacts::find_all(self.platform.db.on(), &ids).await?;
        found.sort_by_key(|contact| ids.iter().position(|id| *id == contact.id));
        self.next = Next::After(last);
        Ok(Some((found.iter().map(line).collect::<String>().into(), self)))
    }
}

fn line(contact: &Contact) -> String {
    let main = contact.main_phone();
    let others = contact.phones.iter().map(|phone| &phone.number).filter(|number| Some(*number) != main);
    let others = others.map(ToString::to_string).collect::<Vec<_>>().join(&format!(" {BETWEEN_VALUES} "));
    let cells = [
        contact.first_name.clone(),
        contact.last_name.clone(),
        main.map(ToString::to_string).unwrap_or_default(),
        others,
        contact.email.clone(),
        contact.company.clone(),
        contact.note.clone(),
        contact.id.to_string(),
    ];
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{ChannelId, ContactId};
    use crate::people::contacts::import::read::read;
    use crate::people::contacts::model::{Phone, PhoneNumber};
    use crate::platform::timestamp::Timestamp;

    #[test]
    fn an_exported_line_is_read_as_it_was() {
        let phone = |number: &str, preferred| Phone { number: PhoneNumber::parse(number).unwrap(), preferred };
        let contact = Contact {
            id: ContactId(Uuid::from_u128(7)),
            channel_id: ChannelId(Uuid::from_u128(8)),
            first_name: "=1+1".to_owned(),
            last_name: "O'Hara, \"Jr\"; -x".to_owned(),
            phones: vec![phone("+44 20 7946 0958", false), phone("030 901820 ext. 5", true), phone("5551234", false)],
            email: "jane@example.com".to_owned(),
            company: "Smith & Sons".to_owned(),
            note: "- first\n- second\n'quoted'".to_owned(),
            member_ids: Vec::new(),
            created_at: Timestamp(0),
        };
        let file = format!("{BYTE_ORDER_MARK}{}\r\n{}", EXPORTED.map(quoted).join(","), line(&contact));
        let rows = read(file.as_bytes()).unwrap().rows;
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.line, row.id), (2, Some(contact.id)));
        let read = &row.contact;
        assert_eq!((&read.first_name, &read.last_name), (&contact.first_name, &contact.last_name));
        assert_eq!((&read.email, &read.company, &read.note), (&contact.email, &contact.company, &contact.note));
        let numbers: Vec<_> = read.phones.iter().map(|phone| phone.number.as_str()).collect();
        assert_eq!(numbers, ["030 901820 ext. 5", "+44 20 7946 0958", "5551234"]);
    }
}
