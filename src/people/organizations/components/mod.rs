//! Log-in, sign-up, invites, and the settings of the person and their organization.

mod account_form;
mod invite_page;
pub mod link_notice;
mod log_in_page;
mod name_form;
mod organization_switch;
mod reset_page;
mod session;
mod sign_up_page;

pub use invite_page::InvitePage;
pub use log_in_page::LogInPage;
pub use name_form::{NameForm, Named};
pub use organization_switch::OrganizationSwitch;
pub use reset_page::ResetPage;
pub use session::{refresh, use_session, use_session_provider};
pub use sign_up_page::SignUpPage;
