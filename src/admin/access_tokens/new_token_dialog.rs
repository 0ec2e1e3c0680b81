//! The dialog that creates an access token.

use std::time::Duration;

use dioxus::prelude::*;

use crate::files::pictures::api::list_bots;
use crate::ids::BotId;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::platform::json::Body;
use crate::programs::access_tokens::api::create_access_token;
use crate::programs::access_tokens::model::{CreatedToken, NewAccessToken, Scope};
use crate::ui::{Choice, Dialog, Field, SelectField, use_submit};

/// Choices for the lifetime of a token, in days; 0: no expiry.
const LIFETIMES: [(u64, &str); 4] = [(30, "30 days"), (90, "90 days"), (365, "1 year"), (0, "Never")];
const DEFAULT_LIFETIME: u64 = 90;

#[component]
pub fn NewTokenDialog(on_close: EventHandler<()>, on_made: EventHandler<CreatedToken>) -> Element {
    let now = use_session().now;
    let (name, bucket) = (use_signal(String::new), use_signal(String::new));
    let mut scopes = use_signal(|| vec![Scope::MessagesWrite]);
    let mut life = use_signal(|| DEFAULT_LIFETIME);
    let mut bot = use_signal(|| None::<BotId>);
    let manages = use_session().may(Permission::OrganizationManage);
    let bots =
        use_resource(
            move || async move { if manages { list_bots(None).await.unwrap_or_default() } else { Vec::new() } },
        );
    let submit = use_submit();
    let create = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let days = Some(life()).filter(|days| *days > 0);
            let input = NewAccessToken {
                name: name(),
                scopes: scopes(),
                bucket_id: Some(bucket().trim().to_owned()).filter(|bucket| !bucket.is_empty()),
                bot_id: bot(),
                expires_at: days.map(|days| now.plus(Duration::from_secs(days * 86_400))),
            };
            if let Some(created) = submit.run(create_access_token(Body(input))).await {
                on_made(created);
            }
        }
    };
    rsx! {
        Dialog { label: "New access token", on_close,
            form { onsubmit: create,
                h3 { "New access token" }
                p { "Grant only the access it needs. The token acts on your behalf." }
                div { class: "dialog-fields",
                    Field {
                        name: "name",
                        label: "Name",
                        placeholder: "Door camera",
                        hint: "Its messages appear under this name.",
                        autocomplete: "off",
                        value: name,
                        autofocus: true,
                        error: submit.error_on("name"),
                    }
                    fieldset { class: "fieldset",
                        legend { class: "label", "Permissions" }
                        for scope in Scope::ALL.iter().copied() {
                            label { class: "kv", key: "{scope}",
                                input {
                                    class: "check",
                                    r#type: "checkbox",
                                    checked: scopes.read().contains(&scope),
                                    onchange: move |event| {
                                        scopes.write().retain(|chosen| *chosen != scope);
                                        if event.checked() {
                                            scopes.write().push(scope);
                                        }
                                    },
                                }
                                span { "{scope.words()}" }
                            }
                        }
                    }
                    if let Some(bots) = bots().filter(|bots| !bots.is_empty()) {
                        SelectField {
                            name: "bot",
                            label: "Post as",
                            value: bot().map(|bot| bot.to_string()).unwrap_or_default(),
                            choices: std::iter::once((String::new(), "The token's name".to_owned()))
                                .chain(bots.into_iter().map(|bot| (bot.id.to_string(), bot.name)))
                                .map(|(value, text)| Choice { value, text, disabled: false })
                                .collect::<Vec<_>>(),
                            on_choose: move |chosen: String| bot.set(chosen.parse().ok()),
                        }
                    }
                    Field {
                        name: "bucketId",
                        label: "Restrict to",
                        placeholder: "deploys",
                        hint: "The name of a bucket or channel. Leave empty to allow every conversation you can post to.",
                        autocomplete: "off",
                        value: bucket,
                        error: submit.error_on("bucketId"),
                    }
                    SelectField {
                        name: "life",
                        label: "Expires after",
                        value: life().to_string(),
                        choices: LIFETIMES.iter().map(|(days, text)| Choice { value: days.to_string(), text: (*text).to_owned(), disabled: false }).collect::<Vec<_>>(),
                        on_choose: move |chosen: String| life.set(chosen.parse().unwrap_or(DEFAULT_LIFETIME)),
                    }
                }
                if let Some(message) = submit.other_error(&["name", "bucketId"]) {
                    p { class: "hint hint-error", role: "alert", "{message}" }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), "Create token" }
                }
            }
        }
    }
}
