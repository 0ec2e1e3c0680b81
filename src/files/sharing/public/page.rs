//! HTML pages of share links, rendered only on the server: they work without scripts and load none.

use dioxus::prelude::*;
use dioxus::ssr::render_element;
use lucide_dioxus::{Download, LockKeyhole, SearchX};
use time::macros::format_description;
use uuid::Uuid;

use super::super::store::SharedRow;
use super::viewer::{Gallery, Single};
use crate::files::attachments::model::Attachment;
use crate::platform::byte_size::ByteSize;
use crate::platform::timestamp::Timestamp;
use crate::ui::{EmptyState, Logo, Tint, initials};

const LOGO: Asset = asset!("/assets/logo.svg");
const STYLES: Asset = asset!("/assets/tailwind.css");

/// Returns a complete page with this content.
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
            {content}
            p { class: "share-brand muted",
                Logo {}
                "Attaché"
            }
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
                text: "It may have expired or been revoked. Ask the person who sent it for a new one.",
            }
        },
    )
}

/// Returns the page for an error that says what to do.
pub fn unavailable_page(message: &str) -> String {
    html(
        "This cannot be shown right now".to_owned(),
        rsx! {
            Lone {
                icon: rsx! { SearchX { class: "icon" } },
                title: "This cannot be shown right now",
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

/// The organization that shared the link, by logo or initials.
#[component]
fn Sender(token: String, organization: Uuid, name: String, has_logo: bool) -> Element {
    let tint = Tint::of(organization).name();
    rsx! {
        p { class: "share-from",
            span { class: "avatar avatar-32 id-{tint}", "data-kind": "member", "aria-hidden": "true",
                if has_logo {
                    img { src: "/s/{token}/logo", alt: "", width: "32", height: "32" }
                } else {
                    {initials(&name)}
                }
            }
            b { bdi { "{name}" } }
        }
    }
}

fn sender(token: &str, row: &SharedRow) -> Element {
    let (organization, name) = (row.file.organization_id.0, row.organization_name.clone());
    rsx! {
        Sender { token: token.to_owned(), organization, name, has_logo: row.logo_id.is_some() }
    }
}

/// Returns the password form. `wrong` is the error of the previous attempt.
pub fn password_page(token: &str, link: &SharedRow, wrong: Option<&str>) -> String {
    let organization = &link.organization_name;
    html(
        format!("Password required, from {organization}"),
        rsx! {
            form { class: "share-card", method: "post", action: "/s/{token}",
                {sender(token, link)}
                h1 { class: "share-title",
                    LockKeyhole { class: "icon icon-20" }
                    "Password required"
                }
                p { class: "muted",
                    bdi { "{organization}" }
                    " protected this link with a password. Ask the person who sent it."
                }
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

pub fn file_page(token: &str, rows: &[SharedRow]) -> String {
    let Some(link) = rows.first() else { return not_found_page() };
    let files: Vec<_> = rows.iter().map(|row| shared(token, row)).collect();
    let title = match &files[..] {
        [only] => only.label().to_owned(),
        all => format!("{} files", all.len()),
    };
    let (until, left) = (until(link.expires_at), link.downloads_left());
    let bytes: ByteSize = files.iter().map(|file| file.file_size).sum();
    let size = bytes;
    html(
        format!("{title}, from {}", link.organization_name),
        rsx! {
            header { class: "share-head",
                {sender(token, link)}
                h1 { class: "share-title", bdi { "{title}" } }
                p { class: "share-facts muted",
                    span { class: "num", "{size}" }
                    if let Some(left) = left {
                        span { {downloads_left(left)} }
                    }
                    span {
                        "Available until "
                        time { datetime: link.expires_at.to_rfc3339(), "{until}" }
                    }
                }
                if left.is_some() {
                    p { class: "share-hint muted", {what_counts(files.len())} }
                }
                if files.len() > 1 {
                    a { class: "btn btn-primary", href: "/s/{token}/zip",
                        Download { class: "icon" }
                        "Download all as zip"
                    }
                }
            }
            match &files[..] {
                [only] => rsx! {
                    Single { file: only.clone() }
                },
                _ => rsx! {
                    Gallery { files }
                },
            }
        },
    )
}

fn downloads_left(count: i64) -> String {
    match count {
        1 => "1 download left".to_owned(),
        count => format!("{count} downloads left"),
    }
}

/// Returns the explanation for links with a limit.
fn what_counts(files: usize) -> &'static str {
    match files {
        1 => "Opening or saving the file uses one download. You can do it again for an hour.",
        _ => "Opening or saving a file uses one download, and so does the zip. You can do it again for an hour.",
    }
}

fn until(at: Timestamp) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    at.to_date_time().format(format).unwrap_or_default()
}

/// Returns the file with its URLs on this page.
fn shared(token: &str, row: &SharedRow) -> Attachment {
    let file = Attachment::from(row.file.clone());
    Attachment { url: format!("/s/{token}/{}", file.id), ..file }
}
