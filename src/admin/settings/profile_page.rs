//! The page of the profile: person, devices, and appearance.

use dioxus::prelude::*;
use lucide_dioxus::LogOut;

use super::picture_field::PictureField;
use crate::admin::settings::SettingsSection;
use crate::files::pictures::model::PictureKind;
use crate::people::accounts::api::log_out;
use crate::people::accounts::components::{DeviceList, PasswordForm};
use crate::people::organizations::components::{NameForm, Named, OrganizationSwitch, use_session};
use crate::platform::browser;
use crate::platform::json::NoBody;
use crate::ui::{Avatar, AvatarKind, SectionHead, ThemeChoice, use_hydrated, use_submit, use_toast};

#[component]
pub fn ProfilePage() -> Element {
    let session = use_session();
    let toast = use_toast();
    let hydrated = use_hydrated();
    let submit = use_submit();
    let mut password_changes = use_signal(|| 0_usize);
    let leave = move |_| async move {
        match submit.track(log_out(NoBody)).await {
            Ok(()) => browser::go_to("/log-in"),
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        SettingsSection { title: "Profile",
            section { class: "sec",
                SectionHead { title: "Profile", text: "How your colleagues see you.",
                    button { class: "btn", r#type: "button", disabled: submit.is_busy() || !hydrated, onclick: leave,
                        LogOut { class: "icon" }
                        "Log out"
                    }
                }
                dl { class: "facts",
                    dt { "Email" }
                    dd { "{session.user.email}" }
                    dt { "Organization" }
                    dd { "{session.organization.name}" }
                    dt { "Role" }
                    dd { "{session.role.title()}" }
                }
            }
            section { class: "sec",
                SectionHead { title: "Name", text: "Shown on all your messages, including past ones." }
                NameForm { of: Named::Oneself }
            }
            section { class: "sec",
                SectionHead { title: "Profile picture", text: "Shown next to your messages to everyone in {session.organization.name}." }
                PictureField {
                    kind: PictureKind::UserAvatar,
                    id: session.member_id.0,
                    loaded: session.user.avatar_url.clone(),
                    Avatar {
                        kind: AvatarKind::Member,
                        id: session.member_id.0,
                        name: session.user.name.clone(),
                        picture: session.user.avatar_url.clone(),
                        size: 72,
                    }
                }
            }
            OrganizationSwitch {}
            section { class: "sec",
                SectionHead { title: "Change password", text: "This logs you out on all other devices." }
                PasswordForm { email: session.user.email.clone(), on_changed: move |()| password_changes += 1 }
            }
            section { class: "sec",
                SectionHead { title: "Devices", text: "Devices you're logged in on. Log out any you don't use or recognize." }
                DeviceList { changes: password_changes }
            }
            section { class: "sec",
                SectionHead { title: "Appearance", text: "For this device. “System” follows your device's setting.",
                    ThemeChoice {}
                }
            }
        }
    }
}
