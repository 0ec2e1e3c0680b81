//! The page that edits a contact and its assigned members.

use dioxus::prelude::*;
use lucide_dioxus::UserRoundX;

use super::contact_form::ContactForm;
use super::contact_frame::{ContactFrame, MayNotEdit};
use crate::app::Route;
use crate::ids::ContactId;
use crate::people::contacts::api::get_contact;
use crate::people::contacts::model::{Contact, Search};
use crate::people::organizations::api::list_members;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{MemberInfo, Permission};
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::ui::{EmptyState, ErrorState, NavLink, use_loaded};

#[component]
pub fn ContactPage(contact: ContactId) -> Element {
    let session = use_session();
    rsx! {
        ContactFrame { title: "Edit contact",
            if session.may(Permission::ContactEdit) {
                // Keys only distinguish siblings: in a list of one, another contact reloads the form.
                for id in [contact] {
                    LoadedContact { key: "{id}", id }
                }
            } else {
                MayNotEdit { role: session.role.title() }
            }
        }
    }
}

async fn load(id: ContactId) -> Result<(Contact, Vec<MemberInfo>), AppError> {
    Ok((get_contact(id).await?, list_members(None).await?))
}

#[component]
fn LoadedContact(id: ContactId) -> Element {
    let loaded = use_loaded(move || load(id))?;
    let result = loaded.get::<(Contact, Vec<MemberInfo>)>();
    match result {
        Some(Ok((contact, members))) => rsx! {
            ContactForm { contact, members }
        },
        Some(Err(error)) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden) => rsx! {
            EmptyState {
                icon: rsx! {
                    UserRoundX { class: "icon" }
                },
                title: "You don't have access to this contact",
                text: error.message,
                NavLink { class: "btn", to: Route::ContactsPage { search: Search::default() }.href(), "Show contacts" }
            }
        },
        Some(Err(error)) => rsx! {
            ErrorState { title: "The contact could not be loaded", text: error.message, on_retry: move |()| loaded.reload() }
        },
        None => rsx! {},
    }
}
