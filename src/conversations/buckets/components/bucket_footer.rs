//! The footer of a bucket, instead of a composer, because only programs post there.

use dioxus::prelude::*;

/// `on_how` shows how to post.
#[component]
pub fn BucketFooter(on_how: EventHandler<()>) -> Element {
    rsx! {
        footer { class: "bucket-foot", "data-component": "BucketFooter",
            svg { class: "icon icon-14", view_box: "0 0 24 24", "aria-hidden": "true",
                path { d: "M12 19h8" }
                path { d: "m4 17 6-6-6-6" }
            }
            span { class: "truncate", "Only programs can post here" }
            button { class: "btn btn-sm", r#type: "button", onclick: move |_| on_how(()), "How to post" }
        }
    }
}
