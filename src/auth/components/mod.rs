//! The frame of log-in, sign-up and invites, and the list of devices.

mod auth_frame;
mod device_list;
mod device_name;

pub use auth_frame::{AuthFrame, SubmitButton, field_error};
pub use device_list::DeviceList;
