#[path = "../../../src/contacts/model.rs"]
pub mod model;
#[path = "../../../src/contacts/phone.rs"]
pub mod phone;
