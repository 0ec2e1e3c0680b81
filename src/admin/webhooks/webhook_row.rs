//! A webhook in the table, with the menu of what can be done with it.

use dioxus::prelude::*;

use crate::programs::webhooks::model::{DeliveryState, DisabledReason, Webhook};
use crate::ui::relative_time::WhenStyle;
use crate::ui::{Menu, MenuItem, When};

/// An item of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Log,
    Test,
    Edit,
    Rotate,
    Enable,
    Disable,
    Delete,
}

impl Act {
    const fn words(self) -> &'static str {
        match self {
            Self::Log => "Show deliveries",
            Self::Test => "Send test event",
            Self::Edit => "Edit",
            Self::Rotate => "Rotate secret",
            Self::Enable => "Enable",
            Self::Disable => "Disable",
            Self::Delete => "Delete",
        }
    }

    /// Returns what this person can do with a webhook.
    fn of(webhook: &Webhook) -> Vec<Self> {
        let own: &[_] = match (webhook.own, webhook.enabled) {
            (true, true) => &[Self::Log, Self::Test, Self::Edit, Self::Rotate],
            (true, false) => &[Self::Log, Self::Edit, Self::Rotate],
            (false, _) => &[],
        };
        let switch = if webhook.enabled { Self::Disable } else { Self::Enable };
        own.iter().copied().chain([switch, Self::Delete]).collect()
    }
}

#[component]
pub fn WebhookRow(webhook: Webhook, on_act: EventHandler<(Act, Webhook)>) -> Element {
    let menu = format!("webhook-{}", webhook.id);
    rsx! {
        tr { "data-component": "WebhookRow",
            td {
                span { class: "member-text",
                    bdi { class: "truncate font-medium", title: "{webhook.url}", "{webhook.url}" }
                    span { class: "muted text-xs truncate",
                        "{webhook.owner}"
                        if let Some(name) = &webhook.channel_name {
                            ", restricted to {name}"
                        } else if webhook.channel_id.is_some() {
                            ", restricted to a conversation"
                        }
                    }
                }
            }
            td {
                span { class: "tags",
                    for event in webhook.events.iter() {
                        span { class: "tag", key: "{event}", title: "{event.words()}", "{event}" }
                    }
                    for kind in webhook.kinds.iter() {
                        span { class: "tag", key: "{kind}", "{kind.words()}" }
                    }
                }
            }
            td {
                match webhook.disabled_reason {
                    None => rsx! {
                        span { class: "tag tag-success", "Enabled" }
                    },
                    Some(DisabledReason::Failing) => rsx! {
                        span { class: "tag tag-danger", title: DisabledReason::Failing.words(), "Disabled, failing" }
                    },
                    Some(reason) => rsx! {
                        span { class: "tag", title: reason.words(), "Disabled" }
                    },
                }
            }
            td { class: "muted",
                if let Some(last) = &webhook.last_delivery {
                    span { class: "member-text",
                        span { {state_words(last.state, last.status)} }
                        span { class: "text-xs",
                            When { at: last.attempted_at, style: WhenStyle::Ago }
                        }
                    }
                } else {
                    "None"
                }
            }
            td {
                Menu { id: menu.clone(), label: "Actions for {webhook.url}",
                    for act in Act::of(&webhook) {
                        MenuItem {
                            key: "{act.words()}",
                            menu: menu.clone(),
                            danger: act == Act::Delete,
                            on_choose: {
                                let webhook = webhook.clone();
                                move |()| on_act((act, webhook.clone()))
                            },
                            "{act.words()}"
                        }
                    }
                }
            }
        }
    }
}

/// Returns the state of an attempt, such as `Delivered, 200`.
pub fn state_words(state: DeliveryState, status: Option<i32>) -> String {
    let words = if state == DeliveryState::Pending { "Retrying" } else { state.words() };
    match status {
        Some(status) => format!("{words}, {status}"),
        None => words.to_owned(),
    }
}
