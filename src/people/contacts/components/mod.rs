//! The pages of contacts: the list, and the form that makes and edits one.

mod contact_form;
mod contact_frame;
mod contact_list;
mod contact_page;
mod contacts_page;
mod new_contact_page;
mod phone_fields;

use dioxus::prelude::*;

pub use contact_page::ContactPage;
pub use contacts_page::ContactsPage;
pub use new_contact_page::NewContactPage;

/// What is done once a contact was saved. Whoever shows more of contacts than these pages provides it.
#[derive(Clone, Copy)]
pub struct ContactSaved(pub Callback<()>);
