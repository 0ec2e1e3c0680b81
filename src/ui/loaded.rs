//! Data that the server loads for the first render of a page and passes to the browser with it.

use dioxus::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::ErrorState;
use crate::platform::error::{AppError, Result};

/// Loading or loaded data.
#[derive(Clone, Copy, PartialEq)]
pub struct Loaded {
    json: Resource<String>,
}

impl Loaded {
    /// Returns the data; `None` while it reloads.
    pub fn get<T: DeserializeOwned>(self) -> Option<Result<T>> {
        let json = self.json.read();
        let text = json.as_ref()?;
        // From bytes, as server functions parse their responses: from text it would be another decoder for each type.
        Some(serde_json::from_slice::<Result<T>>(text.as_bytes()).unwrap_or_else(|_| Err(AppError::unreadable())))
    }

    /// Shows the data, or an error with a retry. `what` names the data, such as "Members".
    pub fn show<T: DeserializeOwned>(self, what: &str, show: impl FnOnce(T) -> Element) -> Element {
        match self.get::<T>() {
            Some(Ok(came)) => show(came),
            Some(Err(error)) => rsx! {
                ErrorState { title: "{what} could not be loaded", text: error.message, on_retry: move |()| self.reload() }
            },
            None => rsx! {},
        }
    }

    /// Reloads the data.
    pub fn reload(mut self) {
        self.json.restart();
    }
}

/// Calls a server function while the page is rendered and passes its response as JSON: the decoder is in the browser
/// bundle anyway, a second one for each type would be most of its weight.
pub fn use_loaded<T, F>(mut future: impl FnMut() -> F + 'static) -> Result<Loaded, RenderError>
where
    T: Serialize + 'static,
    F: Future<Output = Result<T>> + 'static,
{
    let json = use_server_future(move || {
        // The framework moves it several times, on a stack that has no room for a few hundred kilobytes.
        let answer = Box::pin(future());
        async move { serde_json::to_string(&answer.await).unwrap_or_default() }
    })?;
    Ok(Loaded { json })
}
