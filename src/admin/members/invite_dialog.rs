//! The dialog that creates an invite link.

use dioxus::prelude::*;
use lucide_dioxus::CircleAlert;

use crate::people::organizations::api::create_invite;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{BuiltInRole, Role, RoleChoice};
use crate::platform::json::Body;
use crate::ui::{Choice, Dialog, SelectField, use_submit};

/// A new link, and its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvite {
    pub url: String,
    pub role: String,
}

#[component]
pub fn InviteDialog(roles: Vec<Role>, on_close: EventHandler<()>, on_invite: EventHandler<NewInvite>) -> Element {
    let session = use_session();
    let usual = roles.iter().find(|role| role.built_in == Some(BuiltInRole::Member)).or(roles.last());
    let mut role = use_signal(|| usual.map(|role| role.id.to_string()).unwrap_or_default());
    let submit = use_submit();
    let choice = |role: &Role| Choice {
        value: role.id.to_string(),
        text: role.title(),
        disabled: !session.may_grant(role, &roles),
    };
    let choices: Vec<_> = roles.iter().map(choice).collect();
    let create = move |event: FormEvent| {
        event.prevent_default();
        let title = roles.iter().find(|one| one.id.to_string() == role()).map(Role::title).unwrap_or_default();
        async move {
            if let Some(link) = submit.run(create_invite(Body(RoleChoice { role: role() }))).await {
                on_invite(NewInvite { url: link.url, role: title });
            }
        }
    };
    rsx! {
        Dialog { label: "Invite a teammate", on_close,
            form { onsubmit: create,
                h3 { "Invite a teammate" }
                p { "Send them this link. It works once and expires in 7 days." }
                div { class: "dialog-fields",
                    SelectField {
                        name: "role",
                        label: "Role",
                        value: role(),
                        choices,
                        hint: "You can't assign a role with more permissions than yours.",
                        on_choose: move |value| role.set(value),
                    }
                    if let Some(message) = submit.other_error(&[]) {
                        p { class: "hint hint-error", role: "alert",
                            CircleAlert { class: "icon" }
                            "{message}"
                        }
                    }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), "Create link" }
                }
            }
        }
    }
}
