//! What surrounds the forms of who is not logged in yet.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, FolderArchive, Image};

use crate::platform::error::AppError;
use crate::ui::{FieldError, use_hydrated};

/// Names before and after: what the product does, in five lines.
const RENAMES: [(&str, &str, &str); 4] = [
    ("IMG_0231.jpg", "Jane_15551234567_", "IMG_0231.jpg"),
    ("image.png", "Bob_", "image.png"),
    ("VID_0042.mov", "Jane_15551234567_", "VID_0042.mov"),
    ("IMG_5119.jpg", "Samir_15552048810_", "IMG_5119.jpg"),
];

#[component]
pub fn AuthFrame(children: Element) -> Element {
    rsx! {
        main { class: "auth",
            section { class: "auth-form",
                span { class: "brand",
                    img { src: asset!("/assets/logo.svg"), alt: "", width: "28", height: "28" }
                    "Attaché"
                }
                {children}
                p { class: "muted text-xs", "Your files stay on your own storage." }
            }
            aside { class: "auth-side", "aria-label": "What Attaché does",
                div { class: "auth-demo",
                    h2 { "Files that say whose they are" }
                    p { "What customers send comes down named after them." }
                    div { class: "renames",
                        for (was, prefix, name) in RENAMES {
                            div { class: "rename", key: "{was}",
                                span { class: "file-type", "aria-hidden": "true", Image { class: "icon" } }
                                span { class: "was", "{was}" }
                                span { class: "now",
                                    span { class: "truncate",
                                        em { "{prefix}" }
                                        "{name}"
                                    }
                                }
                            }
                        }
                        div { class: "rename",
                            span { class: "file-type", "aria-hidden": "true", FolderArchive { class: "icon" } }
                            span { class: "was", "contract.pdf" }
                            span { class: "now",
                                span { class: "truncate",
                                    em { "Aiko_15557654321_" }
                                    "contract.pdf"
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What to show for an error of a form.
pub fn field_error(error: AppError) -> FieldError {
    FieldError { field: error.field, message: error.message }
}

/// The form's button, and above it an error that belongs to no field among `fields`.
#[component]
pub fn SubmitButton(
    label: String,
    busy: bool,
    #[props(!optional)] error: Option<FieldError>,
    #[props(default)] fields: Vec<&'static str>,
) -> Element {
    let hydrated = use_hydrated();
    let general = error.filter(|error| !error.field.as_deref().is_some_and(|field| fields.contains(&field)));
    rsx! {
        if let Some(error) = general {
            p { class: "notice notice-danger", role: "alert",
                CircleAlert { class: "icon" }
                span { class: "grow", "{error.message}" }
            }
        }
        button { class: "btn btn-primary btn-wide", r#type: "submit", disabled: busy || !hydrated, "{label}" }
    }
}
