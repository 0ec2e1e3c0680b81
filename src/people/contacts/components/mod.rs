//! The pages of contacts: the list, and the form that creates and edits one.

mod contact_form;
mod contact_frame;
mod contact_list;
mod contact_page;
mod contacts_page;
mod import_page;
mod import_preview;
mod new_contact_page;
mod phone_fields;

use dioxus::prelude::*;

pub use contact_page::ContactPage;
pub use contacts_page::ContactsPage;
pub use import_page::ImportContactsPage;
pub use new_contact_page::NewContactPage;

/// Called when a contact was saved. Provided by components that show contacts outside of these pages.
#[derive(Clone, Copy)]
pub struct ContactSaved(pub Callback<()>);
