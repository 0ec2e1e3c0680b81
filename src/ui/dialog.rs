//! A modal dialog: the browser's own, which traps the focus, makes the page behind it inert and gives the focus back.

use dioxus::prelude::*;

/// `class` and `label` are of the dialog element. `on_close` is called on Esc; the owner then takes the dialog away.
#[component]
pub fn Dialog(
    label: String,
    #[props(default = "dialog".to_owned())] class: String,
    on_close: EventHandler<()>,
    children: Element,
) -> Element {
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
            onmounted: move |mounted| show_modal(&mounted),
            {children}
        }
    }
}

#[cfg(feature = "web")]
fn show_modal(mounted: &MountedEvent) {
    use dioxus::web::WebEventExt;
    use wasm_bindgen::JsCast;
    let Some(dialog) =
        mounted.try_as_web_event().and_then(|element| element.dyn_into::<web_sys::HtmlDialogElement>().ok())
    else {
        return;
    };
    // Taking an open dialog out of the page leaves the focus nowhere, so its opener is noted and given the focus back.
    let opener = web_sys::window()
        .and_then(|window| window.document()?.active_element())
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if dialog.show_modal().is_err() {
        return;
    }
    spawn(async move {
        while dialog.is_connected() {
            super::browser::sleep(100).await;
        }
        if let Some(opener) = opener {
            let _ = opener.focus();
        }
    });
}

#[cfg(not(feature = "web"))]
fn show_modal(_: &MountedEvent) {}
