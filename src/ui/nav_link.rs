//! A link to another page of the app: changes the page without loading it anew, and is an ordinary link for everything else.

use dioxus::prelude::*;

/// `to` is a path of this site; `current` marks where one is. With `replace` the page takes the place of this one in the
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
        // With Ctrl and the like the browser opens a new tab by itself.
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
