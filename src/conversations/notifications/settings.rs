//! Notifications on this device: the browser's permission, and the sound.

use dioxus::prelude::*;

use crate::platform::browser::{self, NotificationPermission};

/// Storage key of the sound, in this browser.
const SOUND: &str = "attache-notification-sound";
const ON: &str = "on";

/// The settings of this device. Unsupported and off until the page is hydrated, because only the browser knows.
#[derive(Clone, Copy, PartialEq)]
pub struct DeviceNotifications {
    pub permission: Signal<NotificationPermission>,
    pub sound: Signal<bool>,
}

pub fn use_device_notifications() -> DeviceNotifications {
    let mut permission = use_signal(|| NotificationPermission::Unsupported);
    let mut sound = use_signal(|| false);
    use_effect(move || {
        permission.set(browser::notification_permission());
        sound.set(has_sound());
    });
    DeviceNotifications { permission, sound }
}

impl DeviceNotifications {
    /// Asks the person for permission. Call it after a click only.
    pub async fn turn_on(mut self) {
        self.permission.set(browser::request_notifications().await);
    }

    /// Turns the sound on, which plays it once, or off.
    pub fn set_sound(mut self, on: bool) {
        browser::keep_in_browser(SOUND, if on { ON } else { "" });
        self.sound.set(on);
        if on {
            browser::play_sound();
        }
    }
}

/// Returns whether notifications have a sound on this device.
pub fn has_sound() -> bool {
    browser::kept_in_browser(SOUND) == ON
}
