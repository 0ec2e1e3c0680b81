//! The lightbox over the files of the page.

use dioxus::prelude::*;

use crate::app::Route;
use crate::files::attachments::components::{FileText, FileTools, lightbox_kind};
use crate::files::library::model::FileHit;
use crate::ids::AttachmentId;
use crate::live_event::{LiveEvent, use_live};
use crate::platform::browser;
use crate::ui::relative_time::use_moments;
use crate::ui::{Lightbox, LightboxImage, LightboxKind};

/// Opens at `start`. With `has_more`, `on_near_end` requests further files.
///
/// The shown file stays when it drops out of `files`, for example when newer ones arrive: the lightbox closes only if
/// the file was deleted.
#[component]
pub fn FilesLightbox(
    files: ReadSignal<Vec<FileHit>>,
    start: AttachmentId,
    #[props(default)] has_more: bool,
    #[props(default)] on_near_end: EventHandler<()>,
    on_close: EventHandler<()>,
) -> Element {
    let moments = use_moments();
    let mut shown = use_signal(|| start.to_string());
    // The last known state of the shown file. `None` if it was deleted.
    let mut kept = use_signal(|| None::<FileHit>);
    let check = move || async move {
        let Some(file) = kept.peek().clone() else { return };
        let is_there = browser::exists(&file.attachment.url).await;
        if is_there == Some(false) && kept.peek().as_ref().is_some_and(|kept| is(kept, &file.attachment.id.to_string()))
        {
            kept.set(None);
        }
    };
    use_effect(move || {
        let (files, shown) = (files.read(), shown.read());
        match files.iter().find(|file| is(file, &shown)) {
            Some(file) if kept.peek().as_ref() != Some(file) => kept.set(Some(file.clone())),
            Some(_) => {}
            None => _ = spawn(check()),
        }
    });
    use_live(move |event: LiveEvent| {
        let is_dropped = kept.peek().as_ref().is_some_and(|kept| {
            event.message() == Some(kept.message_id)
                && files.peek().iter().all(|file| file.attachment.id != kept.attachment.id)
        });
        if is_dropped {
            spawn(check());
        }
    });
    let text = use_callback(|id: String| match id.parse() {
        Ok(id) => rsx! {
            FileText { id }
        },
        Err(_) => rsx! {},
    });
    let tools = use_callback(move |id: String| {
        let file = files.read().iter().find(|file| is(file, &id)).map(|file| file.attachment.clone());
        rsx! {
            if let Some(file) = file {
                FileTools { file }
            }
        }
    });
    let image = |(file, kind): (&FileHit, LightboxKind)| {
        let size = file.attachment.width.zip(file.attachment.height);
        let pixels = size.map(|(width, height)| format!(" · {width} × {height}")).unwrap_or_default();
        let bytes = file.attachment.file_size;
        let when = moments(file.sent_at);
        let said = Route::message(file.channel_id, file.message_id);
        LightboxImage {
            id: file.attachment.id.to_string(),
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
            thumbhash: file.attachment.thumbhash.clone(),
        }
    };
    let (files, kept) = (files.read(), kept.read());
    // Files drop out at the end.
    let dropped = kept.as_ref().filter(|kept| files.iter().all(|file| file.attachment.id != kept.attachment.id));
    let dropped = dropped.filter(|kept| is(kept, &shown.read()));
    let all = files.iter().chain(dropped).filter_map(|file| Some((file, lightbox_kind(&file.attachment)?)));
    let images: Vec<_> = all.map(image).collect();
    rsx! {
        Lightbox {
            images,
            start: start.to_string(),
            text,
            tools,
            has_more,
            on_near_end,
            on_show: move |id| {
                if *shown.peek() != id {
                    shown.set(id);
                }
            },
            on_close,
        }
    }
}

fn is(file: &FileHit, id: &str) -> bool {
    file.attachment.id.to_string() == id
}
