//! The table of access tokens: scopes, expiry, last use, and Revoke.

use dioxus::prelude::*;

use crate::ids::AccessTokenId;
use crate::people::organizations::components::use_session;
use crate::platform::json::NoBody;
use crate::programs::access_tokens::api::revoke_access_token;
use crate::programs::access_tokens::model::AccessToken;
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Column, ConfirmDialog, Table, When, use_hydrated, use_submit, use_toast};

#[component]
pub fn AccessTokenTable(tokens: Vec<AccessToken>, on_revoked: EventHandler<AccessTokenId>) -> Element {
    let hydrated = use_hydrated();
    let toast = use_toast();
    let now = use_session().now;
    let mut asked = use_signal(|| None::<AccessToken>);
    let submit = use_submit();
    let revoke = move |()| async move {
        let Some(token) = asked() else { return };
        let done = submit.track(revoke_access_token(token.id, NoBody)).await;
        asked.set(None);
        match done {
            Ok(()) => on_revoked(token.id),
            Err(error) => toast.show(error.message),
        }
    };
    rsx! {
        Table {
            label: "Access tokens",
            class: "tokens",
            columns: vec![Column::Text("Name"), Column::Text("Scopes"), Column::Text("Expires"), Column::Text("Last used"), Column::Actions("Revoke")],
            for token in tokens {
                tr { key: "{token.id}",
                    td {
                        span { class: "member-text",
                            bdi { class: "truncate font-medium", title: "{token.name}", "{token.name}" }
                            span { class: "mono muted text-xs", "{token.start}…" }
                        }
                    }
                    td {
                        span { class: "tags",
                            for scope in token.scopes.iter() {
                                span { class: "tag", key: "{scope}", title: "{scope.words()}", "{scope}" }
                            }
                            if let Some(bot) = &token.bot {
                                span { class: "tag", "As: {bot.name}" }
                            }
                            if let Some(bucket) = &token.bucket {
                                span { class: "tag", "Restricted to: {bucket.name}" }
                            }
                        }
                    }
                    td { class: "num",
                        match token.expires_at {
                            None => rsx! { "Never" },
                            Some(at) if at <= now => rsx! {
                                span { class: "tag tag-danger", "Expired" }
                            },
                            Some(at) => rsx! {
                                When { at, style: WhenStyle::Exact }
                            },
                        }
                    }
                    td { class: "num muted",
                        if let Some(at) = token.last_used_at {
                            When { at, style: WhenStyle::Ago }
                        } else {
                            "Never"
                        }
                    }
                    td {
                        button {
                            class: "btn btn-sm btn-danger-quiet",
                            r#type: "button",
                            disabled: !hydrated,
                            "aria-label": "Revoke {token.name}",
                            onclick: {
                                let token = token.clone();
                                move |_| asked.set(Some(token.clone()))
                            },
                            "Revoke"
                        }
                    }
                }
            }
        }
        if let Some(token) = asked() {
            ConfirmDialog {
                title: "Revoke {token.name}?",
                text: "Programs that use it lose access immediately. This can't be undone, but you can create a new token.",
                confirm: "Revoke",
                busy: submit.is_busy(),
                on_confirm: revoke,
                on_close: move |()| asked.set(None),
            }
        }
    }
}
