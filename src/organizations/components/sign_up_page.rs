//! Sign-up: a person and a new organisation.

use dioxus::prelude::*;

use super::account_form::{Account, AccountFields, use_account};
use crate::app::Route;
use crate::auth::components::AuthFrame;
use crate::organizations::api::sign_up;
use crate::organizations::model::SignUp;
use crate::platform::json::Body;
use crate::ui::{Field, NavLink, PageTitle};

#[component]
pub fn SignUpPage() -> Element {
    let organization = use_signal(String::new);
    let account = use_account();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let Account { name, email, password, .. } = account;
        let input = SignUp { name: name(), email: email(), password: password(), organization: organization() };
        account.enter(sign_up(Body(input)))
    };
    rsx! {
        PageTitle { text: "Create an account" }
        AuthFrame {
            form { "data-component": "SignUpForm", method: "post", novalidate: true, onsubmit: submit,
                div {
                    h1 { "Create an account" }
                    p { class: "muted mt-1", "You will be the owner of a new organisation." }
                }
                // Spelt as in the API, for scripts find the field by it.
                Field { name: "organization", label: "Organization", autocomplete: "organization", value: organization, error: account.error_on("organization"), autofocus: true }
                AccountFields { account, above: vec!["organization"] }
                p { class: "muted text-sm",
                    "Already have one? "
                    NavLink { class: "link", to: Route::LogInPage { next: String::new() }.href(), "Log in" }
                }
            }
        }
    }
}
