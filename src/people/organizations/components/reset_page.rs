//! The page of a password reset link.

use dioxus::prelude::*;

use crate::app::Route;
use crate::people::accounts::components::{AuthFrame, RevokeTokens, SubmitButton};
use crate::people::accounts::model::{PASSWORD_MIN, ResetPassword};
use crate::people::organizations::api::{preview_password_reset, reset_password};
use crate::people::organizations::model::ResetPreview;
use crate::platform::json::Body;
use crate::ui::{Field, NavLink, PageTitle, use_loaded, use_submit};

#[component]
pub fn ResetPage(token: ReadSignal<String>) -> Element {
    let preview = use_loaded(move || preview_password_reset(token()))?;
    rsx! {
        PageTitle { text: "New password" }
        AuthFrame {
            match preview.get::<ResetPreview>() {
                Some(Ok(preview)) => rsx! {
                    ResetForm { token: token(), preview }
                },
                Some(Err(error)) => rsx! {
                    form {
                        h1 { "This link doesn't work" }
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
fn ResetForm(token: String, preview: ResetPreview) -> Element {
    let password = use_signal(String::new);
    let submit = use_submit();
    let revoke_tokens = use_signal(|| false);
    let save = move |event: FormEvent| {
        event.prevent_default();
        let input = ResetPassword { token: token.clone(), password: password(), revoke_tokens: revoke_tokens() };
        submit.run_and_leave(reset_password(Body(input)), "/inbox")
    };
    rsx! {
        form { method: "post", novalidate: true, onsubmit: save,
            div {
                h1 { "Choose a new password" }
                p { class: "muted mt-1 break-words", "For {preview.name}, {preview.email}. You will be logged in here and logged out on all other devices." }
            }
            input { r#type: "text", name: "username", autocomplete: "username", value: "{preview.email}", readonly: true, hidden: true }
            Field {
                name: "password",
                label: "New password",
                r#type: "password",
                autocomplete: "new-password",
                value: password,
                autofocus: true,
                hint: "At least {PASSWORD_MIN} characters.",
                error: submit.error_on("password"),
            }
            RevokeTokens { chosen: revoke_tokens }
            SubmitButton { label: "Set password and log in", submit, fields: vec!["password"] }
        }
    }
}
