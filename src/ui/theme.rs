//! Light and dark theme: follows the system until a theme is chosen. The choice is stored in the browser; a script in
//! index.html applies it before anything is drawn. The style sheet follows the system, so a change of it is immediate.

use dioxus::prelude::*;
use lucide_dioxus::{Check, Monitor, Moon, Sun, SunMoon};

use super::hydration::use_hydrated;
use super::roving::{Entry, use_roving};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    const fn title(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    fn icon(self) -> Element {
        match self {
            Self::System => rsx! { Monitor { class: "icon" } },
            Self::Light => rsx! { Sun { class: "icon" } },
            Self::Dark => rsx! { Moon { class: "icon" } },
        }
    }

    /// Returns the name in the browser's storage and in `data-theme`.
    #[cfg(feature = "web")]
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The choice on this device.
#[derive(Clone, Copy)]
struct Chosen(Signal<Theme>);

impl Chosen {
    fn choose(mut self, theme: Theme) {
        self.0.set(theme);
        #[cfg(feature = "web")]
        keep(theme);
    }
}

/// Provides the choice to all components below.
pub fn use_theme() {
    let mut theme = use_signal(|| Theme::System);
    use_context_provider(|| Chosen(theme));
    // After hydration, because the server does not know it.
    use_effect(move || theme.set(kept()));
}

/// Returns a function that chooses a theme.
pub fn use_theme_choice() -> Callback<Theme> {
    let chosen: Chosen = use_context();
    use_callback(move |theme| chosen.choose(theme))
}

/// The choice as a row, for a settings page.
#[component]
pub fn ThemeChoice() -> Element {
    let chosen: Chosen = use_context();
    let hydrated = use_hydrated();
    rsx! {
        div { class: "segmented", role: "radiogroup", "aria-label": "Appearance",
            for theme in Theme::ALL {
                label { key: "{theme.title()}",
                    input {
                        r#type: "radio",
                        name: "theme",
                        checked: (chosen.0)() == theme,
                        disabled: !hydrated,
                        onchange: move |_| chosen.choose(theme),
                    }
                    {theme.icon()}
                    {theme.title()}
                }
            }
        }
    }
}

/// The choice as a menu behind a button. The browser opens it, closes it on Esc and on a click elsewhere, and returns
/// the focus.
#[component]
pub fn ThemeMenu() -> Element {
    const ID: &str = "theme-menu";
    let chosen: Chosen = use_context();
    let roving = use_roving(Entry::First);
    let hydrated = use_hydrated();
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            "popovertarget": ID,
            "aria-haspopup": "menu",
            "aria-label": "Appearance",
            title: "Appearance",
            disabled: !hydrated,
            SunMoon { class: "icon" }
        }
        div { class: "menu", id: ID, "popover": "auto", role: "menu", "aria-label": "Appearance", onmounted: move |mounted| roving.start(&mounted),
            for theme in Theme::ALL {
                button {
                    key: "{theme.title()}",
                    class: "menu-item",
                    r#type: "button",
                    role: "menuitemradio",
                    "aria-checked": if (chosen.0)() == theme { "true" } else { "false" },
                    autofocus: (chosen.0)() == theme,
                    "data-row": "",
                    "popovertarget": ID,
                    "popovertargetaction": "hide",
                    onclick: move |_| chosen.choose(theme),
                    {theme.icon()}
                    {theme.title()}
                    Check { class: "icon icon-14 menu-check" }
                }
            }
        }
    }
}

#[cfg(feature = "web")]
fn kept() -> Theme {
    let kept = web_sys::window().and_then(|window| window.local_storage().ok()??.get_item("theme").ok()?);
    Theme::ALL.into_iter().find(|theme| theme.name() == kept.as_deref()).unwrap_or(Theme::System)
}

#[cfg(not(feature = "web"))]
fn kept() -> Theme {
    Theme::System
}

#[cfg(feature = "web")]
fn keep(theme: Theme) {
    let Some(window) = web_sys::window() else { return };
    let Some(root) = window.document().and_then(|document| document.document_element()) else { return };
    let storage = window.local_storage().ok().flatten();
    if let Some(name) = theme.name() {
        let _ = root.set_attribute("data-theme", name);
        let _ = storage.map(|storage| storage.set_item("theme", name));
    } else {
        let _ = root.remove_attribute("data-theme");
        let _ = storage.map(|storage| storage.remove_item("theme"));
    }
}
