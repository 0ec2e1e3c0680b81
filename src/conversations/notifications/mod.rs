//! Desktop notifications of new messages: which messages notify, which tab shows them, and the permission of the browser.

mod decision;
mod offer;
mod settings;
mod source;

pub use offer::NotificationOffer;
pub use settings::{DeviceNotifications, use_device_notifications};
pub use source::NotificationSource;
