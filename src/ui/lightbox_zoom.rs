//! The zoom of the shown picture or page, and the part in view.

use dioxus::prelude::*;

/// The steps of the buttons and keys: window pixels for one pixel of the picture.
const STEPS: [f64; 14] = [0.05, 0.1, 0.25, 0.33, 0.5, 0.67, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0];
/// The maximum scale, and the maximum multiple of the size that fits. The greater of both applies.
const SCALE_MAX: f64 = 8.0;
const TIMES_MAX: f64 = 6.0;
/// Two scales that differ by less than this factor are equal.
const SAME: f64 = 1.01;

/// A point or a size in CSS pixels.
pub type Pixels = (f64, f64);

/// A part of the picture, from 0 to 1, and its position in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Anchor {
    part: (f64, f64),
    at: Pixels,
}

/// The zoom of a lightbox. It stays from picture to picture, with the part in view.
#[derive(Clone, Copy, PartialEq)]
pub struct Zoom {
    stage: &'static str,
    /// The multiple of the size that fits: 1 shows all of the picture.
    times: Signal<f64>,
    /// The shown picture's own size. `None` for pages, and until it is known.
    size: Signal<Option<Pixels>>,
    /// The space in the stage for a picture that fits.
    room: Signal<Pixels>,
    anchor: Signal<Option<Anchor>>,
}

/// `stage` is the id of the element around the picture.
pub fn use_zoom(stage: &'static str) -> Zoom {
    let zoom = Zoom {
        stage,
        times: use_signal(|| 1.0),
        size: use_signal(|| None),
        room: use_signal(|| (1.0, 1.0)),
        anchor: use_signal(|| None),
    };
    // When the picture has its new size, the part that was under the pointer is moved back there.
    use_effect(move || {
        let _ = ((zoom.times)(), (zoom.size)());
        let mut anchor = zoom.anchor;
        let anchored = *anchor.peek();
        if let Some(anchored) = anchored {
            anchor.set(None);
            hold(stage, anchored);
        }
    });
    zoom
}

impl Zoom {
    pub fn is_zoomed(self) -> bool {
        (self.times)() > 1.0
    }

    /// Returns the scale at which the picture fits: window pixels for one pixel of the picture.
    fn fit(self) -> f64 {
        fit((self.room)(), (self.size)())
    }

