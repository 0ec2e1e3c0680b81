//! Sign-up: a person and a new organisation.

use dioxus::prelude::*;

use crate::app::Route;
use crate::auth::components::{AuthFrame, SubmitButton, field_error};
use crate::auth::model::PASSWORD_MIN;
use crate::organizations::api::sign_up;
use crate::organizations::model::SignUp;
use crate::platform::json::Body;
use crate::ui::{Field, FieldError, NavLink, PageTitle, browser};

#[component]
pub fn SignUpPage() -> Element {
    let organization = use_signal(String::new);
    let name = use_signal(String::new);
    let email = use_signal(String::new);
    let password = use_signal(String::new);
    let mut error = use_signal(|| None::<FieldError>);
    let mut busy = use_signal(|| false);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        async move {
            busy.set(true);
            let input = SignUp { name: name(), email: email(), password: password(), organization: organization() };
            match sign_up(Body(input)).await {
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
        PageTitle { text: "Create an account" }
        AuthFrame {
            form { "data-component": "SignUpForm", method: "post", novalidate: true, onsubmit: submit,
                div {
                    h1 { "Create an account" }
                    p { class: "muted mt-1", "You will be the owner of a new organisation." }
                }
                Field { name: "organization", label: "Organization", autocomplete: "organization", value: organization, error: on("organization"), autofocus: true }
                Field { name: "name", label: "Name", autocomplete: "name", value: name, error: on("name") }
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
                SubmitButton { label: "Create account", busy: busy(), error: error(), fields: vec!["organization", "name", "email", "password"] }
                p { class: "muted text-sm",
                    "Already have one? "
                    NavLink { class: "link", to: Route::LogInPage { next: String::new() }.href(), "Log in" }
                }
            }
        }
    }
}
