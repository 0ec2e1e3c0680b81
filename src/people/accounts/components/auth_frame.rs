//! The frame of forms for people who are not logged in.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, FileText};

use crate::ui::{Logo, Submit, use_hydrated};

/// A picture, and a file name before and after, to show what the product does.
const RENAMES: [(Asset, &str, &str); 2] = [
    (asset!("/assets/samples/tap.jpg"), "IMG_0231.jpg", "Jane_15551234567_"),
    (asset!("/assets/samples/ceiling.jpg"), "image.png", "Bob_"),
];

#[component]
pub fn AuthFrame(children: Element) -> Element {
    rsx! {
        main { class: "auth",
            section { class: "auth-form",
                span { class: "brand",
                    Logo {}
                    "Attaché"
                }
                p { class: "no-script", role: "note", "Attaché needs JavaScript. Allow it for this site, then reload the page." }
                {children}
                p { class: "muted text-xs", "Your files stay on your own storage." }
            }
            aside { class: "auth-side", "aria-label": "What Attaché does",
                div { class: "auth-demo",
                    h2 { "Files named after their sender" }
                    p { "Downloads carry the customer's name and number." }
                    div { class: "renames",
                        for (picture, name, prefix) in RENAMES {
                            div { class: "rename", key: "{name}",
                                img { src: picture, alt: "", width: "40", height: "40", loading: "lazy" }
                                Renamed { name, prefix }
                            }
                        }
                        div { class: "rename",
                            span { class: "file-type", "aria-hidden": "true",
                                FileText { class: "icon" }
                                "PDF"
                            }
                            Renamed { name: "contract.pdf", prefix: "Aiko_15557654321_" }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Renamed(name: &'static str, prefix: &'static str) -> Element {
    rsx! {
        span { class: "was", "{name}" }
        span { class: "now",
            span { class: "truncate",
                em { "{prefix}" }
                "{name}"
            }
        }
    }
}

/// The form's button, and above it errors of fields that are not among `fields`.
#[component]
pub fn SubmitButton(
    label: String,
    submit: Submit,
    /// Whether the button is as wide as the form.
    #[props(default = true)]
    wide: bool,
    #[props(default)] fields: Vec<&'static str>,
) -> Element {
    let hydrated = use_hydrated();
    rsx! {
        if let Some(message) = submit.other_error(&fields) {
            p { class: "notice notice-danger", role: "alert",
                CircleAlert { class: "icon" }
                span { class: "grow", "{message}" }
            }
        }
        button { class: if wide { "btn btn-primary btn-wide" } else { "btn btn-primary justify-self-start" }, r#type: "submit", disabled: submit.is_busy() || !hydrated, "{label}" }
    }
}
