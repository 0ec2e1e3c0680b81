//! The middle of the lightbox: a picture, a player, pages or text, and its gestures.

use dioxus::prelude::*;
use lucide_dioxus::ImageOff;

use super::blur::blurred;
use super::lightbox_image::{LightboxImage, LightboxKind};
use super::lightbox_zoom::{Pixels, Zoom, page_in_view};
use super::player::use_media;
use crate::platform::browser;

pub const STAGE: &str = "lightbox-stage";
/// Minimum distance of a swipe to the next file, and to close, in pixels.
const SWIPE: f64 = 48.0;
const SWIPE_DOWN: f64 = 96.0;
/// Distance before the direction of a gesture is decided, in pixels.
const DRAG_THRESHOLD: f64 = 8.0;

/// The gesture of one finger.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Drag {
    Undecided,
    Sideways(f64),
    Down(f64),
}

/// State of fingers and pointer on the stage.
#[derive(Clone, Copy, PartialEq)]
struct Gestures {
    zoom: Zoom,
    /// Where one finger was put down.
    from: Signal<Option<Pixels>>,
    drag: Signal<Drag>,
    /// The distance of two fingers at the start of a pinch, and the zoom then.
    pinch: Signal<Option<(f64, f64)>>,
    /// The last position of the pressed mouse.
    mouse: Signal<Option<Pixels>>,
}

impl Gestures {
    fn touch_start(mut self, event: &TouchEvent) {
        let touches = event.touches();
        self.from
            .set(touches.first().filter(|_| touches.len() == 1).map(|touch| touch.client_coordinates().to_tuple()));
        self.drag.set(Drag::Undecided);
        self.pinch.set(pinch_distance(event).map(|distance| (distance, self.zoom.times())));
    }

    /// Handles a move. `is_picture`: only a picture can be pinched and pulled down.
    fn touch_move(mut self, event: &TouchEvent, is_picture: bool) {
        if let (Some((from, times)), Some(to)) = ((self.pinch)(), pinch_distance(event)) {
            hold_page(event);
            if is_picture {
                self.zoom.to(times * to / from, pinch_middle(event));
            }
            return;
        }
        let touch = event.touches().first().map(|touch| touch.client_coordinates().to_tuple());
        let (Some(from), Some(to)) = ((self.from)(), touch) else { return };
        if self.zoom.times() > 1.0 {
            return;
        }
        let (x, y) = (to.0 - from.0, to.1 - from.1);
        let drag = match (self.drag)() {
            Drag::Sideways(_) => Drag::Sideways(x),
            Drag::Down(_) => Drag::Down(y.max(0.0)),
            Drag::Undecided if x.abs().max(y.abs()) < DRAG_THRESHOLD => Drag::Undecided,
            Drag::Undecided if x.abs() > y.abs() => Drag::Sideways(x),
            Drag::Undecided if is_picture && y > 0.0 => Drag::Down(y),
            Drag::Undecided => Drag::Undecided,
        };
        if drag != Drag::Undecided {
            hold_page(event);
            self.drag.set(drag);
        }
    }

    /// Returns the gesture when the finger is lifted.
    fn touch_end(mut self) -> Drag {
        let drag = (self.drag)();
        self.from.set(None);
        self.pinch.set(None);
        self.drag.set(Drag::Undecided);
        drag
    }

    fn mouse_move(mut self, event: &MouseEvent) {
        let to = event.client_coordinates().to_tuple();
        if let (Some(from), true) = ((self.mouse)(), self.zoom.times() > 1.0) {
            browser::scroll_by(STAGE, from.0 - to.0, from.1 - to.1);
            self.mouse.set(Some(to));
        }
    }

    fn style(self) -> String {
        match (self.drag)() {
            Drag::Undecided => String::new(),
            Drag::Sideways(x) => format!(";--dx:{x:.0}px"),
            Drag::Down(y) => format!(";--dy:{y:.0}px"),
        }
    }
}

