//! The delivery of a message, as a gateway has reported it.

use dioxus::prelude::*;
use lucide_dioxus::{Check, CheckCheck, CircleAlert, Ellipsis};

use crate::conversations::messages::model::{Delivery, DeliveryStatus};

#[component]
pub fn DeliveryLine(delivery: Delivery) -> Element {
    let words = words(&delivery);
    rsx! {
        p { class: "entry-delivery", "data-component": "DeliveryLine", "data-status": delivery.status.name(),
            match delivery.status {
                DeliveryStatus::Queued => rsx! {
                    Ellipsis { class: "icon icon-14" }
                },
                DeliveryStatus::Sent => rsx! {
                    Check { class: "icon icon-14" }
                },
                DeliveryStatus::Delivered | DeliveryStatus::Read => rsx! {
                    CheckCheck { class: "icon icon-14" }
                },
                DeliveryStatus::Failed => rsx! {
                    CircleAlert { class: "icon icon-14" }
                },
            }
            span { dir: "auto", "{words}" }
        }
    }
}

fn words(delivery: &Delivery) -> String {
    match (delivery.status, &delivery.error) {
        (DeliveryStatus::Queued, _) => "Queued".to_owned(),
        (DeliveryStatus::Sent, _) => "Sent".to_owned(),
        (DeliveryStatus::Delivered, _) => "Delivered".to_owned(),
        (DeliveryStatus::Read, _) => "Read".to_owned(),
        (DeliveryStatus::Failed, Some(error)) => format!("Not delivered: {error}"),
        (DeliveryStatus::Failed, None) => "Not delivered".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_its_reason() {
        let of = |status, error: Option<&str>| words(&Delivery { status, error: error.map(str::to_owned) });
        assert_eq!(of(DeliveryStatus::Delivered, None), "Delivered");
        assert_eq!(of(DeliveryStatus::Failed, None), "Not delivered");
        assert_eq!(of(DeliveryStatus::Failed, Some("Unknown number")), "Not delivered: Unknown number");
    }
}
