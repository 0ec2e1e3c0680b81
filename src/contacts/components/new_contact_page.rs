//! Making a contact.

use dioxus::prelude::*;

use super::contact_form::ContactForm;
use super::contact_frame::{ContactFrame, MayNotEdit};
use crate::organizations::model::Permission;
use crate::shell::use_session;

#[component]
pub fn NewContactPage() -> Element {
    let session = use_session();
    rsx! {
        ContactFrame { title: "New contact",
            if session.may(Permission::ContactEdit) {
                ContactForm {}
            } else {
                MayNotEdit { role: session.role.title() }
            }
        }
    }
}