/// `on_step` receives the number of files to move by. The children are rendered over the file.
#[component]
pub fn Stage(
    image: LightboxImage,
    zoom: Zoom,
    text: Option<Callback<String, Element>>,
    on_step: EventHandler<isize>,
    on_close: EventHandler<()>,
    children: Element,
) -> Element {
    let gestures = Gestures {
        zoom,
        from: use_signal(|| None),
        drag: use_signal(|| Drag::Undecided),
        pinch: use_signal(|| None),
        mouse: use_signal(|| None),
    };
    let mut mouse = gestures.mouse;
    let is_picture = image.kind == LightboxKind::Picture;
    let zooms = image.zooms();
    let is_dragged = (gestures.drag)() != Drag::Undecided;
    rsx! {
        div {
            class: "lb-stage",
            id: STAGE,
            "data-component": "LightboxStage",
            "data-kind": if is_picture { "picture" } else { "other" },
            "data-zoomed": if zooms && zoom.is_zoomed() { "" },
            "data-dragged": if is_dragged { "" },
            style: "{zoom.style()}{gestures.style()}",
            ontouchstart: move |event| gestures.touch_start(&event),
            ontouchmove: move |event| gestures.touch_move(&event, is_picture),
            ontouchend: move |event| {
                if !event.touches().is_empty() {
                    return;
                }
                match gestures.touch_end() {
                    Drag::Sideways(x) if x < -SWIPE => on_step(1),
                    Drag::Sideways(x) if x > SWIPE => on_step(-1),
                    Drag::Down(y) if y > SWIPE_DOWN => on_close(()),
                    _ => {}
                }
            },
            ontouchcancel: move |_| _ = gestures.touch_end(),
            onwheel: move |event| {
                let is_pinch = event.modifiers().ctrl();
                if is_picture || (zooms && is_pinch) {
                    event.prevent_default();
                    let down = event.delta().strip_units().y;
                    zoom.by((-down / 400.0).clamp(-0.5, 0.5).exp(), Some(event.client_coordinates().to_tuple()));
                }
            },
            onmousedown: move |event| mouse.set(Some(event.client_coordinates().to_tuple())),
            onmousemove: move |event| gestures.mouse_move(&event),
            onmouseup: move |_| mouse.set(None),
            onmouseleave: move |_| mouse.set(None),
            ondoubleclick: move |event| {
                if is_picture {
                    zoom.toggle(event.client_coordinates().to_tuple());
                }
            },
            // In a loop with a key, so that another file gets a new component.
            for image in [image] {
                Shown { key: "{image.id}", image, zoom, text }
            }
            {children}
        }
    }
}

/// One file. Created again for each, so that no state of another remains.
#[component]
fn Shown(image: LightboxImage, zoom: Zoom, text: Option<Callback<String, Element>>) -> Element {
    let name = image.name().to_owned();
    let (url, preview) = (image.url.clone(), image.preview.clone());
    match &image.kind {
        LightboxKind::Picture => rsx! {
            Picture { image, zoom }
        },
        LightboxKind::Video => rsx! {
            Film { url, name, poster: preview }
        },
        LightboxKind::Audio => rsx! {
            Sound { url, name }
        },
        LightboxKind::Pages(pages) => rsx! {
            Pages { name, pages: pages.clone() }
        },
        LightboxKind::Text(id) => rsx! {
            div { class: "lb-page", tabindex: "0", role: "document", "aria-label": "{name}",
                if let Some(text) = text {
                    {text(id.clone())}
                }
            }
        },
        LightboxKind::Nothing(reason) => rsx! {
            div { class: "lb-page lb-nothing",
                ImageOff { class: "icon icon-20" }
                p { "{reason}" }
                p { class: "lb-meta", "Download it to view it." }
            }
        },
    }
}

/// A blurred placeholder, then the small picture, then the full one, each over the previous.
#[component]
fn Picture(image: LightboxImage, zoom: Zoom) -> Element {
    let mut loaded = use_signal(|| false);
    let mut failed = use_signal(|| false);
    let url = image.url.clone();
    let small = image.preview.clone().filter(|preview| *preview != url && !loaded());
    let placeholder = use_hook(|| image.thumbhash.as_deref().and_then(blurred)).filter(|_| !loaded());
    let (width, height) = image.size.unzip();
    use_effect(move || {
        spawn(async move {
            browser::next_frame().await;
            zoom.measure(None);
        });
    });
    rsx! {
        if let Some(address) = placeholder {
            div { class: "lb-picture lb-blurred", style: "background-image:url({address})" }
        }
        if let Some(src) = small {
            img { class: "lb-picture", src, alt: "", draggable: "false" }
        }
        img {
            class: "lb-picture",
            "data-whole": "",
            "data-loaded": if loaded() { "" },
            src: url,
            alt: "{image.alt}",
            width: width.map(|width| width.to_string()),
            height: height.map(|height| height.to_string()),
            draggable: "false",
            onload: move |event| {
                loaded.set(true);
                zoom.measure(own_size(&event));
            },
            onerror: move |_| failed.set(true),
        }
        if failed() {
            p { class: "lb-note", role: "alert", "This picture could not be loaded. Close and reopen it, or download it." }
        } else if !loaded() {
            span { class: "sr-only", role: "status", "Loading {image.name()}" }
        }
    }
}

