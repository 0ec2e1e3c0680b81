//! Sign-up: a person and a new organization.

use dioxus::prelude::*;

use super::account_form::{Account, AccountFields, use_account};
use crate::app::Route;
use crate::people::accounts::components::AuthFrame;
use crate::people::organizations::api::{sign_up, sign_up_state};
use crate::people::organizations::model::{SignUp, SignUpState};
use crate::platform::json::Body;
use crate::ui::{Field, NavLink, PageTitle, use_loaded};

/// `invitation` is the token of the operator's link to create an organization; empty without one.
#[component]
pub fn SignUpPage(invitation: ReadSignal<String>) -> Element {
    let state = use_loaded(move || sign_up_state(Some(invitation())))?;
    rsx! {
        PageTitle { text: "Create an account" }
        AuthFrame {
            {state.show("Sign-up status", |SignUpState { open, reason }| {
                if open {
                    rsx! {
                        SignUpForm { invitation }
                    }
                } else {
                    rsx! {
                        form {
                            h1 { "Sign-up is closed" }
                            p { class: "muted", {reason.unwrap_or_default()} }
                            NavLink { class: "btn btn-wide", to: Route::LogInPage { next: String::new() }.href(), "Log in" }
                        }
                    }
                }
            })}
        }
    }
}

#[component]
fn SignUpForm(invitation: ReadSignal<String>) -> Element {
    let organization = use_signal(String::new);
    let account = use_account();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let Account { name, email, password, .. } = account;
        let input = SignUp {
            name: name(),
            email: email(),
            password: password(),
            organization: organization(),
            invitation: Some(invitation()),
        };
        account.enter(sign_up(Body(input)))
    };
    let is_invited = !invitation.read().is_empty();
    rsx! {
        form { "data-component": "SignUpForm", method: "post", novalidate: true, onsubmit: submit,
            div {
                h1 { "Create an account" }
                p { class: "muted mt-1",
                    "You will be the owner of a new organization."
                    if is_invited {
                        " Already have an account? Enter its email and password."
                    }
                }
            }
            // Spelled as in the API, because scripts find the field by it.
            Field { name: "organization", label: "Organization", autocomplete: "organization", value: organization, error: account.error_on("organization"), autofocus: true }
            AccountFields { account, above: vec!["organization"] }
            p { class: "muted text-sm",
                "Already have an account? "
                NavLink { class: "link", to: Route::LogInPage { next: String::new() }.href(), "Log in" }
            }
        }
    }
}
