//! Where an invite link leads.

use dioxus::prelude::*;

use crate::app::Route;
use crate::auth::components::{AuthFrame, SubmitButton, field_error};
use crate::auth::model::PASSWORD_MIN;
use crate::organizations::api::{accept_invite, preview_invite};
use crate::organizations::model::{AcceptInvite, InvitePreview};
use crate::platform::json::Body;
use crate::ui::{Field, FieldError, NavLink, PageTitle, browser};

#[component]
pub fn InvitePage(token: ReadSignal<String>) -> Element {
    let preview = use_server_future(move || preview_invite(token()))?;
    let loaded = preview.read().clone();
    rsx! {
        PageTitle { text: "Join" }
        AuthFrame {
            match loaded {
                Some(Ok(preview)) => rsx! {
                    JoinForm { token: token(), preview }
                },
                Some(Err(error)) => rsx! {
                    form {
                        h1 { "This invite cannot be used" }
                        p { class: "muted", "{error.message}" }
                        NavLink { class: "btn btn-wide", to: Route::LogInPage { next: String::new() }.href(), "Log in" }
                    }
                },
                None => rsx! {},
            }
        }
    }
}

#[component]
fn JoinForm(token: String, preview: InvitePreview) -> Element {
    let name = use_signal(String::new);
    let email = use_signal(String::new);
    let password = use_signal(String::new);
    let mut error = use_signal(|| None::<FieldError>);
    let mut busy = use_signal(|| false);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let token = token.clone();
        async move {
            busy.set(true);
            let input = AcceptInvite { token, name: name(), email: email(), password: password() };
            match accept_invite(Body(input)).await {
                Ok(_) => browser::go_to("/inbox"),
                Err(refused) => {
                    error.set(Some(field_error(refused)));
                    busy.set(false);
                }
            }
        }
    };
    let on = move |field: &str| FieldError::on(error.read().as_ref(), field);
    rsx! {
        form { method: "post", novalidate: true, onsubmit: submit,
            div {
                h1 { "Join {preview.organization}" }
                p { class: "muted mt-1", "You are invited as {preview.role}. If you have an account, use its email and password." }
            }
            Field { name: "name", label: "Name", autocomplete: "name", value: name, error: on("name"), autofocus: true }
            Field { name: "email", label: "Email", r#type: "email", autocomplete: "email", placeholder: "you@example.com", value: email, error: on("email") }
            Field {
                name: "password",
                label: "Password",
                r#type: "password",
                autocomplete: "new-password",
                value: password,
                hint: "At least {PASSWORD_MIN} characters.",
                error: on("password"),
            }
            SubmitButton { label: "Create account", busy: busy(), error: error(), fields: vec!["name", "email", "password"] }
        }
    }
}
