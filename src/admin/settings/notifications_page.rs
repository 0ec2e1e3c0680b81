//! The page of notifications: what the person is notified about, and this device.

use std::rc::Rc;

use dioxus::prelude::*;

use crate::admin::settings::SettingsSection;
use crate::conversations::notifications::{DeviceNotifications, use_device_notifications};
use crate::people::organizations::api::set_notifications;
use crate::people::organizations::components::refresh;
use crate::people::organizations::model::{NotificationSettings, NotifyAbout, SessionInfo};
use crate::platform::browser::NotificationPermission;
use crate::platform::json::Body;
use crate::ui::{SectionHead, use_hydrated, use_toast};

#[component]
pub fn NotificationsPage() -> Element {
    let device = use_device_notifications();
    rsx! {
        SettingsSection { title: "Notifications",
            section { class: "sec",
                SectionHead { title: "Notify me about", text: "On all your devices. Critical messages always notify you, and nothing else of a muted conversation does.",
                    AboutChoice {}
                }
            }
            section { class: "sec",
                SectionHead { title: "This device", text: "Notifications appear while Attaché is open in a tab.",
                    PermissionState { device }
                }
            }
            section { class: "sec",
                SectionHead { title: "Sound", text: "For this device. Silent messages never have a sound.",
                    SoundChoice { device }
                }
            }
        }
    }
}

#[component]
fn AboutChoice() -> Element {
    let session = use_context::<Signal<Rc<SessionInfo>>>();
    let hydrated = use_hydrated();
    let toast = use_toast();
    let mut chosen = use_signal(|| session.peek().notify_about);
    // Another device may change it.
    use_effect(move || chosen.set(session.read().notify_about));
    let choose = use_callback(move |about: NotifyAbout| {
        chosen.set(about);
        spawn(async move {
            match set_notifications(Body(NotificationSettings { about })).await {
                Ok(()) => {
                    refresh(session).await;
                    toast.show("Saved");
                }
                Err(error) => {
                    chosen.set(session.peek().notify_about);
                    toast.show(error.message);
                }
            }
        });
    });
    rsx! {
        div { class: "segmented", role: "radiogroup", "aria-label": "Notify me about",
            for about in NotifyAbout::ALL.iter().copied() {
                label { key: "{about}",
                    input {
                        r#type: "radio",
                        name: "about",
                        checked: chosen() == about,
                        disabled: !hydrated,
                        onchange: move |_| choose(about),
                    }
                    {about.words()}
                }
            }
        }
    }
}

#[component]
fn PermissionState(device: DeviceNotifications) -> Element {
    let hydrated = use_hydrated();
    match (device.permission)() {
        NotificationPermission::Undecided => rsx! {
            button { class: "btn btn-primary", r#type: "button", disabled: !hydrated, onclick: move |_| device.turn_on(), "Turn on notifications" }
        },
        NotificationPermission::Granted => rsx! {
            span { class: "tag tag-success", role: "status", "On" }
        },
        NotificationPermission::Denied => rsx! {
            p { class: "muted", role: "status", "Blocked. Allow notifications for this site in your browser's settings." }
        },
        NotificationPermission::Unsupported => rsx! {
            p { class: "muted", "This browser doesn't support them here." }
        },
    }
}

#[component]
fn SoundChoice(device: DeviceNotifications) -> Element {
    let hydrated = use_hydrated();
    rsx! {
        label { class: "kv",
            input {
                class: "check",
                r#type: "checkbox",
                checked: (device.sound)(),
                disabled: !hydrated,
                onchange: move |event| device.set_sound(event.checked()),
            }
            span { "Play a sound" }
        }
    }
}
