//! The button that loads the next page of a list.

use dioxus::prelude::*;

use super::use_hydrated;

#[component]
pub fn LoadMore(on_more: EventHandler<()>) -> Element {
    let hydrated = use_hydrated();
    rsx! {
        div { class: "feed-more",
            button { class: "btn", r#type: "button", disabled: !hydrated, onclick: move |_| on_more(()), "Show more" }
        }
    }
}
