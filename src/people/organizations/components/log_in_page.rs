//! The log-in page.

use dioxus::prelude::*;

use crate::app::Route;
use crate::people::accounts::components::{AuthFrame, SubmitButton};
use crate::people::accounts::model::LogIn;
use crate::people::organizations::api::{log_in, sign_up_state};
use crate::people::organizations::model::SignUpState;
use crate::platform::json::Body;
use crate::ui::{Field, NavLink, PageTitle, use_loaded, use_submit};

/// `next` is the path on this site to open after log-in.
#[component]
pub fn LogInPage(next: String) -> Element {
    let sign_up = use_loaded(|| sign_up_state(None))?;
    let may_sign_up = matches!(sign_up.get::<SignUpState>(), Some(Ok(state)) if state.open);
    let email = use_signal(String::new);
    let password = use_signal(String::new);
    let submit = use_submit();
    // "//host" and "/\host" would open another site.
    let safe = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    let destination = if safe { next } else { "/inbox".to_owned() };
    let enter = move |event: FormEvent| {
        event.prevent_default();
        let destination = destination.clone();
        async move {
            let input = LogIn { email: email(), password: password() };
            // A full load: everything of the previous session is removed with the page.
            submit.run_and_leave(log_in(Body(input)), &destination).await;
        }
    };
    rsx! {
        PageTitle { text: "Log in" }
        AuthFrame {
            form { method: "post", novalidate: true, onsubmit: enter,
                h1 { "Log in" }
                Field { name: "email", label: "Email", r#type: "email", autocomplete: "username", placeholder: "you@example.com", value: email, autofocus: true }
                Field { name: "password", label: "Password", r#type: "password", autocomplete: "current-password", value: password }
                SubmitButton { label: "Log in", submit, fields: vec![] }
                p { class: "muted text-sm", "Forgot your password? Ask an admin of your organization for a reset link." }
                if may_sign_up {
                    p { class: "muted text-sm",
                        "New here? "
                        NavLink { class: "link", to: Route::SignUpPage { invitation: String::new() }.href(), "Create an account" }
                    }
                } else {
                    p { class: "muted text-sm", "New here? Ask an admin of your organization for an invite." }
                }
            }
        }
    }
}
