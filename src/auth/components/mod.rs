//! Log-in, and the frame that it shares with sign-up and invites.

mod auth_frame;
mod log_in_page;

pub use auth_frame::{AuthFrame, field_error, submit_button};
pub use log_in_page::LogInPage;
