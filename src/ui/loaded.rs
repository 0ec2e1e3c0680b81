//! Data that the server fetches for the first picture of a page and the browser takes over with it.

use dioxus::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::ErrorState;
use crate::platform::error::{AppError, Result};

/// Data on its way or there.
#[derive(Clone, Copy, PartialEq)]
pub struct Loaded {
    json: Resource<String>,
}

impl Loaded {
    /// What came; `None` while it is on its way again.
    pub fn get<T: DeserializeOwned>(self) -> Option<Result<T>> {
        let json = self.json.read();
        let text = json.as_ref()?;
        // From bytes, as server functions read their answers: from text it would be another decoder for each type.
        Some(serde_json::from_slice::<Result<T>>(text.as_bytes()).unwrap_or_else(|_| Err(AppError::unreadable())))
    }

    /// Shows what came, or that it did not and a way to try again. `what` was to be loaded, such as "Members".
    pub fn show<T: DeserializeOwned>(self, what: &str, show: impl FnOnce(T) -> Element) -> Element {
        match self.get::<T>() {
            Some(Ok(came)) => show(came),
            Some(Err(error)) => rsx! {
                ErrorState { title: "{what} could not be loaded", text: error.message, on_retry: move |()| self.reload() }
            },
            None => rsx! {},
        }
    }

    /// Fetches anew.
    pub fn reload(mut self) {
        self.json.restart();
    }
}

/// Runs a server function while the page is rendered and hands its answer on as JSON: the decoder is in the browser bundle
/// anyway, a second one for each type would be most of its weight.
pub fn use_loaded<T, F>(mut future: impl FnMut() -> F + 'static) -> Result<Loaded, RenderError>
where
    T: Serialize + 'static,
    F: Future<Output = Result<T>> + 'static,
{
    let json = use_server_future(move || {
        let answer = future();
        async move { serde_json::to_string(&answer.await).unwrap_or_default() }
    })?;
    Ok(Loaded { json })
}
