//! Log-in, the frame that it shares with sign-up and invites, and the list of devices.

mod auth_frame;
mod device_list;
mod device_name;
mod log_in_page;

pub use auth_frame::{AuthFrame, SubmitButton, field_error};
pub use device_list::DeviceList;
pub use log_in_page::LogInPage;
