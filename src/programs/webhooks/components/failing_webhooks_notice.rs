//! The notice in the inbox of a member whose webhooks were disabled because their deliveries failed.

use dioxus::prelude::*;
use lucide_dioxus::CircleAlert;

use crate::app::Route;
use crate::people::organizations::components::use_session;
use crate::ui::NavLink;

#[component]
pub fn FailingWebhooksNotice() -> Element {
    let count = use_session().failing_webhooks;
    if count == 0 {
        return rsx! {};
    }
    rsx! {
        div { class: "notice notice-warning list-notice", role: "status", "data-component": "FailingWebhooksNotice",
            CircleAlert { class: "icon" }
            div { class: "grow",
                if count == 1 {
                    "One of your webhooks was disabled because its deliveries failed for 3 days."
                } else {
                    "{count} of your webhooks were disabled because their deliveries failed for 3 days."
                }
                " "
                NavLink { class: "link", to: Route::WebhooksPage {}.href(), "Open webhooks" }
            }
        }
    }
}
