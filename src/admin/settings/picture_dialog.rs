//! The dialog that crops a picture to a square, by mouse, touch or keys.

use dioxus::prelude::*;
use lucide_dioxus::{CircleAlert, Minus, Plus};

use crate::files::pictures::model::{Picture, PictureKind};
use crate::files::uploads::crop::{Crop, ZOOM_MAX};
use crate::files::uploads::image_file::{Cut, ImageFile};
use crate::files::uploads::model::PresignRequest;
use crate::ids::BotId;
use crate::ui::{Dialog, use_submit};

/// Pixels of a side when stored.
const STORED: u32 = 512;
/// Pixels of a side in the dialog: pointer movements are relative to it.
const STAGE: f64 = 256.0;
/// How far an arrow key moves the picture, as a fraction of the square.
const STEP: f64 = 0.04;
const ZOOM_STEP: f64 = 0.1;

/// `on_saved` receives the new picture's URL.
#[component]
pub fn PictureDialog(
    kind: PictureKind,
    bot: Option<BotId>,
    image: ImageFile,
    on_close: EventHandler<()>,
    on_saved: EventHandler<String>,
) -> Element {
    let crop = use_signal(|| Crop::of(image.width, image.height));
    let submit = use_submit();
    let is_gif = image.is_gif();
    let picture = image.clone();
    let save = move |event: FormEvent| {
        event.prevent_default();
        let image = picture.clone();
        async move {
            let cut = if is_gif { Cut::Untouched } else { Cut::Square(crop(), STORED) };
            let sent = image.send(cut, PresignRequest { bot_id: bot, ..PresignRequest::picture(kind) });
            if let Some(Picture { url, .. }) = submit.run(sent).await {
                on_saved(url);
            }
        }
    };
    let title = match kind {
        PictureKind::UserAvatar => "Crop picture",
        PictureKind::BotAvatar => "Crop the bot's picture",
        _ => "Crop logo",
    };
    rsx! {
        Dialog { label: title, on_close,
            form { onsubmit: save,
                h3 { "{title}" }
                p { if is_gif { "Animated pictures can't be cropped; the center is shown." } else { "Drag the picture or use the arrow keys to move it. + and − zoom." } }
                div { class: "crop",
                    if is_gif {
                        div { class: "crop-stage",
                            img { class: "crop-whole", src: "{image.url}", alt: "" }
                        }
                    } else {
                        Stage { image: image.clone(), crop }
                    }
                    div { class: "crop-previews", "aria-hidden": "true",
                        for size in [72, 32, 24] {
                            span { key: "{size}", class: "avatar avatar-{size} crop-preview", "data-kind": "member",
                                img { src: "{image.url}", alt: "", style: if is_gif { String::new() } else { crop().style() } }
                            }
                        }
                    }
                }
                if let Some(message) = submit.other_error(&[]) {
                    p { class: "hint hint-error", role: "alert",
                        CircleAlert { class: "icon" }
                        "{message}"
                    }
                }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: submit.is_busy(), if submit.is_busy() { "Saving…" } else { "Save" } }
                }
            }
        }
    }
}

/// The picture under the square, and the zoom below.
#[component]
fn Stage(image: ImageFile, crop: Signal<Crop>) -> Element {
    let mut crop = crop;
    // The last position of the pointer during a drag.
    let mut held = use_signal(|| None::<(f64, f64)>);
    let drag = move |event: PointerEvent| {
        let Some((x, y)) = held() else { return };
        let now = event.client_coordinates();
        crop.set(crop().moved((now.x - x) / STAGE, (now.y - y) / STAGE));
        held.set(Some((now.x, now.y)));
    };
    let on_key = move |event: KeyboardEvent| {
        let now = crop();
        let next = match event.key() {
            Key::ArrowLeft => now.moved(-STEP, 0.0),
            Key::ArrowRight => now.moved(STEP, 0.0),
            Key::ArrowUp => now.moved(0.0, -STEP),
            Key::ArrowDown => now.moved(0.0, STEP),
            Key::Character(sign) if sign == "+" => now.zoomed(now.zoom + ZOOM_STEP),
            Key::Character(sign) if sign == "-" => now.zoomed(now.zoom - ZOOM_STEP),
            _ => return,
        };
        event.prevent_default();
        crop.set(next);
    };
    rsx! {
        div {
            div {
                class: "crop-stage",
                tabindex: "0",
                role: "group",
                "aria-label": "The visible part. Arrow keys move the picture, + and − zoom.",
                "data-autofocus": "",
                onkeydown: on_key,
                onpointerdown: move |event| {
                    let at = event.client_coordinates();
                    held.set(Some((at.x, at.y)));
                    capture(&event);
                },
                onpointermove: drag,
                onpointerup: move |_| held.set(None),
                onpointercancel: move |_| held.set(None),
                img { src: "{image.url}", alt: "", style: "{crop().style()}", draggable: false }
            }
            div { class: "crop-zoom",
                Minus { class: "icon icon-14" }
                input {
                    r#type: "range",
                    "aria-label": "Zoom",
                    min: "1",
                    max: "{ZOOM_MAX}",
                    step: "0.05",
                    value: "{crop().zoom}",
                    oninput: move |event| {
                        if let Ok(zoom) = event.value().parse() {
                            crop.set(crop().zoomed(zoom));
                        }
                    },
                }
                Plus { class: "icon icon-14" }
            }
        }
    }
}

/// A drag continues outside of the stage.
fn capture(event: &PointerEvent) {
    #[cfg(feature = "web")]
    {
        use wasm_bindgen::JsCast;
        let Some(pressed) = event.data().downcast::<web_sys::PointerEvent>().cloned() else { return };
        let stage = pressed.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(stage) = stage.and_then(|target| target.closest(".crop-stage").ok().flatten()) {
            let _ = stage.set_pointer_capture(pressed.pointer_id());
        }
    }
    #[cfg(not(feature = "web"))]
    let _ = event;
}
