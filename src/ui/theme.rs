//! Light and dark follow the system, until somebody chooses. The choice is kept in the browser; a script in index.html applies it before anything is drawn.

use dioxus::prelude::*;
use lucide_dioxus::SunMoon;

#[component]
pub fn ThemeSwitch() -> Element {
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Switch to dark or light",
            title: "Switch to dark or light",
            onclick: move |_| switch(),
            SunMoon { class: "icon" }
        }
    }
}

fn switch() {
    #[cfg(feature = "web")]
    {
        let Some(window) = web_sys::window() else { return };
        let Some(root) = window.document().and_then(|document| document.document_element()) else { return };
        let system_dark =
            window.match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches());
        let is_dark = root.get_attribute("data-theme").map_or(system_dark, |theme| theme == "dark");
        let theme = if is_dark { "light" } else { "dark" };
        let _ = root.set_attribute("data-theme", theme);
        if let Ok(Some(storage)) = window.local_storage() {
            let _ = storage.set_item("theme", theme);
        }
    }
}
