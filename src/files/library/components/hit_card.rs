//! One file: a card in a grid, or a row, with the same markup.

use dioxus::prelude::*;
use lucide_dioxus::Download;

use crate::app::Route;
use crate::files::attachments::components::lightbox_kind;
use crate::files::library::model::FileHit;
use crate::ids::AttachmentId;
use crate::ui::relative_time::use_moments;
use crate::ui::{FileLabel, FileType, NavLink, download_url, is_on_row, use_hydrated};

/// `on_turn` receives the file, and whether a range is selected. `on_open` is called for what the lightbox shows; the
/// rest opens in a new tab.
#[component]
pub fn HitCard(
    file: FileHit,
    chosen: bool,
    on_turn: EventHandler<(AttachmentId, bool)>,
    on_open: EventHandler<AttachmentId>,
) -> Element {
    let id = file.attachment.id;
    let hydrated = use_hydrated();
    let moment = use_moments()(file.sent_at);
    let name = file.attachment.label().to_owned();
    let url = file.attachment.link();
    let is_picture = file.attachment.is_picture();
    let is_shown = lightbox_kind(&file.attachment).is_some();
    let extension = file.attachment.file_name.extension().to_owned();
    let open_label = if is_picture || extension.is_empty() {
        format!("Open {name}")
    } else {
        format!("Open {name}, {}", extension.to_uppercase())
    };
    let size = file.attachment.file_size;
    let said = Route::message(file.channel_id, file.message_id);
    // A small version, as in the feed; also for a video or a PDF, if there is one.
    let picture = file.attachment.feed_url().or_else(|| file.attachment.poster_url());
    let mut failed = use_signal(|| false);
    let open = move |event: MouseEvent| {
        if is_shown && event.modifiers().is_empty() {
            event.prevent_default();
            on_open(id);
        }
    };
    let link = format!("#found-{} .fcard-open", file.attachment.id);
    let on_key = move |event: KeyboardEvent| {
        if !is_on_row(&event) {
            return;
        }
        match event.key() {
            Key::Enter => crate::platform::browser::click(&link),
            Key::Character(key) if key == " " => {
                event.prevent_default();
                on_turn((id, event.modifiers().shift()));
            }
            _ => {}
        }
    };
    rsx! {
        li { class: "fcard", id: "found-{file.attachment.id}", "data-row": "", "data-component": "FileCard", "aria-label": "{name}", onkeydown: on_key,
            input {
                class: "check fcard-check",
                r#type: "checkbox",
                "aria-label": "Select {name}",
                checked: chosen,
                disabled: !hydrated,
                onclick: move |event: MouseEvent| on_turn((id, event.modifiers().shift())),
            }
            a { class: "fcard-open", href: "{url}", target: "_blank", rel: "noopener", "aria-label": open_label, onclick: open,
                if let Some(src) = picture.filter(|_| !failed()) {
                    img {
                        src,
                        alt: "",
                        width: file.attachment.width.map(|width| width.to_string()),
                        height: file.attachment.height.map(|height| height.to_string()),
                        loading: "lazy",
                        decoding: "async",
                        onerror: move |_| failed.set(true),
                    }
                } else {
                    FileType { content_type: file.attachment.content_type.clone(), extension }
                }
            }
            div { class: "fcard-body",
                span { class: "file-name",
                    FileLabel { name: name.clone() }
                }
                span { class: "fcard-who num",
                    NavLink { class: "truncate", to: said.href(), title: "Show in the conversation", "{file.conversation}" }
                    span { class: "dot" }
                    span { "{size}" }
                }
                NavLink { class: "fcard-conv truncate", to: said.href(), title: "Show in the conversation", "{file.conversation}" }
                span { class: "fcard-conv truncate", "{file.sender}" }
                span { class: "fcard-type num", "{size}" }
                time { class: "fcard-date num", datetime: file.sent_at.to_rfc3339(), title: moment.exact(), "{moment.day_and_time()}" }
                a { class: "icon-btn", href: download_url(&url), download: "", "aria-label": "Download {name}", title: "Saves as {file.saved_as}",
                    Download { class: "icon" }
                }
            }
        }
    }
}
