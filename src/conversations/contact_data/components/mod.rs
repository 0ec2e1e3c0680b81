//! The menu of a contact: its data as a zip, and its deletion.

mod contact_menu;
mod delete_contact_dialog;

pub use contact_menu::ContactMenu;
