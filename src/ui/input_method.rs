//! Input methods in text fields.

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
