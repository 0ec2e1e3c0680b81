//! Data that the server loads for the first render of a page and passes to the browser with it.

use std::io;

use dioxus::fullstack::Transportable;
use dioxus::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::ErrorState;
use crate::platform::error::{AppError, Result};

/// Effort of the compression, from 1 to 10.
#[cfg(feature = "server")]
const LEVEL: u8 = 4;

/// JSON that a page hands over. The framework writes each byte as a number of a list in Base64, about three characters,
/// so it is compressed.
struct Json(String);

impl Transportable for Json {
    fn transport_to_bytes(&self) -> Vec<u8> {
        #[cfg(feature = "server")]
        return miniz_oxide::deflate::compress_to_vec(self.0.as_bytes(), LEVEL);
        // The browser hands over nothing, and gets no compressor.
        #[cfg(not(feature = "server"))]
        Vec::new()
    }

    fn transport_from_bytes(bytes: &[u8]) -> Result<Self, ciborium::de::Error<io::Error>> {
        let json = miniz_oxide::inflate::decompress_to_vec(bytes).ok().and_then(|json| String::from_utf8(json).ok());
        json.map(Self).ok_or(ciborium::de::Error::Io(io::ErrorKind::InvalidData.into()))
    }
}

/// Loading or loaded data.
#[derive(Clone, Copy, PartialEq)]
pub struct Loaded {
    json: Resource<Json>,
}

impl Loaded {
    /// Returns the data; `None` while it reloads.
    pub fn get<T: DeserializeOwned>(self) -> Option<Result<T>> {
        let json = self.json.read();
        let text = json.as_ref()?;
        // From bytes, as server functions parse their responses: from text it would be another decoder for each type.
        Some(serde_json::from_slice::<Result<T>>(text.0.as_bytes()).unwrap_or_else(|_| Err(AppError::unreadable())))
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
        async move { Json(serde_json::to_string(&answer.await).unwrap_or_default()) }
    })?;
    Ok(Loaded { json })
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_hands_over_arrives() {
        for text in ["", "{\"Ok\":[\"猫\"]}", &"a row, ".repeat(9999)] {
            let bytes = Json(text.to_owned()).transport_to_bytes();
            assert_eq!(Json::transport_from_bytes(&bytes).map_err(|error| error.to_string()).unwrap().0, text);
            assert!(bytes.len() < text.len() / 10 + 60);
        }
        assert!(Json::transport_from_bytes(b"no").is_err());
    }
}
