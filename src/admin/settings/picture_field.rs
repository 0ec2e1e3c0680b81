//! A field for a picture that can be replaced and removed.

use dioxus::prelude::*;
use lucide_dioxus::Upload;

use super::picture_dialog::PictureDialog;
use crate::files::pictures::api::{pictures_left, remove_picture};
use crate::files::pictures::model::{PictureKind, PicturesLeft};
use crate::files::uploads::image_file::ImageFile;
use crate::ids::{BotId, PictureId};
use crate::platform::browser;
use crate::ui::{ChangedPictures, use_hydrated, use_picture, use_toast};

/// The children are the current picture; `id` is its owner, `loaded` the picture at page load.
#[component]
pub fn PictureField(
    kind: PictureKind,
    id: uuid::Uuid,
    loaded: Option<String>,
    /// The owner, for bots.
    #[props(default)]
    bot: Option<BotId>,
    children: Element,
) -> Element {
    let changed: ChangedPictures = use_context();
    let toast = use_toast();
    let hydrated = use_hydrated();
    let mut left = use_resource(pictures_left);
    let mut picked = use_signal(|| None::<ImageFile>);
    let mut removing = use_signal(|| false);
    let current = use_picture(id, loaded);
    let field = format!("pick-{}", kind.name());
    let selector = format!("#{field}");
    let has_none_left = matches!(&*left.read(), Some(Ok(PicturesLeft { left: 0, .. })));
    let picked_by = selector.clone();
    let pick = move |event: FormEvent| {
        let files = event.files();
        browser::empty_file_field(&picked_by);
        async move {
            match ImageFile::open(files).await {
                Ok(image) => picked.set(Some(image)),
                Err(error) => toast.show(error.message),
            }
        }
    };
    let shown = current.clone();
    let remove = move |_| {
        let picture = shown.as_deref().and_then(|url| url.rsplit('/').next()?.parse::<PictureId>().ok());
        async move {
            let Some(picture) = picture else { return };
            removing.set(true);
            match remove_picture(picture).await {
                Ok(()) => changed.set(id, None),
                Err(error) => toast.show(error.message),
            }
            removing.set(false);
        }
    };
    let mut close = move || {
        if let Some(image) = picked.take() {
            image.forget();
        }
    };
    rsx! {
        div { class: "row-gap", "data-component": "ProfilePicture",
            {children}
            div {
                div { class: "picture-buttons",
                    button {
                        class: "btn",
                        r#type: "button",
                        disabled: !hydrated || has_none_left,
                        onclick: move |_| browser::click(&selector),
                        Upload { class: "icon" }
                        if kind == PictureKind::OrganizationAvatar { "Upload logo" } else { "Upload picture" }
                    }
                    input {
                        id: "{field}",
                        r#type: "file",
                        accept: "image/png,image/jpeg,image/gif,image/webp",
                        hidden: true,
                        "aria-label": "Picture",
                        onchange: pick,
                    }
                    if current.is_some() {
                        button { class: "btn btn-ghost btn-danger-quiet", r#type: "button", disabled: removing(), onclick: remove, "Remove" }
                    }
                }
                p { class: "hint mt-2",
                    "PNG, JPEG, GIF or WebP, up to 5 MB. "
                    if let Some(Ok(PicturesLeft { left, retry_after })) = &*left.read() {
                        "{left} of 5 changes left this hour."
                        if let Some(seconds) = retry_after {
                            " Try again in {minutes(*seconds)}."
                        }
                    }
                }
            }
        }
        if let Some(image) = picked() {
            PictureDialog {
                kind,
                bot,
                image,
                on_close: move |()| close(),
                on_saved: move |url: String| {
                    changed.set(id, Some(url));
                    left.restart();
                    close();
                },
            }
        }
    }
}

/// Returns minutes, rounded up.
fn minutes(seconds: u32) -> String {
    match seconds.div_ceil(60) {
        1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}
