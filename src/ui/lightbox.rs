//! The full-screen viewer: always dark, one file at a time, everything by keyboard too.

use dioxus::prelude::*;
use lucide_dioxus::{ChevronLeft, ChevronRight};

use super::back::use_closed_by_back;
use super::browser;
use super::dialog::Dialog;
use super::lightbox_image::{LightboxImage, LightboxKind};
use super::lightbox_stage::{Shown, hold_page, pinch_distance};
use super::lightbox_toolbar::LightboxToolbar;
use super::toast::use_toast;

const FRAME: &str = "lightbox-frame";
const STAGE: &str = "lightbox-stage";
/// How far a finger must go to turn the page, in pixels.
const SWIPE: f64 = 48.0;
/// So many pictures before the last one, more are asked for.
const NEAR_END: usize = 3;
/// Zoom steps, in percent of the size that fits the window.
const ZOOMS: [u32; 6] = [100, 150, 200, 300, 400, 600];
pub(super) const ZOOM_MAX: u32 = ZOOMS[ZOOMS.len() - 1];
/// How far an arrow key moves a picture that is larger than the window, in pixels.
const PAN: f64 = 80.0;

/// Shows `images`, beginning with the one whose id is `start`. With `has_more` others follow: `on_near_end` asks for them.
/// Keeps showing the same image when the list around it changes. If the image itself is deleted, the lightbox closes with a message.
/// The browser's back button closes it. `on_show` hears which image is shown. `text` shows the text of a file, by its id.
#[component]
pub fn Lightbox(
    images: Vec<LightboxImage>,
    start: String,
    #[props(default)] has_more: bool,
    #[props(default)] on_near_end: EventHandler<()>,
    #[props(default)] on_show: EventHandler<String>,
    #[props(default)] text: Option<Callback<String, Element>>,
    on_close: EventHandler<()>,
) -> Element {
    use_closed_by_back(on_close);
    let toast = use_toast();
    let mut shown = use_signal(|| start);
    use_effect(move || on_show(shown()));
    let mut ids = use_hook(|| CopyValue::new(Vec::<String>::new()));
    ids.set(images.iter().map(|image| image.id.clone()).collect());
    let index = images.iter().position(|image| image.id == *shown.read());
    let is_gone = index.is_none();
    use_effect(use_reactive!(|(is_gone,)| {
        if is_gone {
            toast.show("This file was deleted.");
            on_close(());
        }
    }));
    // Percent of the size that fits the window.
    let mut zoom = use_signal(|| 100_u32);
    let mut touch_from = use_signal(|| None::<f64>);
    let mut pinch_from = use_signal(|| None::<(f64, u32)>);
    let mut drag_from = use_signal(|| None::<(f64, f64)>);
    let mut zoomed_before = use_signal(|| 100_u32);
    // After the picture has its new size: what was in the middle stays there.
    use_effect(move || {
        let (before, now) = (*zoomed_before.peek(), zoom());
        zoomed_before.set(now);
        if now > 100 {
            browser::keep_middle(STAGE, f64::from(now) / f64::from(before));
        }
    });
    let count = images.len();
    let mut show = move |to: usize| {
        let ids = ids.read();
        let last = ids.len().saturating_sub(1);
        let to = to.min(last);
        if let Some(id) = ids.get(to) {
            shown.set(id.clone());
        }
        zoom.set(100);
        if to == 0 || to == last {
            // The step button that may have the focus disappears.
            browser::focus(&format!("#{FRAME}:has(.lb-nav:focus)"));
        }
    };
    let place_of = move |id: &str| ids.read().iter().position(|known| known == id);
    let mut step = move |by: isize| {
        let at = place_of(&shown.peek());
        if let Some(at) = at {
            show(at.saturating_add_signed(by));
        }
    };
    use_effect(use_reactive!(|(index, count, has_more)| {
        if has_more && index.is_some_and(|index| index + NEAR_END >= count) {
            on_near_end(());
        }
    }));
    let Some(index) = index else { return rsx! {} };
    let image = images[index].clone();
    let zooms = image.kind == LightboxKind::Picture;
    let mut zoom_to = move |percent: u32| {
        if zooms {
            zoom.set(percent.clamp(100, ZOOM_MAX));
        }
    };
    let mut zoom_by = move |by: isize| {
        let next = if by > 0 {
            ZOOMS.iter().find(|percent| **percent > zoom())
        } else {
            ZOOMS.iter().rfind(|percent| **percent < zoom())
        };
        if let Some(percent) = next {
            zoom_to(*percent);
        }
    };
    let percent = zoom();
    let is_zoomed = percent > 100;

    let on_key = move |event: KeyboardEvent| match event.key() {
        Key::ArrowLeft if zoom() > 100 => browser::scroll_by(STAGE, -PAN, 0.0),
        Key::ArrowRight if zoom() > 100 => browser::scroll_by(STAGE, PAN, 0.0),
        Key::ArrowUp => browser::scroll_by(STAGE, 0.0, -PAN),
        Key::ArrowDown => browser::scroll_by(STAGE, 0.0, PAN),
        Key::ArrowLeft => step(-1),
        Key::ArrowRight => step(1),
        Key::Home => show(0),
        Key::End => show(count - 1),
        Key::Character(key) if event.modifiers().is_empty() || event.modifiers() == Modifiers::SHIFT => {
            match key.as_str() {
                "+" | "=" => zoom_by(1),
                "-" => zoom_by(-1),
                "0" => zoom_to(100),
                "d" | "D" => browser::click("#lightbox-download"),
                _ => {}
            }
        }
        _ => {}
    };
    let name = image.name().to_owned();
    let noun = image.noun();
    let position = index + 1;
    rsx! {
        Dialog { class: "lightbox", label: "{name}, {noun} {position} of {count}", on_close,
            // Takes the focus when what had it goes away, so that the keys are still heard.
            div { class: "lb-frame", id: FRAME, tabindex: "-1", "data-component": "Lightbox", onkeydown: on_key,
                LightboxToolbar { image: image.clone(), position, count, percent, on_zoom: zoom_by, on_fit: move |()| zoom_to(100), on_close }
                div {
                    class: "lb-stage",
                    id: STAGE,
                    "data-component": "LightboxStage",
                    "data-zoomed": if is_zoomed { "" },
                    style: if is_zoomed { "--zoom:{percent}" },
                    ontouchstart: move |event| {
                        touch_from.set(event.touches().first().map(|touch| touch.client_coordinates().x));
                        pinch_from.set(pinch_distance(&event).map(|distance| (distance, zoom())));
                    },
                    ontouchmove: move |event| {
                        if let (Some((from, percent)), Some(to)) = (pinch_from(), pinch_distance(&event)) {
                            hold_page(&event);
                            zoom_to(scaled(percent, to / from));
                        }
                    },
                    ontouchend: move |event| {
                        let to = event.touches_changed().first().map(|touch| touch.client_coordinates().x);
                        if pinch_from.take().is_some() {
                            touch_from.set(None);
                        } else if let (Some(from), Some(to), 100) = (touch_from.take(), to, zoom()) {
                            if from - to > SWIPE {
                                step(1);
                            } else if to - from > SWIPE {
                                step(-1);
                            }
                        }
                    },
                    onwheel: move |event| {
                        if zooms {
                            event.prevent_default();
                            let down = event.delta().strip_units().y;
                            zoom_to(scaled(zoom(), (-down / 400.0).clamp(-0.5, 0.5).exp()));
                        }
                    },
                    onmousedown: move |event| drag_from.set(Some(event.client_coordinates().to_tuple())),
                    onmousemove: move |event| {
                        let (x, y) = event.client_coordinates().to_tuple();
                        if let (Some((from_x, from_y)), true) = (drag_from(), zoom() > 100) {
                            browser::scroll_by(STAGE, from_x - x, from_y - y);
                            drag_from.set(Some((x, y)));
                        }
                    },
                    onmouseup: move |_| drag_from.set(None),
                    onmouseleave: move |_| drag_from.set(None),
                    ondoubleclick: move |_| zoom_to(if zoom() == 100 { 200 } else { 100 }),
                    // In a loop with a key, so that another file gets a new component.
                    for image in [image.clone()] {
                        Shown { key: "{image.id}", image, text }
                    }
                    if position > 1 {
                        button { class: "lb-nav lb-prev", r#type: "button", "aria-label": "Previous image", onclick: move |_| step(-1),
                            ChevronLeft { class: "icon icon-20" }
                        }
                    }
                    if position < count {
                        button { class: "lb-nav lb-next", r#type: "button", "aria-label": "Next image", onclick: move |_| step(1),
                            ChevronRight { class: "icon icon-20" }
                        }
                    }
                    // The neighbours, so that a step shows at once.
                    for neighbour in neighbours(&images, index) {
                        link { key: "{neighbour}", rel: "prefetch", href: "{neighbour}", r#as: "image" }
                    }
                }
                if count > 1 {
                    nav { class: "lb-strip", "data-component": "LightboxStrip", "aria-label": "All images here",
                        for (place, image) in images.iter().enumerate() {
                            button {
                                key: "{image.id}",
                                class: "thumb",
                                r#type: "button",
                                "aria-label": "{image.name()}, {place + 1} of {count}",
                                "aria-current": if place == index { "true" },
                                onclick: {
                                    let id = image.id.clone();
                                    move |_| {
                                        if let Some(place) = place_of(&id) {
                                            show(place);
                                        }
                                    }
                                },
                                if let Some(src) = image.thumbnail.clone() {
                                    img { src, alt: "", loading: "lazy" }
                                } else {
                                    span { class: "lb-thumb-name", "aria-hidden": "true", "{image.name()}" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// So many times larger.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
fn scaled(percent: u32, by: f64) -> u32 {
    (f64::from(percent) * by).clamp(100.0, f64::from(ZOOM_MAX)).round() as u32
}

fn neighbours(images: &[LightboxImage], index: usize) -> Vec<String> {
    let before = index.checked_sub(1).and_then(|place| images.get(place));
    let around = before.into_iter().chain(images.get(index + 1));
    around.filter(|image| image.kind == LightboxKind::Picture).filter_map(|image| image.preview.clone()).collect()
}
