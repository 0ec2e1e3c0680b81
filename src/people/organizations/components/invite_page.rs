//! The page of an invite link.

use dioxus::prelude::*;

use super::account_form::{Account, AccountFields, use_account};
use crate::app::Route;
use crate::people::accounts::components::AuthFrame;
use crate::people::organizations::api::{accept_invite, preview_invite};
use crate::people::organizations::model::{AcceptInvite, InvitePreview};
use crate::platform::json::Body;
use crate::ui::{NavLink, PageTitle, use_loaded};

#[component]
pub fn InvitePage(token: ReadSignal<String>) -> Element {
    let preview = use_loaded(move || preview_invite(token()))?;
    rsx! {
        PageTitle { text: "Join" }
        AuthFrame {
            match preview.get::<InvitePreview>() {
                Some(Ok(preview)) => rsx! {
                    JoinForm { token: token(), preview }
                },
                Some(Err(error)) => rsx! {
                    form {
                        h1 { "This invite doesn't work" }
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
    let account = use_account();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let Account { name, email, password, .. } = account;
        let input = AcceptInvite { token: token.clone(), name: name(), email: email(), password: password() };
        account.enter(accept_invite(Body(input)))
    };
    rsx! {
        form { method: "post", novalidate: true, onsubmit: submit,
            div {
                h1 { "Join {preview.organization}" }
                p { class: "muted mt-1", "You've been invited to join as {preview.role}. If you already have an account, enter its email and password." }
            }
            AccountFields { account }
        }
    }
}
