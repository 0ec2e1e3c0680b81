//! The form to change your password.

use dioxus::prelude::*;
use lucide_dioxus::CircleCheck;

use super::SubmitButton;
use crate::people::accounts::api::change_password;
use crate::people::accounts::model::{ChangePassword, PASSWORD_MIN};
use crate::platform::json::Body;
use crate::ui::{Field, use_hydrated, use_submit};

/// `email` tells password managers whose password it is. `on_changed` is called when all other devices are logged out.
#[component]
pub fn PasswordForm(email: String, on_changed: EventHandler<()>) -> Element {
    let mut current = use_signal(String::new);
    let mut new = use_signal(String::new);
    let submit = use_submit();
    let revoke_tokens = use_signal(|| false);
    // The number of devices that were logged out.
    let mut ended = use_signal(|| None::<u64>);
    let save = move |event: FormEvent| {
        event.prevent_default();
        async move {
            ended.set(None);
            let input =
                ChangePassword { current_password: current(), new_password: new(), revoke_tokens: revoke_tokens() };
            if let Some(changed) = submit.run(change_password(Body(input))).await {
                current.set(String::new());
                new.set(String::new());
                ended.set(Some(changed.ended_sessions));
                on_changed(());
            }
        }
    };
    rsx! {
        form { class: "form", "data-component": "PasswordForm", method: "post", novalidate: true, onsubmit: save,
            input { r#type: "text", name: "username", autocomplete: "username", value: "{email}", readonly: true, hidden: true }
            Field { name: "currentPassword", label: "Current password", r#type: "password", autocomplete: "current-password", value: current, error: submit.error_on("currentPassword") }
            Field {
                name: "newPassword",
                label: "New password",
                r#type: "password",
                autocomplete: "new-password",
                value: new,
                hint: "At least {PASSWORD_MIN} characters.",
                error: submit.error_on("newPassword"),
            }
            RevokeTokens { chosen: revoke_tokens }
            if let Some(count) = ended() {
                p { class: "notice notice-success", role: "status",
                    CircleCheck { class: "icon" }
                    span { class: "grow",
                        "Your password was changed. "
                        match count {
                            0 => "You weren't logged in on any other device.".to_owned(),
                            1 => "1 other device was logged out.".to_owned(),
                            count => format!("{count} other devices were logged out."),
                        }
                    }
                }
            }
            SubmitButton { label: "Change password", wide: false, submit, fields: vec!["currentPassword", "newPassword"] }
        }
    }
}

/// Offers to revoke access tokens: somebody who knew the old password may have created one.
#[component]
pub fn RevokeTokens(chosen: Signal<bool>) -> Element {
    let mut chosen = chosen;
    let hydrated = use_hydrated();
    rsx! {
        label { class: "setting",
            span {
                "Revoke access tokens"
                span { class: "hint block", "Programs that use your tokens lose access." }
            }
            input {
                class: "switch",
                r#type: "checkbox",
                role: "switch",
                name: "revokeTokens",
                checked: chosen(),
                disabled: !hydrated,
                onchange: move |event| chosen.set(event.checked()),
            }
        }
    }
}
