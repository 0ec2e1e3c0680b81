//! The devices on which a person is logged in.

use dioxus::prelude::*;
use lucide_dioxus::{Monitor, Smartphone};

use super::device_name::{device_name, is_handheld};
use crate::ids::SessionId;
use crate::people::accounts::api::{list_sessions, revoke_session};
use crate::people::accounts::model::Device;
use crate::platform::json::NoBody;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{When, use_hydrated, use_loaded, use_toast};

/// Suspends while the list loads. It reloads whenever `changes` grows.
#[component]
pub fn DeviceList(changes: ReadSignal<usize>) -> Element {
    use_loaded(list_sessions)?.show("Devices", |first| {
        rsx! {
            Devices { first, changes }
        }
    })
}

#[component]
fn Devices(first: Vec<Device>, changes: ReadSignal<usize>) -> Element {
    let toast = use_toast();
    let mut devices = use_signal(|| first);
    use_effect(move || {
        if changes() > 0 {
            spawn(async move {
                if let Ok(fresh) = list_sessions().await {
                    devices.set(fresh);
                }
            });
        }
    });
    let log_out = move |id: SessionId, name: String| async move {
        match revoke_session(id, NoBody).await {
            Ok(()) => {
                devices.write().retain(|device| device.id != id);
                toast.show(format!("{name} was logged out"));
            }
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        ul { class: "devices", "data-component": "DeviceList",
            for device in devices() {
                DeviceRow { key: "{device.id}", device, on_log_out: move |(id, name)| log_out(id, name) }
            }
        }
    }
}

#[component]
fn DeviceRow(device: Device, on_log_out: EventHandler<(SessionId, String)>) -> Element {
    let name = device_name(&device.user_agent);
    let hydrated = use_hydrated();
    let id = device.id;
    rsx! {
        li { class: "device", title: "{device.user_agent}",
            if is_handheld(&device.user_agent) {
                Smartphone { class: "icon" }
            } else {
                Monitor { class: "icon" }
            }
            div { class: "grow",
                p { class: "device-name",
                    "{name}"
                    if device.current {
                        span { class: "tag tag-success", "This device" }
                    }
                }
                p { class: "muted text-xs",
                    "Logged in "
                    When { at: device.created_at, style: WhenStyle::Exact }
                }
            }
            if !device.current {
                button {
                    class: "btn btn-ghost btn-danger-quiet",
                    r#type: "button",
                    "aria-label": "Log out {name}",
                    disabled: !hydrated,
                    onclick: move |_| on_log_out((id, name.clone())),
                    "Log out"
                }
            }
        }
    }
}
