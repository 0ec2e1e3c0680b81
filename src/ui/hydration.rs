//! The time between the server's picture of a page and the moment the browser's code has taken it over. What would do nothing
//! in between is disabled, and what was typed in between is kept.

use dioxus::prelude::*;

#[derive(Clone, Copy)]
struct Hydrated(Signal<bool>);

/// Notes when the browser's code has taken over, for all below.
pub fn use_hydration() {
    let mut hydrated = use_signal(|| false);
    use_context_provider(|| Hydrated(hydrated));
    use_effect(move || hydrated.set(true));
}

/// Whether clicks and keys are heard yet.
pub fn use_hydrated() -> bool {
    let Hydrated(hydrated) = use_context();
    hydrated()
}

/// What already stands in a text field when it is taken over.
pub fn text_of(mounted: &MountedEvent) -> Option<String> {
    #[cfg(feature = "web")]
    {
        use dioxus::web::WebEventExt;
        use wasm_bindgen::JsCast;
        let element = mounted.try_as_web_event()?;
        let text = match element.dyn_ref::<web_sys::HtmlInputElement>() {
            Some(input) => input.value(),
            None => element.dyn_ref::<web_sys::HtmlTextAreaElement>()?.value(),
        };
        Some(text).filter(|text| !text.is_empty())
    }
    #[cfg(not(feature = "web"))]
    {
        let _ = mounted;
        None
    }
}