    /// Returns the scale in percent.
    pub fn percent(self) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most some thousands")]
        let percent = ((self.times)() * self.fit() * 100.0).round().max(1.0) as u32;
        percent
    }

    pub fn is_largest(self) -> bool {
        (self.times)() * SAME >= largest(self.fit())
    }

    /// Returns CSS for the size of the enlarged picture, and for the enlargement of pages.
    pub fn style(self) -> String {
        let times = (self.times)();
        let (width, height) = (self.size)().unwrap_or_default();
        let scale = times * self.fit();
        format!("--w:{:.2}px;--h:{:.2}px;--times:{times:.4}", width * scale, height * scale)
    }

    /// Shows another file. A picture keeps the zoom, relative to its size, and the part in view.
    pub fn show(mut self, size: Option<(i32, i32)>) {
        self.keep(middle(self.stage));
        self.size.set(size.map(|(width, height)| (f64::from(width), f64::from(height))));
    }

    /// Measures the shown picture. `size` is its natural size, if it was unknown before.
    pub fn measure(mut self, size: Option<Pixels>) {
        if self.size.peek().is_none() && size.is_some() {
            self.size.set(size);
        }
        if let Some(room) = room(self.stage).filter(|room| *self.times.peek() <= 1.0 && *room != *self.room.peek()) {
            self.room.set(room);
        }
    }

    /// Shows all of it.
    pub fn to_fit(mut self) {
        self.anchor.set(None);
        self.times.set(1.0);
    }

    /// Zooms by a factor. The part at a point of the window, or in its middle, stays there.
    pub fn by(self, factor: f64, at: Option<Pixels>) {
        let times = *self.times.peek() * factor;
        self.to(times, at);
    }

    pub fn times(self) -> f64 {
        *self.times.peek()
    }

    /// Zooms to a multiple of the size that fits.
    pub fn to(mut self, times: f64, at: Option<Pixels>) {
        let times = times.clamp(1.0, largest(self.peek_fit()));
        if times < SAME {
            return self.to_fit();
        }
        self.keep(at.or_else(|| middle(self.stage)));
        self.times.set(times);
    }

    /// Zooms one step in or out.
    pub fn step(self, is_larger: bool, at: Option<Pixels>) {
        let fit = self.peek_fit();
        let scale = *self.times.peek() * fit;
        match next_step(scale, is_larger) {
            Some(next) => self.to(next / fit, at),
            None => self.to(if is_larger { f64::MAX } else { 1.0 }, at),
        }
    }

    /// Zooms to the picture's own pixels, or, if it is not larger than them, to twice its size; from there back.
    pub fn toggle(self, at: Pixels) {
        let fit = self.peek_fit();
        if *self.times.peek() > 1.0 {
            self.to_fit();
        } else {
            self.to(if fit * SAME < 1.0 { 1.0 / fit } else { 2.0 }, Some(at));
        }
    }

    fn peek_fit(self) -> f64 {
        fit(*self.room.peek(), *self.size.peek())
    }

    /// Remembers the part of the picture at a point, to keep it there.
    fn keep(&mut self, at: Option<Pixels>) {
        let scale = self.peek_fit() * *self.times.peek();
        let size = (*self.size.peek()).map(|(width, height)| (width * scale, height * scale));
        let anchor = at.and_then(|at| Some(Anchor { part: part_at(self.stage, size, at)?, at }));
        self.anchor.set(anchor);
    }
}

fn fit(room: Pixels, size: Option<Pixels>) -> f64 {
    // Pages are as wide as the stage.
    size.map_or(1.0, |(width, height)| (room.0 / width.max(1.0)).min(room.1 / height.max(1.0)))
}

/// Returns the maximum multiple of the size that fits.
fn largest(fit: f64) -> f64 {
    (SCALE_MAX / fit).max(TIMES_MAX)
}

/// Returns the next scale among the steps.
fn next_step(scale: f64, is_larger: bool) -> Option<f64> {
    if is_larger {
        STEPS.into_iter().find(|step| *step > scale * SAME)
    } else {
        STEPS.into_iter().rfind(|step| *step * SAME < scale)
    }
}

#[cfg(feature = "web")]
mod page {
    use web_sys::{Element, HtmlElement};

    use super::{Anchor, Pixels};

    /// Finds the picture, by its class in the stage, or the scrolling pages.
    fn find(stage: &str, what: &str) -> Option<Element> {
        web_sys::window()?.document()?.get_element_by_id(stage)?.query_selector(what).ok()?
    }

    fn picture(stage: &str) -> Option<Element> {
        find(stage, ".lb-picture[data-whole]")
    }

    fn pages(stage: &str) -> Option<Element> {
        find(stage, ".lb-page")
    }

    pub fn room(stage: &str) -> Option<Pixels> {
        let room = picture(stage)?.get_bounding_client_rect();
        (room.width() > 0.0 && room.height() > 0.0).then(|| (room.width(), room.height()))
    }

    pub fn middle(stage: &str) -> Option<Pixels> {
        let stage = web_sys::window()?.document()?.get_element_by_id(stage)?.get_bounding_client_rect();
        Some((stage.left() + stage.width() / 2.0, stage.top() + stage.height() / 2.0))
    }

