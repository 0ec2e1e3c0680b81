//! The page that creates a contact.

use dioxus::prelude::*;

use super::contact_form::ContactForm;
use super::contact_frame::{ContactFrame, MayNotEdit};
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;

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
