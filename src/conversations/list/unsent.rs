//! Conversations with unsent messages in this browser, as reported by the outbox.

use std::collections::HashMap;

use dioxus::prelude::*;
use lucide_dioxus::CircleAlert;

use crate::ids::ChannelId;

/// By channel, whether an action is required, because sending is blocked.
#[derive(Clone, Copy)]
pub struct Unsent(pub Signal<HashMap<ChannelId, bool>>);

impl Unsent {
    pub fn provide() -> Self {
        use_context_provider(|| Self(Signal::new_in_scope(HashMap::new(), ScopeId::ROOT)))
    }
}

/// Replaces the last message, or, with `short`, is an icon beside the name.
#[component]
pub fn UnsentNote(failed: bool, #[props(default)] short: bool) -> Element {
    let text = if failed { "Not sent" } else { "Not sent yet" };
    rsx! {
        span { class: "unsent", "data-failed": if failed { "" }, title: if short { text },
            if failed {
                CircleAlert { class: "icon" }
            } else {
                // Lucide's `clock`: its category would add too many others.
                svg { class: "icon", view_box: "0 0 24 24", fill: "none", stroke: "currentColor", stroke_width: "2", stroke_linecap: "round", stroke_linejoin: "round",
                    path { d: "M12 6v6l4 2" }
                    circle { cx: "12", cy: "12", r: "10" }
                }
            }
            span { class: if short { "sr-only" } else { "truncate" }, "{text}" }
        }
    }
}
