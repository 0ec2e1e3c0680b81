//! The pages behind share links, rendered on the server alone: they work without scripts and load none.

use dioxus::prelude::*;
use dioxus::ssr::render_element;
use lucide_dioxus::{Download, ExternalLink, LockKeyhole, SearchX};
use time::macros::format_description;

use super::super::store::SharedRow;
use crate::attachments::media_type::is_inline;
use crate::attachments::model::Attachment;
use crate::platform::byte_size::format_size;
use crate::platform::timestamp::Timestamp;
use crate::ui::{EmptyState, FileType, Logo};

const LOGO: Asset = asset!("/assets/logo.svg");
const STYLES: Asset = asset!("/assets/tailwind.css");

/// A whole page around what stands in it.
fn html(title: String, content: Element) -> String {
    let head = render_element(rsx! {
        meta { charset: "utf-8" }
        meta { name: "viewport", content: "width=device-width, initial-scale=1" }
        meta { name: "robots", content: "noindex, nofollow" }
        title { "{title}" }
        link { rel: "icon", r#type: "image/svg+xml", href: LOGO }
        link { rel: "stylesheet", href: STYLES }
    });
    let body = render_element(rsx! {
        main { class: "share",
            p { class: "share-brand",
                span { class: "brand",
                    Logo {}
                    "Attaché"
                }
            }
            {content}
        }
    });
    format!("<!doctype html><html lang=\"en\"><head>{head}</head><body>{body}</body></html>")
}

pub fn not_found_page() -> String {
    html(
        "This link does not work".to_owned(),
        rsx! {
            Lone {
                icon: rsx! { SearchX { class: "icon" } },
                title: "This link does not work",
                text: "It may be over, taken back or cut off. Ask whoever sent it for a new one.",
            }
        },
    )
}

/// For failures that say what to do.
pub fn unavailable_page(message: &str) -> String {
    html(
        "This cannot be shown now".to_owned(),
        rsx! {
            Lone {
                icon: rsx! { SearchX { class: "icon" } },
                title: "This cannot be shown now",
                text: "{message}",
            }
        },
    )
}

#[component]
fn Lone(icon: Element, title: String, text: String) -> Element {
    rsx! {
        h1 { class: "sr-only", "{title}" }
        EmptyState { icon, title, text }
    }
}

/// `wrong` says what was wrong with the try before.
pub fn password_page(token: &str, wrong: Option<&str>) -> String {
    html(
        "A password is needed".to_owned(),
        rsx! {
            form { class: "share-card", method: "post", action: "/s/{token}",
                h1 { class: "share-title",
                    LockKeyhole { class: "icon icon-20" }
                    "A password is needed"
                }
                p { class: "muted", "Whoever sent you this link has it." }
                div {
                    label { class: "label", r#for: "password", "Password" }
                    input {
                        class: "field",
                        id: "password",
                        name: "password",
                        r#type: "password",
                        autocomplete: "off",
                        required: true,
                        autofocus: true,
                        "aria-invalid": wrong.map(|_| "true"),
                        "aria-describedby": wrong.map(|_| "wrong"),
                    }
                    if let Some(wrong) = wrong {
                        p { class: "hint hint-error", id: "wrong", role: "alert", "{wrong}" }
                    }
                }
                button { class: "btn btn-primary", r#type: "submit", "Open" }
            }
        },
    )
}

pub fn file_page(token: &str, files: &[SharedRow]) -> String {
    let Some(first) = files.first() else { return not_found_page() };
    let title = match files {
        [only] => shared(token, only).label().to_owned(),
        all => format!("{} files", all.len()),
    };
    let until = until(first.expires_at);
    let organization = first.organization_name.clone();
    html(
        format!("{title}, from {organization}"),
        rsx! {
            header { class: "share-head",
                h1 { class: "share-title", bdi { "{title}" } }
                p { class: "muted",
                    "From "
                    b { "{organization}" }
                    ". The link works until "
                    time { datetime: first.expires_at.to_rfc3339(), "{until}" }
                    "."
                }
                if files.len() > 1 {
                    a { class: "btn mt-3", href: "/s/{token}/zip", download: "",
                        Download { class: "icon" }
                        "Download all as zip"
                    }
                }
            }
            for file in files {
                File { key: "{file.file.id}", file: shared(token, file), limited: first.max_downloads.is_some(), alone: files.len() == 1 }
            }
        },
    )
}

fn until(at: Timestamp) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    at.to_date_time().format(format).unwrap_or_default()
}

/// The file as this page addresses it.
fn shared(token: &str, row: &SharedRow) -> Attachment {
    let file = Attachment::from(row.file.clone());
    Attachment { url: format!("/s/{token}/{}", file.id), ..file }
}

/// `limited`: downloads are counted down, and to look at the file itself is one. `alone`: there is room for a large picture.
#[component]
fn File(file: Attachment, limited: bool, alone: bool) -> Element {
    let name = file.label();
    let size = format_size(u64::try_from(file.file_size).unwrap_or(0));
    rsx! {
        section { class: "share-card", "aria-label": "{name}",
            Preview { file: file.clone(), limited, alone }
            div { class: "share-file",
                FileType { content_type: file.content_type.clone(), extension: file.file_name.extension() }
                div { class: "share-name",
                    bdi { "{name}" }
                    span { class: "muted num", "{size}" }
                }
                div { class: "share-actions",
                    if !limited && is_inline(&file.content_type) && (file.is_picture() || file.content_type == "application/pdf") {
                        a { class: "btn", href: "{file.url}", target: "_blank", rel: "noopener noreferrer", "aria-label": "Open {name}",
                            ExternalLink { class: "icon" }
                            "Open"
                        }
                    }
                    a { class: "btn btn-primary", href: "{file.url}?download=1", download: "", "aria-label": "Download {name}",
                        Download { class: "icon" }
                        "Download"
                    }
                }
            }
        }
    }
}

#[component]
fn Preview(file: Attachment, limited: bool, alone: bool) -> Element {
    let name = file.label();
    let picture = if alone { file.view_url() } else { file.feed_url() };
    let still = if file.is_picture() { picture } else { file.poster_url() };
    let plays = !limited && is_inline(&file.content_type);
    match file.content_type.split('/').next().unwrap_or_default() {
        "video" if plays => rsx! {
            video { class: "share-preview", src: "{file.url}", poster: still, controls: true, preload: "metadata", "aria-label": "{name}" }
        },
        "audio" if plays => rsx! {
            audio { class: "share-audio", src: "{file.url}", controls: true, preload: "metadata", "aria-label": "{name}" }
        },
        _ => match still {
            Some(still) => rsx! {
                img {
                    class: "share-preview",
                    src: "{still}",
                    alt: "{name}",
                    loading: "lazy",
                    width: file.width.map(|width| width.to_string()),
                    height: file.height.map(|height| height.to_string()),
                }
            },
            None => rsx! {},
        },
    }
}
