//! A modal dialog: the browser's own, which traps the focus, makes the page behind it inert and returns the focus.

use dioxus::prelude::*;

use crate::platform::browser;

/// `class` and `label` are set on the dialog element. `on_close` is called on Esc, and, for a `light` dialog, on a
/// click beside it; the owner then removes the dialog.
#[component]
pub fn Dialog(
    label: String,
    #[props(default = "dialog".to_owned())] class: String,
    #[props(default)] light: bool,
    on_close: EventHandler<()>,
    children: Element,
) -> Element {
    use_focus_return();
    let close = move |event: KeyboardEvent| {
        if event.key() == Key::Escape {
            event.prevent_default();
            event.stop_propagation();
            on_close(());
        }
    };
    rsx! {
        dialog {
            class,
            "aria-label": label,
            "aria-modal": "true",
            onkeydown: close,
            onclick: move |event| {
                if light && is_beside(&event) {
                    on_close(());
                }
            },
            onmounted: move |mounted| show_modal(&mounted),
            {children}
        }
    }
}

/// Returns whether a click that reached the dialog was on its backdrop, which belongs to the dialog element.
fn is_beside(event: &MouseEvent) -> bool {
    #[cfg(feature = "web")]
    {
        use dioxus::web::WebEventExt;
        use wasm_bindgen::JsCast;
        let clicked = event.try_as_web_event().and_then(|event| event.target());
        let clicked = clicked.and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok());
        clicked.is_some_and(|dialog| {
            let (place, at) = (dialog.get_bounding_client_rect(), event.client_coordinates());
            at.x < place.left() || at.x > place.right() || at.y < place.top() || at.y > place.bottom()
        })
    }
    #[cfg(not(feature = "web"))]
    {
        let _ = event;
        false
    }
}

/// Returns the focus to the element that had it before. Otherwise removing an open dialog would lose it.
fn use_focus_return() {
    #[cfg(feature = "web")]
    {
        use wasm_bindgen::JsCast;
        let opener = use_hook(|| {
            let active = web_sys::window().and_then(|window| window.document()?.active_element());
            active.map(menu_button).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
        });
        use_drop(move || {
            // After the dialog is removed: before, everything behind it is inert and accepts no focus.
            dioxus::core::spawn_forever(async move {
                browser::sleep(0).await;
                if let Some(opener) = opener {
                    let _ = opener.focus();
                }
            });
        });
    }
}

/// Maximum number of frames to wait for a dialog to close.
const MAX_CLOSING_FRAMES: u32 = 120;

/// Waits until no dialog is open and the focus is back where it was.
pub async fn dialogs_closed() {
    for _ in 0..MAX_CLOSING_FRAMES {
        if !browser::shows("dialog[open]") {
            break;
        }
        browser::next_frame().await;
    }
    // The focus returns in its own task, which was queued before this one.
    browser::sleep(0).await;
}

/// Returns the button that opened a menu, for an item of the menu, which closes; else the element itself.
#[cfg(feature = "web")]
fn menu_button(element: web_sys::Element) -> web_sys::Element {
    let menu = element.closest("[popover]").ok().flatten();
    let button = menu.and_then(|menu| {
        let document = menu.owner_document()?;
        document.query_selector(&format!("[popovertarget=\"{}\"]", menu.id())).ok().flatten()
    });
    button.unwrap_or(element)
}

#[cfg(feature = "web")]
fn show_modal(mounted: &MountedEvent) {
    use dioxus::web::WebEventExt;
    use wasm_bindgen::JsCast;
    let dialog = mounted.try_as_web_event().and_then(|element| element.dyn_into::<web_sys::HtmlDialogElement>().ok());
    let Some(dialog) = dialog.filter(|dialog| dialog.show_modal().is_ok()) else { return };
    let first = dialog.query_selector("[data-autofocus]").ok().flatten();
    if let Some(first) = first.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = first.focus();
    }
}

#[cfg(not(feature = "web"))]
fn show_modal(_: &MountedEvent) {}
