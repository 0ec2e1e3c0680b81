//! A link of a navigation, which says whether it leads to where one is.

use dioxus::prelude::*;

/// The router's link marks an exact match by itself, and when that ends it takes along the mark that was handed in. Here
/// there is one mark, `current`.
#[component]
pub fn NavLink(
    #[props(into)] to: NavigationTarget,
    current: bool,
    #[props(default)] class: String,
    children: Element,
) -> Element {
    let href = to.to_string();
    let follow = move |event: MouseEvent| {
        // With a modifier the browser opens a tab or a window.
        if event.modifiers().is_empty() {
            event.prevent_default();
            navigator().push(to.clone());
        }
    };
    rsx! {
        a { class, href, aria_current: current.then_some("page"), onclick: follow, {children} }
    }
}
