//! The notice above the composer of a conversation without a gateway: what is written here does not reach the contact.

use dioxus::prelude::*;
use lucide_dioxus::Info;

use crate::channels::model::Channel;
use crate::conversations::file_requests::components::RequestFilesLink;

#[component]
pub fn GatewayNotice(channel: Channel) -> Element {
    rsx! {
        div { class: "composer-gateway", "data-component": "GatewayNotice",
            Info { class: "icon icon-14" }
            span {
                "Replies stay in Attaché until a gateway is connected. "
                RequestFilesLink { channel }
            }
        }
    }
}
