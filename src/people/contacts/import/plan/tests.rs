//! Rows and the contacts that they are about.

use uuid::Uuid;

use super::*;
use crate::ids::ChannelId;
use crate::people::contacts::model::Phone;
use crate::platform::timestamp::Timestamp;

fn contact(id: u128, first: &str, last: &str, phones: &[&str], email: &str) -> Contact {
    let phone = |number: &&str| Phone { number: PhoneNumber::parse(number).unwrap(), preferred: false };
    Contact {
        id: ContactId(Uuid::from_u128(id)),
        channel_id: ChannelId(Uuid::from_u128(id)),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        phones: phones.iter().map(phone).collect(),
        email: email.to_owned(),
        company: String::new(),
        note: String::new(),
        member_ids: Vec::new(),
        created_at: Timestamp(0),
    }
}

fn plan(contacts: &[Contact]) -> Plan {
    let mut plan = Plan::default();
    for contact in contacts {
        plan.add(contact.clone(), true);
    }
    plan
}

fn described(step: Result<(Step, String)>) -> String {
    match step {
        Ok((Step::Create(contact), _)) => format!("create {}", contact.display_name()),
        Ok((Step::Unchanged(_), name)) => format!("keep {name}"),
        Ok((Step::Update(_, changes), name)) => {
            let changes = changes.iter().map(|Change { field, old, new }| format!("{field} {old:?} to {new:?}"));
            format!("{name}: {}", changes.collect::<Vec<_>>().join(", "))
        }
        Err(error) => error.message,
    }
}

#[test]
fn a_row_updates_the_contact_with_its_phone_or_email() {
    let jane = contact(1, "Jane", "Doe", &["+44 20 7946 0958"], "jane@example.com");
    for (row, expected) in [
        (contact(9, "", "", &["020 7946 0958"], ""), "keep Jane Doe"),
        (contact(9, "Janet", "", &["+442079460958"], ""), "Jane Doe: First name \"Jane\" to \"Janet\""),
        (contact(9, "", "", &["5551234"], "jane@example.com"), "Jane Doe: Phone \"\" to \"5551234\""),
        (contact(9, "Jane", "Doe", &["5551234"], ""), "create Jane Doe"),
        (contact(9, "", "", &[], "bob@example.com"), "create bob@example.com"),
        (contact(9, "", "", &[], ""), "Enter a name, a phone number or an email address."),
    ] {
        assert_eq!(described(plan(std::slice::from_ref(&jane)).next(2, None, row)), expected);
    }
}

#[test]
fn a_row_of_two_contacts_is_an_error() {
    let known = [contact(1, "Jane", "", &["5551234"], ""), contact(2, "Bob", "", &[], "bob@example.com")];
    let row = contact(9, "", "", &["5551234"], "bob@example.com");
    let message = described(plan(&known).next(2, None, row.clone()));
    assert!(message.starts_with("This row matches two contacts, Jane and Bob."), "{message}");
    let exported = plan(&known).next(2, Some(known[0].id), row);
    assert!(described(exported).starts_with("This row matches two contacts, Jane and Bob."));
}

#[test]
fn an_exported_row_is_about_its_contact() {
    let twins = [contact(1, "Jane", "", &["5551234"], ""), contact(2, "Bob", "", &["5551234"], "")];
    for twin in &twins {
        let row = Contact { id: ContactId(Uuid::from_u128(9)), ..twin.clone() };
        assert_eq!(described(plan(&twins).next(2, Some(twin.id), row.clone())), format!("keep {}", twin.first_name));
        assert!(described(plan(&twins).next(2, None, row)).starts_with("This row matches two contacts"));
    }
}

#[test]
fn names_alone_are_compared_with_names_alone() {
    let known = [contact(1, "Zoë", "Smith", &[], ""), contact(2, "Bob", "", &["5551234"], "")];
    assert_eq!(
        described(plan(&known).next(2, None, contact(9, "zoe", "smith", &[], ""))),
        "Zoë Smith: First name \"Zoë\" to \"zoe\", Last name \"Smith\" to \"smith\""
    );
    assert_eq!(described(plan(&known).next(2, None, contact(9, "Zoë", "Smith", &[], ""))), "keep Zoë Smith");
    assert_eq!(described(plan(&known).next(2, None, contact(9, "Bob", "", &[], ""))), "create Bob");
}

#[test]
fn rows_of_one_contact_are_merged_unless_they_differ() {
    let mut plan = plan(&[]);
    assert_eq!(described(plan.next(2, None, contact(7, "Jane", "", &["5551234"], ""))), "create Jane");
    assert_eq!(
        described(plan.next(3, None, contact(8, "Jane", "", &["5551234"], "j@example.com"))),
        "Jane: Email \"\" to \"j@example.com\""
    );
    let message = described(plan.next(4, None, contact(9, "Bob", "", &["5551234"], "")));
    assert!(message.starts_with("Line 2 is about the same contact and has another first name."), "{message}");
    assert_eq!(
        described(plan.next(5, None, contact(10, "", "Doe", &[], "j@example.com"))),
        "Jane: Last name \"\" to \"Doe\""
    );
}

#[test]
fn contacts_of_others_are_not_changed() {
    let mut plan = Plan::default();
    plan.add(contact(1, "Jane", "", &["5551234"], ""), false);
    let message = described(plan.next(2, None, contact(9, "Bob", "", &["5551234"], "")));
    assert_eq!(message, not_assigned().message);
}

#[test]
fn a_contact_keeps_at_most_twenty_phones() {
    let numbers: Vec<_> = (0..20).map(|number| format!("55512{number:02}")).collect();
    let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
    let mut plan = plan(&[contact(1, "Jane", "", &numbers, "")]);
    assert!(plan.next(2, None, contact(9, "", "", &[numbers[0], "7654321"], "")).is_err());
}
