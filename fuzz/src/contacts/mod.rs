#[path = "../../../src/contacts/model.rs"]
pub mod model;