    /// Returns the part of the picture at a point. `size` is its displayed size.
    pub fn part_at(stage: &str, size: Option<Pixels>, at: Pixels) -> Option<(f64, f64)> {
        let within = |offset: f64, whole: f64| (offset / whole.max(1.0)).clamp(0.0, 1.0);
        if let Some((width, height)) = size.filter(|_| pages(stage).is_none()) {
            // It is centered in its box.
            let place = picture(stage)?.get_bounding_client_rect();
            let left = place.left() + (place.width() - width) / 2.0;
            let top = place.top() + (place.height() - height) / 2.0;
            return Some((within(at.0 - left, width), within(at.1 - top, height)));
        }
        let pages = pages(stage)?;
        let place = pages.get_bounding_client_rect();
        let (width, height) = (f64::from(pages.scroll_width()), f64::from(pages.scroll_height()));
        let (x, y) =
            (f64::from(pages.scroll_left()) + at.0 - place.left(), f64::from(pages.scroll_top()) + at.1 - place.top());
        Some((within(x, width), within(y, height)))
    }

    /// Scrolls so that a part is at its position.
    pub fn hold(stage: &str, Anchor { part, at }: Anchor) {
        if let Some(pages) = pages(stage) {
            let place = pages.get_bounding_client_rect();
            let x = f64::from(pages.scroll_width()) * part.0 - f64::from(pages.scroll_left()) + place.left() - at.0;
            let y = f64::from(pages.scroll_height()) * part.1 - f64::from(pages.scroll_top()) + place.top() - at.1;
            pages.scroll_by_with_x_and_y(x, y);
            return;
        }
        let Some(picture) = picture(stage) else { return };
        let place = picture.get_bounding_client_rect();
        let (x, y) = (place.left() + place.width() * part.0 - at.0, place.top() + place.height() * part.1 - at.1);
        if let Some(stage) = picture.closest(&format!("#{stage}")).ok().flatten() {
            stage.scroll_by_with_x_and_y(x, y);
        }
    }

    /// Returns the number of the page in the middle, from 1.
    pub fn page_in_view(stage: &str) -> Option<usize> {
        use wasm_bindgen::JsCast;
        let pages = pages(stage)?;
        let middle = pages.scroll_top() + pages.client_height() / 2;
        let images = pages.query_selector_all("img").ok()?;
        let begins = |place: u32| {
            let image: HtmlElement = images.get(place)?.dyn_into().ok()?;
            Some(image.offset_top() - pages.dyn_ref::<HtmlElement>()?.offset_top() <= middle)
        };
        let passed = (0..images.length()).take_while(|place| begins(*place).unwrap_or(false)).count();
        Some(passed.max(1))
    }
}

#[cfg(feature = "web")]
pub use page::page_in_view;
#[cfg(feature = "web")]
use page::{hold, middle, part_at, room};

#[cfg(not(feature = "web"))]
pub fn page_in_view(_: &str) -> Option<usize> {
    None
}

#[cfg(not(feature = "web"))]
fn room(_: &str) -> Option<Pixels> {
    None
}

#[cfg(not(feature = "web"))]
fn middle(_: &str) -> Option<Pixels> {
    None
}

#[cfg(not(feature = "web"))]
fn part_at(_: &str, _: Option<Pixels>, _: Pixels) -> Option<(f64, f64)> {
    None
}

#[cfg(not(feature = "web"))]
fn hold(_: &str, _: Anchor) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_any_size_can_be_read() {
        for size in [(1080.0, 20000.0), (20000.0, 1080.0), (40.0, 30.0), (1600.0, 1200.0)] {
            let fit = fit((1136.0, 560.0), Some(size));
            let scale = largest(fit) * fit;
            assert!(scale >= 1.0, "{size:?}: {scale}");
        }
    }

    #[test]
    fn steps_go_through_the_pictures_own_size() {
        let mut scale = 0.028;
        let mut seen = Vec::new();
        while let Some(next) = next_step(scale, true).filter(|next| *next <= 1.0) {
            seen.push(next);
            scale = next;
        }
        assert_eq!(seen, [0.05, 0.1, 0.25, 0.33, 0.5, 0.67, 1.0]);
        assert_eq!(next_step(1.0, false), Some(0.67));
        assert_eq!(next_step(0.04, false), None);
    }

    #[test]
    fn pages_fit_by_themselves() {
        assert!((fit((800.0, 600.0), None) - 1.0).abs() < f64::EPSILON);
    }
}
