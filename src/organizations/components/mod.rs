//! Sign-up, invites, and the settings of an organisation.

mod invite_page;
mod members_page;
mod roles_page;
mod settings_layout;
mod settings_page;
mod sign_up_page;

pub use invite_page::InvitePage;
pub use members_page::MembersPage;
pub use roles_page::RolesPage;
pub use settings_layout::SettingsLayout;
pub use settings_page::SettingsPage;
pub use sign_up_page::SignUpPage;
