//! The menu of a contact, and the confirmation of its deletion.

mod contact_menu;
mod delete_contact_dialog;

pub use contact_menu::ContactMenu;
