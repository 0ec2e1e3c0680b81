//! The page of your own access tokens.

use dioxus::prelude::*;
use lucide_dioxus::{KeyRound, Plus};

use super::access_token_table::AccessTokenTable;
use super::new_token_dialog::NewTokenDialog;
use crate::admin::settings::SettingsSection;
use crate::programs::access_tokens::api::{TOKENS_PAGE, list_access_tokens};
use crate::programs::access_tokens::model::{AccessToken, CreatedToken};
use crate::ui::{EmptyState, LoadMore, Secret, SectionHead, use_hydrated, use_loaded};

#[component]
pub fn AccessTokensPage() -> Element {
    rsx! {
        SettingsSection { title: "Access tokens", LoadedTokens {} }
    }
}

#[component]
fn LoadedTokens() -> Element {
    use_loaded(|| list_access_tokens(None))?.show("Access tokens", |first: Vec<AccessToken>| {
        rsx! {
            Tokens { first }
        }
    })
}

#[component]
fn Tokens(first: Vec<AccessToken>) -> Element {
    let hydrated = use_hydrated();
    let mut has_more = use_signal(|| first.len() == TOKENS_PAGE);
    let mut tokens = use_signal(|| first);
    let mut adding = use_signal(|| false);
    let mut made = use_signal(|| None::<CreatedToken>);
    let load_more = move |()| async move {
        let last = tokens.peek().last().map(|token| token.id);
        if let Ok(page) = list_access_tokens(last).await {
            has_more.set(page.len() == TOKENS_PAGE);
            tokens.write().extend(page);
        }
    };
    rsx! {
        section { class: "sec",
            SectionHead {
                title: "Access tokens",
                text: "For scripts, cameras and build jobs. Tokens act on your behalf within their scopes.",
                button { class: "btn btn-primary", r#type: "button", disabled: !hydrated, onclick: move |_| adding.set(true),
                    Plus { class: "icon" }
                    "New token"
                }
            }
            if let Some(created) = made() {
                div { class: "notice notice-success", role: "status", "data-component": "TokenReveal",
                    KeyRound { class: "icon" }
                    div { class: "grow",
                        b { class: "font-semibold", "{created.token.name} is ready." }
                        " Copy the token now. It won't be shown again."
                        Secret { key: "{created.secret}", text: created.secret.clone() }
                    }
                }
            }
            if tokens.read().is_empty() {
                EmptyState {
                    icon: rsx! {
                        KeyRound { class: "icon" }
                    },
                    title: "No access tokens",
                    text: "Create one to post from scripts.",
                }
            } else {
                AccessTokenTable {
                    tokens: tokens(),
                    on_revoked: move |id| {
                        tokens.write().retain(|token| token.id != id);
                        if made.peek().as_ref().is_some_and(|created| created.token.id == id) {
                            made.set(None);
                        }
                    },
                }
                if has_more() {
                    LoadMore { on_more: load_more }
                }
            }
            p { class: "hint mt-2",
                "To use tokens, see the "
                a { class: "link", href: "/api/docs", target: "_blank", rel: "noopener", "API reference" }
                "."
            }
        }
        if adding() {
            NewTokenDialog {
                on_close: move |()| adding.set(false),
                on_made: move |created: CreatedToken| {
                    tokens.write().insert(0, created.token.clone());
                    made.set(Some(created));
                    adding.set(false);
                },
            }
        }
    }
}
