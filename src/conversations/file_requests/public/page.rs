//! The pages behind the links of file requests, rendered on the server. Their style and script are their own and small: they are opened
//! on phones with a slow line.

use std::sync::LazyLock;

use dioxus::prelude::*;
use dioxus::ssr::render_element;
use sha2::{Digest, Sha256};
use time::macros::format_description;

use crate::files::attachments::media_type::FileKind;
use crate::files::attachments::model::Attachment;
use crate::files::requests::model::kinds_in_words;
use crate::files::requests::store::OpenRow;
use crate::files::requests::visit::Room;
use crate::platform::byte_size::format_size;
use crate::platform::timestamp::Timestamp;
use crate::ui::initials;

const LOGO: Asset = asset!("/assets/logo.svg");
/// In `public/`, because the build collects only assets that the browser's code names.
static STYLES: LazyLock<String> =
    LazyLock::new(|| versioned("/request.css", include_bytes!("../../../../public/request.css")));
static SCRIPT: LazyLock<String> =
    LazyLock::new(|| versioned("/request.js", include_bytes!("../../../../public/request.js")));

/// Returns a path that changes with the content, so that browsers don't use an old one.
fn versioned(path: &str, content: &[u8]) -> String {
    let hash = Sha256::digest(content);
    format!("{path}?v={:08x}", u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
}

/// A link that works, as its pages show it.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    pub token: &'a str,
    pub request: &'a OpenRow,
}

