//! The title of the browser's tab.

use dioxus::prelude::*;

/// Shows `{text} · Attaché`. Dioxus' own title component evaluates a string as a script in the browser, which the
/// page's security policy forbids.
#[component]
pub fn PageTitle(text: String) -> Element {
    let title = format!("{text} · Attaché");
    #[cfg(feature = "server")]
    use_hook(|| dioxus::document::document().set_title(title));
    #[cfg(feature = "web")]
    use_effect(use_reactive!(|title| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(&title);
        }
    }));
    #[cfg(not(any(feature = "server", feature = "web")))]
    let _ = title;
    rsx! {}
}
