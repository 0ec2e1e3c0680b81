//! The dialog that creates a custom role.

use dioxus::prelude::*;

use crate::people::organizations::api::create_role;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::{BuiltInRole, NewRole, Permission, Role};
use crate::platform::json::Body;
use crate::ui::{Choice, Dialog, Field, SelectField, use_submit};

#[component]
pub fn NewRoleDialog(roles: Vec<Role>, on_close: EventHandler<()>, on_role: EventHandler<Role>) -> Element {
    let session = use_session();
    let name = use_signal(String::new);
    let mut pattern = use_signal(String::new);
    let submit = use_submit();
    let nothing = Choice { value: String::new(), text: "No permissions".to_owned(), disabled: false };
    let copies = roles.iter().filter(|role| role.built_in != Some(BuiltInRole::Owner)).map(|role| Choice {
        value: role.id.to_string(),
        text: format!("Same as {}", role.title()),
        disabled: !session.may_grant(role, &roles),
    });
    let choices: Vec<_> = std::iter::once(nothing).chain(copies).collect();
    let create = move |event: FormEvent| {
        event.prevent_default();
        let copied = roles.iter().find(|role| role.id.to_string() == pattern()).map(|role| role.permissions.clone());
        let permissions = copied.unwrap_or_default().into_iter().map(Permission::name).map(str::to_owned).collect();
        async move {
            if let Some(role) = submit.run(create_role(Body(NewRole { name: name(), permissions }))).await {
                on_role(role);
            }
        }
    };
    rsx! {
        Dialog { label: "New role", on_close,
            form { onsubmit: create,
                h3 { "New role" }
                p { "You can adjust permissions next." }
                div { class: "dialog-fields",
                    Field { name: "name", label: "Role name", placeholder: "Contractor", autocomplete: "off", value: name, autofocus: true, error: submit.error().map(|error| error.message) }
                    SelectField { name: "pattern", label: "Start with", value: pattern(), choices, on_choose: move |value| pattern.set(value) }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), "Create role" }
                }
            }
        }
    }
}
