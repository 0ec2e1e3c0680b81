//! Keys that are pressed anywhere in the page.

use dioxus::prelude::Modifiers;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, KeyboardEvent};

/// Where text is typed.
const FIELDS: &str = "input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=button], [type=submit]), \
    textarea, select, [contenteditable]";

/// Calls a function for each key, until it is dropped: with the name of the key, what is pressed beside it, and whether
/// a text is being typed. If it returns `true`, the key does nothing else. Not called while a dialog is open.
pub struct KeyListener(Closure<dyn FnMut(KeyboardEvent)>);

impl KeyListener {
    pub fn open(handle: impl Fn(&str, Modifiers, bool) -> bool + 'static) -> Self {
        let listener = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            let is_busy =
                event.default_prevented() || event.is_composing() || event.repeat() || super::shows("dialog[open]");
            if is_busy {
                return;
            }
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let is_in_field = target.is_some_and(|target| target.matches(FIELDS).unwrap_or(false));
            if handle(&event.key(), modifiers(&event), is_in_field) {
                event.prevent_default();
            }
        });
        if let Some(window) = web_sys::window() {
            let _ = window.add_event_listener_with_callback("keydown", listener.as_ref().unchecked_ref());
        }
        Self(listener)
    }
}

impl Drop for KeyListener {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            let _ = window.remove_event_listener_with_callback("keydown", self.0.as_ref().unchecked_ref());
        }
    }
}

fn modifiers(event: &KeyboardEvent) -> Modifiers {
    let mut modifiers = Modifiers::empty();
    modifiers.set(Modifiers::ALT, event.alt_key());
    modifiers.set(Modifiers::CONTROL, event.ctrl_key());
    modifiers.set(Modifiers::META, event.meta_key());
    modifiers.set(Modifiers::SHIFT, event.shift_key());
    modifiers
}

/// Returns whether this is a Mac, an iPhone or an iPad, where shortcuts have ⌘ instead of Ctrl.
pub fn is_apple() -> bool {
    let platform = web_sys::window().and_then(|window| window.navigator().platform().ok());
    platform.is_some_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
}