/// A video with the browser's own controls.
#[component]
fn Film(url: String, name: String, poster: Option<String>) -> Element {
    let media = use_media(None);
    rsx! {
        video {
            class: "lb-video",
            controls: true,
            preload: "metadata",
            src: url,
            poster,
            "aria-label": "{name}",
            onmounted: move |mounted| media.mount(&mounted),
            ontimeupdate: move |_| media.note(),
            onloadedmetadata: move |_| media.note(),
            onerror: move |_| media.go_on_or_fail(),
        }
    }
}

/// A recording with its name and the browser's own controls.
#[component]
fn Sound(url: String, name: String) -> Element {
    let media = use_media(None);
    rsx! {
        div { class: "lb-page",
            p { class: "lb-sound-name", "{name}" }
            audio {
                controls: true,
                preload: "metadata",
                src: url,
                "aria-label": "{name}",
                onmounted: move |mounted| media.mount(&mounted),
                ontimeupdate: move |_| media.note(),
                onloadedmetadata: move |_| media.note(),
                onerror: move |_| media.go_on_or_fail(),
            }
        }
    }
}

/// The pages of a document, and the current page.
#[component]
fn Pages(name: String, pages: Vec<String>) -> Element {
    let count = pages.len();
    let mut at = use_signal(|| 1_usize);
    let look = move |_| {
        let now = page_in_view(STAGE).unwrap_or(1);
        if *at.peek() != now {
            at.set(now);
        }
    };
    rsx! {
        div { class: "lb-page lb-pages", tabindex: "0", role: "document", "aria-label": "{name}", onscroll: look,
            for (place, page) in pages.into_iter().enumerate() {
                img { key: "{page}", src: page, alt: "Page {place + 1} of {count}", loading: "lazy" }
            }
        }
        p { class: "lb-note num", role: "status", "Page {at} of {count}" }
    }
}

/// Returns the natural size of a loaded picture, in pixels.
fn own_size(event: &Event<ImageData>) -> Option<Pixels> {
    #[cfg(feature = "web")]
    {
        use dioxus::web::WebEventExt;
        use wasm_bindgen::JsCast;
        let image = event.try_as_web_event()?.target()?.dyn_into::<web_sys::HtmlImageElement>().ok()?;
        let size = (f64::from(image.natural_width()), f64::from(image.natural_height()));
        (size.0 > 0.0 && size.1 > 0.0).then_some(size)
    }
    #[cfg(not(feature = "web"))]
    {
        let _ = event;
        None
    }
}

fn two_fingers(event: &TouchEvent) -> Option<(Pixels, Pixels)> {
    let touches = event.touches();
    let [one, two] = &touches[..] else { return None };
    Some((one.client_coordinates().to_tuple(), two.client_coordinates().to_tuple()))
}

/// Returns the distance of two fingers, in pixels.
fn pinch_distance(event: &TouchEvent) -> Option<f64> {
    two_fingers(event).map(|(a, b)| (a.0 - b.0).hypot(a.1 - b.1).max(1.0))
}

/// Returns the point between two fingers.
fn pinch_middle(event: &TouchEvent) -> Option<Pixels> {
    two_fingers(event).map(|(a, b)| (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1)))
}

/// Keeps the browser from scrolling and zooming, unless it already does.
fn hold_page(event: &TouchEvent) {
    #[cfg(feature = "web")]
    {
        use dioxus::web::WebEventExt;
        if event.try_as_web_event().is_some_and(|event| event.cancelable()) {
            event.prevent_default();
        }
    }
    #[cfg(not(feature = "web"))]
    let _ = event;
}
