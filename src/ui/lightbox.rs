//! The full-screen viewer: always dark, one file at a time, operable by keyboard.

use dioxus::prelude::*;
use lucide_dioxus::{ChevronLeft, ChevronRight};

use super::back_button::use_closed_by_back;
use super::dialog::Dialog;
use super::lightbox_image::{LightboxImage, LightboxKind};
use super::lightbox_stage::{STAGE, Stage};
use super::lightbox_strip::Strip;
use super::lightbox_toolbar::LightboxToolbar;
use super::lightbox_zoom::{Zoom, use_zoom};
use super::shortcuts::{Shortcut, ShortcutGroup};
use super::toast::use_toast;
use crate::platform::browser;

const FRAME: &str = "lightbox-frame";
/// More files are loaded when this few remain before an end of the list.
const NEAR_END: usize = 3;
/// Distance that an arrow key moves an enlarged picture, in pixels.
const PAN: f64 = 80.0;

/// The id and the size of a file.
type Known = (String, Option<(i32, i32)>);

/// The files, and the id of the shown one, so that it stays the same when others are added or removed.
#[derive(Clone, Copy)]
struct Viewer {
    shown: Signal<String>,
    /// Ids and sizes of all files at the last render.
    files: CopyValue<Vec<Known>>,
    zoom: Zoom,
}

impl Viewer {
    fn place_of(self, id: &str) -> Option<usize> {
        self.files.read().iter().position(|(known, _)| known == id)
    }

    fn show(mut self, to: usize) {
        let files = self.files.read();
        let last = files.len().saturating_sub(1);
        let to = to.min(last);
        if let Some((id, size)) = files.get(to).filter(|(id, _)| *id != *self.shown.peek()) {
            self.zoom.show(*size);
            self.shown.set(id.clone());
        }
        if to == 0 || to == last {
            // The step button that may have the focus disappears.
            browser::focus(&format!("#{FRAME}:has(.lb-nav:focus)"));
        }
    }

    fn step(self, by: isize) {
        let at = self.place_of(&self.shown.peek());
        if let Some(at) = at {
            self.show(at.saturating_add_signed(by));
        }
    }

    /// Handles a key. `zooms` is whether the shown file can be enlarged.
    fn press(self, event: &KeyboardEvent, zooms: bool) {
        let zoom = self.zoom;
        let pans = zooms && zoom.times() > 1.0;
        match event.key() {
            Key::ArrowUp => browser::scroll_by(STAGE, 0.0, -PAN),
            Key::ArrowDown => browser::scroll_by(STAGE, 0.0, PAN),
            Key::Home => self.show(0),
            Key::End => self.show(usize::MAX),
            _ => {}
        }
        match ShortcutGroup::Lightbox.of(event) {
            Some(Shortcut::Previous) if pans => browser::scroll_by(STAGE, -PAN, 0.0),
            Some(Shortcut::Next) if pans => browser::scroll_by(STAGE, PAN, 0.0),
            Some(Shortcut::Previous) => self.step(-1),
            Some(Shortcut::Next) => self.step(1),
            Some(Shortcut::ZoomIn) if zooms => zoom.step(true, None),
            Some(Shortcut::ZoomOut) if zooms => zoom.step(false, None),
            Some(Shortcut::Fit) => zoom.to_fit(),
            Some(Shortcut::Save) => browser::click("#lightbox-download"),
            _ => {}
        }
    }
}

/// Shows `images`, beginning with the one whose id is `start`. With `has_before` and `has_more` there are others
/// around: `on_near_start` and `on_near_end` request them. Keeps showing the same file when the list around it changes.
/// If the file itself is deleted, the lightbox closes with a message. The browser's Back button closes it. `on_show`
/// receives the shown file. `text` renders the text of a file, by its id; `tools` renders other actions for a file.
#[component]
pub fn Lightbox(
    images: Vec<LightboxImage>,
    start: String,
    #[props(default)] has_before: bool,
    #[props(default)] has_more: bool,
    #[props(default)] on_near_start: EventHandler<()>,
    #[props(default)] on_near_end: EventHandler<()>,
    #[props(default)] on_show: EventHandler<String>,
    #[props(default)] text: Option<Callback<String, Element>>,
    #[props(default)] tools: Option<Callback<String, Element>>,
    on_close: EventHandler<()>,
) -> Element {
    use_closed_by_back(on_close);
    let toast = use_toast();
    let zoom = use_zoom(STAGE);
    let viewer = Viewer { shown: use_signal(|| start), files: use_hook(|| CopyValue::new(Vec::new())), zoom };
    use_effect(move || on_show((viewer.shown)()));
    let mut files = viewer.files;
    files.set(images.iter().map(|image| (image.id.clone(), image.size)).collect());
    let index = images.iter().position(|image| image.id == *viewer.shown.read());
    let first_size = index.and_then(|index| images[index].size);
    use_hook(move || zoom.show(first_size));
    let is_gone = index.is_none();
    use_effect(use_reactive!(|(is_gone,)| {
        if is_gone {
            toast.mention("This file was deleted.");
            on_close(());
        }
    }));
    let count = images.len();
    use_effect(use_reactive!(|(index, count, has_before, has_more)| {
        let Some(index) = index else { return };
        if has_before && index < NEAR_END {
            on_near_start(());
        }
        if has_more && index + NEAR_END >= count {
            on_near_end(());
        }
    }));
    let Some(index) = index else { return rsx! {} };
    let image = images[index].clone();
    let zooms = image.zooms();
    let name = image.name().to_owned();
    let noun = image.noun();
    let position = index + 1;
    // There are more than are loaded.
    let count_words = if has_before || has_more { format!("{count}+") } else { count.to_string() };
    rsx! {
        Dialog { class: "lightbox", label: "{name}, {noun} {position} of {count_words}", on_close,
            // Receives the focus when the focused element disappears, so that keys still work.
            div {
                class: "lb-frame",
                id: FRAME,
                tabindex: "-1",
                "data-component": "Lightbox",
                onkeydown: move |event| viewer.press(&event, zooms),
                LightboxToolbar { image: image.clone(), position, count: count_words, zoom, tools, on_close }
                Stage { image: image.clone(), zoom, text, on_step: move |by| viewer.step(by), on_close,
                    if position > 1 {
                        button { class: "lb-nav lb-prev", r#type: "button", "aria-label": "Previous image", onclick: move |_| viewer.step(-1),
                            ChevronLeft { class: "icon icon-20" }
                        }
                    }
                    if position < count {
                        button { class: "lb-nav lb-next", r#type: "button", "aria-label": "Next image", onclick: move |_| viewer.step(1),
                            ChevronRight { class: "icon icon-20" }
                        }
                    }
                    // Preloads the neighbors, so that a step is immediate.
                    for neighbor in neighbors(&images, index) {
                        link { key: "{neighbor}", rel: "prefetch", href: "{neighbor}", r#as: "image" }
                    }
                }
                if count > 1 {
                    Strip {
                        shown: image.id,
                        images,
                        on_choose: move |id: String| {
                            if let Some(place) = viewer.place_of(&id) {
                                viewer.show(place);
                            }
                        },
                    }
                }
            }
        }
    }
}

fn neighbors(images: &[LightboxImage], index: usize) -> Vec<String> {
    let before = index.checked_sub(1).and_then(|place| images.get(place));
    let around = before.into_iter().chain(images.get(index + 1));
    around.filter(|image| image.kind == LightboxKind::Picture).filter_map(|image| image.preview.clone()).collect()
}
