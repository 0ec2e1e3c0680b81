//! The settings pages about members and roles.

mod invite_dialog;
mod member_row;
mod members_page;
mod new_role_dialog;
mod open_invites;
mod permission_matrix;
mod roles_page;

pub use members_page::MembersPage;
pub use roles_page::RolesPage;
