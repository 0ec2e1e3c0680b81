//! A menu behind a button: the browser's own popover, which closes on Esc and on a click elsewhere and returns the
//! focus.

use dioxus::prelude::*;
use lucide_dioxus::Ellipsis;

use super::use_hydrated;

/// `id` is the menu's own in the page; its items refer to it. `label` is the menu's accessible name. Without an `icon`
/// it has three dots.
#[component]
pub fn Menu(
    id: String,
    label: String,
    #[props(default = "icon-btn".to_owned())] class: String,
    #[props(default)] icon: Option<Element>,
    children: Element,
) -> Element {
    let hydrated = use_hydrated();
    // A long feed has hundreds of menus, few of which are ever opened: the items are rendered then.
    let mut opened = use_signal(|| false);
    rsx! {
        button {
            class,
            r#type: "button",
            "popovertarget": "{id}",
            "aria-label": "{label}",
            title: if icon.is_some() { label.clone() } else { "More".to_owned() },
            disabled: !hydrated,
            onclick: move |event| {
                event.stop_propagation();
                opened.set(true);
            },
            if let Some(icon) = icon.clone() {
                {icon}
            } else {
                Ellipsis { class: "icon" }
            }
        }
        div { class: "menu", id: "{id}", "popover": "auto", role: "group", "aria-label": "{label}", "data-component": "Menu",
            if opened() {
                {children}
            }
        }
    }
}

/// An item that acts and closes the menu.
#[component]
pub fn MenuItem(
    menu: String,
    #[props(default)] danger: bool,
    on_choose: EventHandler<()>,
    children: Element,
) -> Element {
    rsx! {
        button {
            class: if danger { "menu-item menu-item-danger" } else { "menu-item" },
            r#type: "button",
            "popovertarget": "{menu}",
            "popovertargetaction": "hide",
            onclick: move |event| {
                event.stop_propagation();
                on_choose(());
            },
            {children}
        }
    }
}
