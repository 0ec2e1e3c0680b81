//! The form that creates and edits a contact.

use dioxus::prelude::*;
use lucide_dioxus::CircleAlert;

use super::ContactSaved;
use super::phone_fields::{PhoneFields, filled_in, phone_lines};
use crate::app::Route;
use crate::ids::MemberId;
use crate::people::contacts::api::{assign_contact, create_contact, update_contact};
use crate::people::contacts::model::{Assignment, Contact, ContactUpdate, NewContact, Search};
use crate::people::organizations::model::MemberInfo;
use crate::platform::error::{AppError, Result};
use crate::platform::json::Body;
use crate::ui::{Avatar, AvatarKind, Field, NavLink, use_hydrated, use_submit};

/// Fields that show their own errors.
const FIELDS: [&str; 6] = ["firstName", "lastName", "phones", "email", "company", "note"];

/// Creates a contact without `contact`; with it, `members` are those who can be assigned. Opens the conversation when
/// done.
#[component]
pub fn ContactForm(contact: Option<Contact>, #[props(default)] members: Vec<MemberInfo>) -> Element {
    let contact_saved: ContactSaved = use_context();
    let known = contact.as_ref();
    let first_name = use_signal(|| known.map(|contact| contact.first_name.clone()).unwrap_or_default());
    let last_name = use_signal(|| known.map(|contact| contact.last_name.clone()).unwrap_or_default());
    let phones = use_signal(|| phone_lines(known));
    let email = use_signal(|| known.map(|contact| contact.email.clone()).unwrap_or_default());
    let company = use_signal(|| known.map(|contact| contact.company.clone()).unwrap_or_default());
    let note = use_signal(|| known.map(|contact| contact.note.clone()).unwrap_or_default());
    let assigned = use_signal(|| known.map(|contact| contact.member_ids.clone()).unwrap_or_default());
    let submit = use_submit();
    let hydrated = use_hydrated();
    let before = contact.clone();
    let send = move |event: FormEvent| {
        event.prevent_default();
        let before = before.clone();
        async move {
            let input = NewContact {
                first_name: first_name(),
                last_name: last_name(),
                phones: filled_in(&phones.peek()),
                email: email(),
                company: company(),
                note: note(),
            };
            if let Some(saved) = submit.run(save(before, input, assigned())).await {
                contact_saved.0.call(());
                navigator().push(Route::conversation(saved.channel_id).href());
            }
        }
    };
    let is_new = contact.is_none();
    let back = match &contact {
        Some(contact) => Route::conversation(contact.channel_id),
        None => Route::ContactsPage { search: Search::default() },
    };
    rsx! {
        form { class: "page-in form", "data-component": "ContactForm", method: "post", novalidate: true, onsubmit: send,
            Field { name: "firstName", label: "First name", autocomplete: "off", value: first_name, error: submit.error_on("firstName"), autofocus: is_new }
            Field { name: "lastName", label: "Last name", autocomplete: "off", value: last_name, error: submit.error_on("lastName") }
            PhoneFields { lines: phones, error: submit.error_on("phones") }
            Field { name: "email", label: "Email", r#type: "email", autocomplete: "off", value: email, error: submit.error_on("email") }
            Field { name: "company", label: "Company", autocomplete: "off", value: company, error: submit.error_on("company") }
            NoteField { value: note, error: submit.error_on("note") }
            if !is_new {
                AssignedFields { members, assigned }
            }
            if let Some(message) = submit.other_error(&FIELDS) {
                p { class: "notice notice-danger", role: "alert",
                    CircleAlert { class: "icon" }
                    span { class: "grow", "{message}" }
                }
            }
            div { class: "form-foot",
                button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy() || !hydrated, if is_new { "Add contact" } else { "Save" } }
                NavLink { class: "btn", to: back.href(), "Cancel" }
            }
        }
    }
}

/// Creates or updates the contact, then sets the assigned members if they differ.
async fn save(before: Option<Contact>, input: NewContact, assigned: Vec<MemberId>) -> Result<Contact, AppError> {
    let Some(before) = before else { return create_contact(Body(input)).await };
    let update = ContactUpdate {
        first_name: Some(input.first_name),
        last_name: Some(input.last_name),
        phones: Some(input.phones),
        email: Some(input.email),
        company: Some(input.company),
        note: Some(input.note),
    };
    let updated = update_contact(before.id, Body(update)).await?;
    let differs =
        assigned.len() != before.member_ids.len() || assigned.iter().any(|id| !before.member_ids.contains(id));
    if !differs {
        return Ok(updated);
    }
    assign_contact(before.id, Body(Assignment { member_ids: assigned })).await
}

/// What the team should know about the contact.
#[component]
fn NoteField(value: Signal<String>, #[props(!optional)] error: Option<String>) -> Element {
    let mut value = value;
    rsx! {
        div {
            label { class: "label", r#for: "field-note", "Note" }
            textarea {
                class: "field",
                id: "field-note",
                name: "note",
                rows: "3",
                value: "{value}",
                "aria-invalid": if error.is_some() { "true" },
                "aria-describedby": "hint-note",
                oninput: move |event| value.set(event.value()),
            }
            if let Some(error) = &error {
                p { class: "hint hint-error", id: "hint-note", role: "alert",
                    CircleAlert { class: "icon" }
                    "{error}"
                }
            } else {
                p { class: "hint", id: "hint-note", "Only your team can see it." }
            }
        }
    }
}

/// The assigned members of the contact.
#[component]
fn AssignedFields(members: Vec<MemberInfo>, assigned: Signal<Vec<MemberId>>) -> Element {
    let mut assigned = assigned;
    let hydrated = use_hydrated();
    let mut choose = move |member: MemberId, on: bool| {
        assigned.write().retain(|id| *id != member);
        if on {
            assigned.write().push(member);
        }
    };
    rsx! {
        fieldset { class: "fieldset", "data-component": "AssignedFields",
            legend { class: "label", "Assigned" }
            for member in members {
                label { class: "kv", key: "{member.id}",
                    input {
                        class: "check",
                        r#type: "checkbox",
                        checked: assigned.read().contains(&member.id),
                        disabled: !hydrated,
                        onchange: move |event| choose(member.id, event.checked()),
                    }
                    Avatar { kind: AvatarKind::Member, id: member.id.0, name: member.name.clone(), picture: member.avatar_url.clone(), size: 24 }
                    span { class: "truncate", "{member.name}" }
                }
            }
            p { class: "hint", "People limited to assigned contacts see this contact only if ticked." }
        }
    }
}
