//! Log-in, and the frame that it shares with sign-up and invites.

mod auth_frame;
mod log_in_page;

pub use auth_frame::{AuthFrame, SubmitButton, field_error};
pub use log_in_page::LogInPage;
