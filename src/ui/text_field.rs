//! Text fields: their text, caret, and insertion. On the server each function does nothing.

#[cfg(feature = "web")]
use crate::platform::browser::{find, focus};

#[cfg(feature = "web")]
fn text_area(selector: &str) -> Option<web_sys::HtmlTextAreaElement> {
    find(selector)
}

/// Returns the text before the caret in a text area.
pub fn text_before_caret(selector: &str) -> Option<String> {
    #[cfg(feature = "web")]
    {
        let field = text_area(selector)?;
        // Positions are in UTF-16 units, as in JavaScript.
        let caret = field.selection_start().ok().flatten()?;
        let text: Vec<_> = field.value().encode_utf16().take(caret as usize).collect();
        Some(String::from_utf16_lossy(&text))
    }
    #[cfg(not(feature = "web"))]
    {
        let _ = selector;
        None
    }
}

/// Inserts a text into a text area, replacing the selection and this many UTF-16 units before it, so that Ctrl+Z undoes
/// it. Returns the whole text.
pub fn put_at_caret(selector: &str, replaced: usize, text: &str) -> Option<String> {
    #[cfg(feature = "web")]
    {
        let field = text_area(selector)?;
        let start = field.selection_start().ok().flatten()?;
        let end = field.selection_end().ok().flatten()?;
        let start = start.checked_sub(u32::try_from(replaced).ok()?)?;
        field.set_selection_range(start, end).ok()?;
        if !focus_to_type(selector) || !insert_text(text) {
            let units: Vec<_> = field.value().encode_utf16().collect();
            let (before, after) = (units.get(..start as usize)?, units.get(end as usize..)?);
            let put: Vec<_> = before.iter().copied().chain(text.encode_utf16()).collect();
            let caret = u32::try_from(put.len()).ok()?;
            field.set_value(&String::from_utf16_lossy(&[&put, after].concat()));
            field.set_selection_range(caret, caret).ok()?;
        }
        Some(field.value())
    }
    #[cfg(not(feature = "web"))]
    {
        let _ = (selector, replaced, text);
        None
    }
}

/// Focuses a field. Returns whether typed text goes there: not while a dialog is open.
pub fn focus_to_type(selector: &str) -> bool {
    #[cfg(feature = "web")]
    {
        focus(selector);
        let active = web_sys::window().and_then(|window| window.document()?.active_element());
        active.is_some_and(|active| active.matches(selector).unwrap_or(false))
    }
    #[cfg(not(feature = "web"))]
    {
        let _ = selector;
        true
    }
}

/// Makes the browser itself type a text at the focus. Nothing else keeps the history of Ctrl+Z.
#[cfg(feature = "web")]
fn insert_text(text: &str) -> bool {
    use wasm_bindgen::{JsCast, JsValue};
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return false };
    let command = js_sys::Reflect::get(&document, &"execCommand".into());
    let command = command.ok().and_then(|command| command.dyn_into::<js_sys::Function>().ok());
    let done =
        command.and_then(|command| command.call3(&document, &"insertText".into(), &JsValue::FALSE, &text.into()).ok());
    done.is_some_and(|done| done.is_truthy())
}

/// Selects a file's name in a field, without its extension.
pub fn select_stem(selector: &str) {
    #[cfg(feature = "web")]
    if let Some(field) = find::<web_sys::HtmlInputElement>(selector) {
        let name = field.value();
        let stem = name.rfind('.').filter(|place| *place > 0).unwrap_or(name.len());
        let stem = u32::try_from(name[..stem].encode_utf16().count()).unwrap_or(0);
        let _ = field.set_selection_range(0, stem);
    }
    #[cfg(not(feature = "web"))]
    let _ = selector;
}

/// Returns whether a key belongs to an input method that composes a word. Safari ends the composition before its last
/// key, which then has only the code 229.
pub fn is_composing(event: &dioxus::events::KeyboardEvent) -> bool {
    #[cfg(feature = "web")]
    {
        use dioxus::web::WebEventExt;
        if event.try_as_web_event().is_some_and(|event| event.key_code() == 229) {
            return true;
        }
    }
    event.data().is_composing()
}
