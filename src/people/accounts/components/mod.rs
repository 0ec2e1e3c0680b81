//! The frame of log-in, sign-up and invites, the list of devices, and the change of a password.

mod auth_frame;
mod device_list;
mod device_name;
mod password_form;

pub use auth_frame::{AuthFrame, SubmitButton};
pub use device_list::DeviceList;
pub use password_form::{PasswordForm, RevokeTokens};
