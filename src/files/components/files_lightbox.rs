//! The lightbox over found files, as far as it can show them.

use dioxus::prelude::*;

use crate::app::Route;
use crate::attachments::components::{FileText, lightbox_kind};
use crate::attachments::model::AttachmentId;
use crate::files::model::FoundFile;
use crate::platform::byte_size::format_size;
use crate::ui::when::use_moments;
use crate::ui::{Lightbox, LightboxImage, LightboxKind};

/// Opens at `start`. With `has_more`, `on_near_end` asks for further files.
#[component]
pub fn FilesLightbox(
    files: ReadSignal<Vec<FoundFile>>,
    start: AttachmentId,
    #[props(default)] has_more: bool,
    #[props(default)] on_near_end: EventHandler<()>,
    on_close: EventHandler<()>,
) -> Element {
    let moments = use_moments();
    let files = files.read();
    let shown: Vec<_> = files.iter().filter_map(|file| Some((file, lightbox_kind(&file.attachment)?))).collect();
    let text = use_callback(|id: String| match id.parse() {
        Ok(id) => rsx! {
            FileText { id }
        },
        Err(_) => rsx! {},
    });
    let Some(place) = shown.iter().position(|(file, _)| file.attachment.id == start) else { return rsx! {} };
    let image = |(file, kind): (&FoundFile, LightboxKind)| {
        let size = file.attachment.width.zip(file.attachment.height);
        let pixels = size.map(|(width, height)| format!(" · {width} × {height}")).unwrap_or_default();
        let bytes = format_size(u64::try_from(file.attachment.file_size).unwrap_or(0));
        let when = moments(file.sent_at);
        let said = Route::message(file.channel_id, file.message_id);
        LightboxImage {
            url: file.attachment.link(),
            alt: file.attachment.label().to_owned(),
            file_name: Some(file.attachment.label().to_owned()),
            size,
            caption: format!("{}, {} {}{pixels} · {bytes}", file.sender, when.day_name(), when.time()),
            saved_as: Some(file.saved_as.clone()),
            said_at: Some(said.href()),
            kind,
            preview: file.attachment.view_url().or_else(|| file.attachment.poster_url()),
            thumbnail: file.attachment.feed_url().or_else(|| file.attachment.poster_url()),
        }
    };
    let images: Vec<_> = shown.into_iter().map(image).collect();
    rsx! {
        Lightbox { images, start: place, text, has_more, on_near_end, on_close }
    }
}