/// A whole page around its content.
fn html(title: String, script: bool, content: Element) -> String {
    let head = render_element(rsx! {
        meta { charset: "utf-8" }
        meta { name: "viewport", content: "width=device-width, initial-scale=1" }
        meta { name: "robots", content: "noindex, nofollow" }
        meta { name: "color-scheme", content: "light dark" }
        title { "{title}" }
        link { rel: "icon", r#type: "image/svg+xml", href: LOGO }
        link { rel: "stylesheet", href: "{*STYLES}" }
        if script {
            script { src: "{*SCRIPT}", defer: true }
        }
    });
    let body = render_element(rsx! {
        main {
            {content}
        }
    });
    format!("<!doctype html><html lang=\"en\"><head>{head}</head><body>{body}</body></html>")
}

/// Shows the organization that asks, by its logo or initials.
fn sender(shown: Shown<'_>) -> Element {
    let Shown { token, request } = shown;
    let name = request.organization_name.clone();
    rsx! {
        p { class: "from",
            span { class: "logo", "aria-hidden": "true",
                if request.logo_id.is_some() {
                    img { src: "/r/{token}/logo", alt: "", width: "40", height: "40" }
                } else {
                    {initials(&name)}
                }
            }
            b { bdi { "{name}" } }
        }
    }
}

pub fn not_found_page() -> String {
    html(
        "This link does not work".to_owned(),
        false,
        rsx! {
            h1 { "This link does not work" }
            p { "It may have expired or been revoked. Ask the person who sent it for a new one." }
        },
    )
}

/// Why something was not accepted. With a token it leads back to the page.
pub fn refused_page(token: Option<&str>, message: &str) -> String {
    html(
        "Not sent".to_owned(),
        false,
        rsx! {
            h1 { "Not sent" }
            p { class: "error", role: "alert", "{message}" }
            if let Some(token) = token {
                p { "Nothing was kept." }
                a { class: "btn primary", href: "/r/{token}", "Go back" }
            }
        },
    )
}

/// `wrong` says what was wrong with the password before.
pub fn password_page(shown: Shown<'_>, wrong: Option<&str>) -> String {
    let organization = &shown.request.organization_name;
    html(
        format!("Password required, from {organization}"),
        false,
        rsx! {
            {sender(shown)}
            form { method: "post", action: "/r/{shown.token}",
                h1 { "Password required" }
                p { class: "muted", "This link is protected. Ask the person who sent it for the password." }
                label { r#for: "password", "Password" }
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
                    p { class: "error", id: "wrong", role: "alert", "{wrong}" }
                }
                button { class: "btn primary", r#type: "submit", "Open" }
            }
        },
    )
}

/// The form. `key` makes one message of a form that is sent twice.
pub fn request_page(shown: Shown<'_>, room: Room, key: &str) -> String {
    let Shown { token, request } = shown;
    let organization = &request.organization_name;
    let kinds = request.kinds();
    let accept = accept(kinds);
    let takes_photos = kinds.is_empty() || kinds.contains(&FileKind::Image);
    html(
        format!("Send files to {organization}"),
        true,
        rsx! {
            {sender(shown)}
            h1 { "Send files to " bdi { "{organization}" } }
            if !request.note.is_empty() {
                p { class: "note", dir: "auto", "{request.note}" }
            }
            p { class: "muted", {limits(request, room)} }
            form {
                id: "form",
                method: "post",
                action: "/r/{token}",
                enctype: "multipart/form-data",
                "data-request": "{token}",
                input { r#type: "hidden", name: "key", value: "{key}" }
                if room.files > 0 {
                    div { id: "drop",
                        if takes_photos {
                            div { class: "pick",
                                label { r#for: "photo", "Take photo" }
                                input { id: "photo", name: "file", r#type: "file", accept: "image/*", "capture": "environment" }
                            }
                        }
                        div { class: "pick",
                            label { r#for: "files", "Choose files" }
                            input { id: "files", name: "file", r#type: "file", multiple: true, accept }
                        }
                    }
                    ul { id: "list" }
                } else {
                    p { "This link has received all the files it accepts. You can still send a message." }
                }
                label { r#for: "message", "Message" }
                textarea { class: "field", id: "message", name: "message", rows: "3", dir: "auto" }
                p { class: "error", id: "error", role: "alert", hidden: true }
                button { class: "btn primary", id: "send", r#type: "submit", "Send" }
            }
        },
    )
}

/// What arrived.
pub fn sent_page(shown: Shown<'_>, files: &[Attachment]) -> String {
    let Shown { token, request } = shown;
    let organization = &request.organization_name;
    let count = match files.len() {
        0 => "Your message arrived.".to_owned(),
        1 => "1 file arrived.".to_owned(),
        count => format!("{count} files arrived."),
    };
    html(
        format!("Sent to {organization}"),
        true,
        rsx! {
            {sender(shown)}
            h1 { id: "sent", "data-request": "{token}", "Sent" }
            p { role: "status", "{count}" }
            if !files.is_empty() {
                ul { id: "list",
                    for file in files {
                        li { key: "{file.id}", "data-state": "done",
                            bdi { class: "name", "{file.label()}" }
                            span { class: "state", {file.file_size.to_string()} }
                        }
                    }
                }
            }
            p { class: "muted", "You can send more until {until(request.expires_at)}." }
            a { class: "btn", role: "button", href: "/r/{token}", "Send more" }
        },
    )
}

fn size_of(bytes: i64) -> String {
    format_size(u64::try_from(bytes).unwrap_or(0))
}

/// Returns the remaining limits as one line of text.
fn limits(request: &OpenRow, room: Room) -> String {
    let files = match room.files {
        1 => "1 file".to_owned(),
        count => format!("up to {count} files"),
    };
    let kinds = kinds_in_words(request.kinds()).map(|kinds| format!(" ({kinds} only)")).unwrap_or_default();
    let size = size_of(room.bytes);
    let line = format!("{files}{kinds}, {size} in total, until {}", until(request.expires_at));
    line[..1].to_uppercase() + &line[1..]
}

fn until(at: Timestamp) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    at.to_date_time().format(format).unwrap_or_default()
}

/// What the browser offers for these kinds. Nothing where it cannot say so.
fn accept(kinds: &[FileKind]) -> Option<String> {
    let media = |kind: &FileKind| match kind {
        FileKind::Image => Some("image/*"),
        FileKind::Video => Some("video/*"),
        FileKind::Audio => Some("audio/*"),
        FileKind::Document | FileKind::Other => None,
    };
    let media: Option<Vec<_>> = kinds.iter().map(media).collect();
    media.filter(|media| !media.is_empty()).map(|media| media.join(","))
}
