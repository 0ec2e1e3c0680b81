//! How the lightbox shows a file.

use dioxus::prelude::*;

use crate::files::attachments::api::attachment_text;
use crate::files::attachments::media_type::is_inline;
use crate::files::attachments::model::Attachment;
use crate::ids::AttachmentId;
use crate::ui::LightboxKind;

/// Returns `None` for files that it can't show.
pub fn lightbox_kind(file: &Attachment) -> Option<LightboxKind> {
    let family = file.content_type.split('/').next().unwrap_or_default();
    // The preview of a picture that browsers can't show, such as HEIC.
    let view = file.view_url();
    Some(match family {
        _ if file.is_bomb() => {
            LightboxKind::Nothing(file.why_no_preview().unwrap_or("Too many pixels to preview").to_owned())
        }
        _ if file.is_picture() => LightboxKind::Picture,
        "video" if is_inline(&file.content_type) => LightboxKind::Video,
        "audio" if is_inline(&file.content_type) => LightboxKind::Audio,
        _ if file.content_type == "application/pdf" => {
            let pages = 1..=file.page_count.filter(|_| file.poster_url().is_some())?;
            LightboxKind::Pages(pages.map(|page| format!("{}/pages/{page}", file.url)).collect())
        }
        "image" if view.is_some() => LightboxKind::Pages(view.into_iter().collect()),
        _ if file.is_text() => LightboxKind::Text(file.id.to_string()),
        _ => return None,
    })
}

/// Returns the files in the order in which a message shows them: pictures first.
pub fn shown_order(files: &[Attachment]) -> Vec<Attachment> {
    let (mut pictures, others): (Vec<_>, Vec<_>) = files.iter().cloned().partition(Attachment::is_picture);
    pictures.extend(others);
    pictures
}

/// The text of a file, as text and never as markup.
#[component]
pub fn FileText(id: AttachmentId) -> Element {
    let text = use_resource(move || attachment_text(id));
    let text = text.read();
    rsx! {
        match &*text {
            None => rsx! {
                p { class: "lb-meta", role: "status", "Loading…" }
            },
            Some(Err(error)) => rsx! {
                p { role: "alert", "{error.message}" }
            },
            Some(Ok(text)) => rsx! {
                pre { class: "lb-text", dir: "auto", "translate": "yes", "{text.text}" }
                if text.truncated {
                    p { class: "lb-meta", "Showing the first 1 MB. Download the file to see the rest." }
                }
            },
        }
    }
}
