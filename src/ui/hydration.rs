//! The time between the server's rendering of a page and its hydration. Controls that would do nothing are disabled.
//! Input, picks, scrolling and clicks during that time are replayed.

use dioxus::prelude::*;

#[derive(Clone, Copy)]
struct Hydrated(Signal<bool>);

/// Tracks hydration for all components below, and replays what happened before.
pub fn use_hydration() {
    let mut hydrated = use_signal(|| false);
    use_context_provider(|| Hydrated(hydrated));
    use_effect(move || {
        #[cfg(feature = "web")]
        replay::replay();
        hydrated.set(true);
    });
}

/// Returns whether clicks and keys are handled yet.
pub fn use_hydrated() -> bool {
    let Hydrated(hydrated) = use_context();
    hydrated()
}

/// Dispatches the missed events again, so that fields need no code for it.
#[cfg(feature = "web")]
mod replay {
    use wasm_bindgen::prelude::*;
    use web_sys::{Document, Element, Event, HtmlElement, HtmlInputElement, HtmlTextAreaElement};

    const CLICKED: &str = "data-clicked";

    /// What a person did to an element before hydration.
    enum Change {
        /// Typed this text.
        Typed(String),
        Picked,
        Scrolled,
        /// Clicked. A script in index.html has marked the button.
        Clicked,
    }

    /// Reads the page as people left it, immediately, because the next render may overwrite it. The events are
    /// dispatched after that.
    pub fn replay() {
        let Some(window) = web_sys::window() else { return };
        let Some(document) = window.document() else { return };
        // From now on the script in index.html marks nothing.
        let _ = document.document_element().map(|root| root.set_attribute("data-ready", ""));
        let changes = changes(&document);
        if changes.is_empty() {
            return;
        }
        let send_all = Closure::once_into_js(move || {
            for (element, change) in &changes {
                send(element, change);
            }
        });
        let _ = window.set_timeout_with_callback(send_all.unchecked_ref());
    }

    fn changes(document: &Document) -> Vec<(Element, Change)> {
        let Ok(all) = document.query_selector_all("body *") else { return Vec::new() };
        let elements = (0..all.length()).filter_map(|place| all.get(place)?.dyn_into::<Element>().ok());
        elements.filter_map(|element| change(&element).map(|change| (element, change))).collect()
    }

    fn change(element: &Element) -> Option<Change> {
        if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            return match input.type_().as_str() {
                "file" => input.files().is_some_and(|files| files.length() > 0).then_some(Change::Picked),
                // Those that act are disabled until hydration.
                "checkbox" | "radio" | "range" | "hidden" => None,
                _ => Some(input.value()).filter(|value| *value != input.default_value()).map(Change::Typed),
            };
        }
        if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
            let default = area.default_value().unwrap_or_default();
            return Some(area.value()).filter(|value| *value != default).map(Change::Typed);
        }
        if element.has_attribute(CLICKED) {
            return Some(Change::Clicked);
        }
        (element.scroll_top() != 0 || element.scroll_left() != 0).then_some(Change::Scrolled)
    }

    fn send(element: &Element, change: &Change) {
        match change {
            Change::Typed(text) => {
                if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
                    input.set_value(text);
                } else if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
                    area.set_value(text);
                }
                dispatch(element, "input", true);
                dispatch(element, "change", true);
            }
            Change::Picked => dispatch(element, "change", true),
            Change::Scrolled => dispatch(element, "scroll", false),
            Change::Clicked => {
                let _ = element.remove_attribute(CLICKED);
                if let Some(button) = element.dyn_ref::<HtmlElement>() {
                    button.click();
                }
            }
        }
    }

    fn dispatch(element: &Element, name: &str, bubbles: bool) {
        let init = web_sys::EventInit::new();
        init.set_bubbles(bubbles);
        if let Ok(event) = Event::new_with_event_init_dict(name, &init) {
            let _ = element.dispatch_event(&event);
        }
    }
}
