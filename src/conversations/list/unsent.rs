//! Which conversations have something of one's own that has not left this browser. Whoever keeps it says so here.

use std::collections::HashMap;

use dioxus::prelude::*;
use lucide_dioxus::CircleAlert;

use crate::ids::ChannelId;

/// Whether somebody has to do something about it: something is in its way.
#[derive(Clone, Copy)]
pub struct Unsent(pub Signal<HashMap<ChannelId, bool>>);

impl Unsent {
    pub fn provide() -> Self {
        use_context_provider(|| Self(Signal::new_in_scope(HashMap::new(), ScopeId::ROOT)))
    }
}

/// In place of the last message, or, with `short`, as a sign beside the name.
#[component]
pub fn UnsentNote(failed: bool, #[props(default)] short: bool) -> Element {
    let text = if failed { "Not sent" } else { "Not sent yet" };
    rsx! {
        span { class: "unsent", "data-failed": if failed { "" }, title: if short { text },
            if failed {
                CircleAlert { class: "icon" }
            } else {
                // Lucide's `clock`: its category has too many others to be in.
                svg { class: "icon", view_box: "0 0 24 24", fill: "none", stroke: "currentColor", stroke_width: "2", stroke_linecap: "round", stroke_linejoin: "round",
                    path { d: "M12 6v6l4 2" }
                    circle { cx: "12", cy: "12", r: "10" }
                }
            }
            span { class: if short { "sr-only" } else { "truncate" }, "{text}" }
        }
    }
}
