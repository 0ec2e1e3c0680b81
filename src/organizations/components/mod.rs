//! Log-in, sign-up, invites, and the settings: of who is logged in and of their organisation.

mod account_form;
mod invite_dialog;
mod invite_page;
mod link_notice;
mod log_in_page;
mod member_row;
mod members_page;
mod name_form;
mod new_role_dialog;
mod open_invites;
mod organization_switch;
mod permission_matrix;
mod reset_page;
mod roles_page;
mod session;
mod settings_layout;
mod settings_section;
mod sign_up_page;

pub use invite_page::InvitePage;
pub use log_in_page::LogInPage;
pub use members_page::MembersPage;
pub use name_form::{NameForm, Named};
pub use organization_switch::OrganizationSwitch;
pub use reset_page::ResetPage;
pub use roles_page::RolesPage;
pub use session::{refresh, use_session, use_session_provider};
pub use settings_layout::SettingsLayout;
pub use settings_section::{SectionHead, SettingsSection};
pub use sign_up_page::SignUpPage;
