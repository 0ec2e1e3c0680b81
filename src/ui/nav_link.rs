//! A link to another page of the app: navigates without a reload, and is an ordinary link otherwise.

use dioxus::prelude::*;

/// `to` is a path of this site; `current` marks the current page. With `replace` the page replaces this one in the
/// browser's history.
#[component]
pub fn NavLink(
    to: String,
    #[props(default)] class: String,
    #[props(default)] current: bool,
    #[props(default)] replace: bool,
    #[props(default)] label: Option<String>,
    #[props(default)] title: Option<String>,
    #[props(extends = GlobalAttributes)] attributes: Vec<Attribute>,
    children: Element,
) -> Element {
    let target = to.clone();
    let follow = move |event: MouseEvent| {
        let plain = event.modifiers().is_empty()
            && event.trigger_button().is_none_or(|button| button == dioxus::html::input_data::MouseButton::Primary);
        // With Ctrl and similar keys the browser opens a new tab.
        if plain {
            event.prevent_default();
            if replace {
                navigator().replace(target.clone());
            } else {
                navigator().push(target.clone());
            }
        }
    };
    rsx! {
        a {
            class,
            href: "{to}",
            "aria-current": if current { "page" },
            "aria-label": label,
            title,
            onclick: follow,
            ..attributes,
            {children}
        }
    }
}
