//! People: accounts and sessions, organizations with members, roles and invites, contacts, and audit entries. Knows no
//! conversation and no file.

pub mod accounts;
pub mod audit;
pub mod contacts;
pub mod organizations;
