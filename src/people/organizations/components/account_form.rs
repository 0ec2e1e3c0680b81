//! The common part of sign-up and accepting an invite: name, email, password, and the redirect.

use dioxus::prelude::*;

use crate::people::accounts::components::SubmitButton;
use crate::people::accounts::model::PASSWORD_MIN;
use crate::people::organizations::model::SessionInfo;
use crate::platform::error::Result;
use crate::ui::{Field, Submit, use_submit};

/// The input for an account, and its errors.
#[derive(Clone, Copy, PartialEq)]
pub struct Account {
    pub name: Signal<String>,
    pub email: Signal<String>,
    pub password: Signal<String>,
    submit: Submit,
}

pub fn use_account() -> Account {
    Account {
        name: use_signal(String::new),
        email: use_signal(String::new),
        password: use_signal(String::new),
        submit: use_submit(),
    }
}

impl Account {
    /// Waits for the account to be created and opens the inbox; on failure shows the error.
    pub async fn enter(self, made: impl Future<Output = Result<SessionInfo>>) {
        self.submit.run_and_leave(made, "/inbox").await;
    }

    pub fn error_on(self, field: &str) -> Option<String> {
        self.submit.error_on(field)
    }
}

/// The fields and the button. `above` names the fields that the form has before these.
#[component]
pub fn AccountFields(account: Account, #[props(default)] above: Vec<&'static str>) -> Element {
    let fields = above.iter().copied().chain(["name", "email", "password"]).collect::<Vec<_>>();
    rsx! {
        Field { name: "name", label: "Name", autocomplete: "name", value: account.name, error: account.error_on("name"), autofocus: above.is_empty() }
        Field { name: "email", label: "Email", r#type: "email", autocomplete: "email", placeholder: "you@example.com", value: account.email, error: account.error_on("email") }
        Field {
            name: "password",
            label: "Password",
            r#type: "password",
            autocomplete: "new-password",
            value: account.password,
            hint: "At least {PASSWORD_MIN} characters.",
            error: account.error_on("password"),
        }
        SubmitButton { label: "Create account", submit: account.submit, fields }
    }
}
