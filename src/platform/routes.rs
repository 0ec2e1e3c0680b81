//! Server functions: the macros that declare them, and their implementation in the browser.
//!
//! `#[get]`, `#[post]` and the others write both halves against the crate `dioxus_fullstack`. Its client accepts every
//! kind of body, header and stream, and was a tenth of the first load. Our bodies are flat JSON, so [`client`] replaces
//! it in the browser.
//!
//! Import as `{dioxus_fullstack, *}`: only by its name does it take precedence over the crate.

pub use dioxus::prelude::{delete, get, patch, post, put};

#[cfg(feature = "server")]
pub use {dioxus::server as dioxus_server, server as dioxus_fullstack};

#[cfg(not(feature = "server"))]
pub use client as dioxus_fullstack;

#[cfg(not(feature = "server"))]
pub use client::send_bytes;

/// Sends bytes from the browser, and returns the JSON of the response. On the server it never returns, because no file is
/// picked there.
#[cfg(feature = "server")]
pub async fn send_bytes<T>(_path: &str, _bytes: Vec<u8>) -> crate::platform::error::Result<T> {
    std::future::pending().await
}

/// The macros' names on the server, with a query parser that names the invalid parameter.
#[cfg(feature = "server")]
pub mod server {
    pub use ::dioxus_fullstack::*;

    pub mod payloads {
        use axum::extract::FromRequestParts;
        use axum::http::request::Parts;
        use axum::response::{IntoResponse, Response};
        use serde::de::DeserializeOwned;

        use crate::platform::error::{AppError, ErrorKind};
        use crate::platform::parsing::parse_query;

        /// The query of the URL. Empty parameters are omitted.
        pub struct Query<T>(pub T);

        /// Marks a response: the macros parse the query before they authenticate the caller, but a caller without a
        /// session gets that error first.
        #[derive(Clone)]
        pub struct BadQuery(AppError);

        impl IntoResponse for BadQuery {
            fn into_response(self) -> Response {
                let mut response = self.0.clone().into_response();
                response.extensions_mut().insert(self);
                response
            }
        }

        impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
            type Rejection = BadQuery;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, BadQuery> {
                let query = parts.uri.query().unwrap_or_default();
                let reader = serde_qs::Deserializer::new(query.as_bytes()).map_err(|error| {
                    let message = format!("The query of the URL cannot be read: {error}.");
                    BadQuery(AppError::new(ErrorKind::MalformedRequest, message))
                })?;
                parse_query(reader).map(Self).map_err(BadQuery)
            }
        }
    }
}

/// The macros' names in the browser: one request with JSON in both directions.
#[cfg(not(feature = "server"))]
pub mod client {
    use std::cell::Cell;
    use std::future::{Ready, ready};
    use std::marker::PhantomData;

    pub use ::dioxus_fullstack::{
        EncodeRequest, ExtractRequest, FullstackContext, MakeAxumError, MakeAxumResponse, RequestDecodeErr,
        RequestDecodeResult, assert_is_result, const_format, http, serde,
    };
    use ::serde::{Serialize, de::DeserializeOwned};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use serde_json::{Map, Value};
    use uuid::Uuid;

    use crate::platform::error::{AppError, ErrorKind, Result};
    use crate::platform::json::{Body, NoBody};
    use crate::platform::read_only::note_write;

    pub fn assert_can_encode((): ()) {}

    pub fn assert_can_decode((): ()) {}

    /// Method and path of a request.
    pub struct ClientRequest {
        method: http::Method,
        url: String,
    }

    impl ClientRequest {
        pub fn new(method: http::Method, path: String, query: &impl Serialize) -> Self {
            Self { method, url: with_query(path, &serde_json::to_vec(query).unwrap_or_default()) }
        }
    }

    /// Appends a query from a flat JSON object. `null` values are omitted.
    fn with_query(mut url: String, query: &[u8]) -> String {
        let mut separator = '?';
        for (name, value) in serde_json::from_slice::<Map<String, Value>>(query).unwrap_or_default() {
            let value = match value {
                Value::Null => continue,
                Value::String(text) => text,
                value => value.to_string(),
            };
            url.push(separator);
            url.push_str(&name);
            url.push('=');
            url.extend(utf8_percent_encode(&value, NON_ALPHANUMERIC));
            separator = '&';
        }
        url
    }

    /// The arguments of a server function other than path and query.
    pub trait Arguments {
        fn into_json(self) -> Option<String>;
    }

    impl Arguments for () {
        fn into_json(self) -> Option<String> {
            None
        }
    }

    impl Arguments for (NoBody,) {
        fn into_json(self) -> Option<String> {
            None
        }
    }

    impl<T: Serialize> Arguments for (Body<T>,) {
        fn into_json(self) -> Option<String> {
            serde_json::to_string(&self.0.0).ok()
        }
    }

    pub struct ServerFnEncoder<Named, Taken>(PhantomData<(Named, Taken)>);

    impl<Named, Taken: Arguments> ServerFnEncoder<Named, Taken> {
        #[expect(clippy::new_without_default, reason = "the macros call it new")]
        pub fn new() -> Self {
            Self(PhantomData)
        }

        pub fn verify_can_serialize(&self) {}

        pub fn fetch_client<F: FnOnce(Named) -> Taken>(
            &self,
            request: ClientRequest,
            named: Named,
            take: F,
        ) -> impl Future<Output = Result<String>> + use<Named, Taken, F> {
            exchange(request, take(named).into_json().map(Content::Json))
        }
    }

    pub struct ServerFnDecoder<T>(PhantomData<T>);

    impl<T: DeserializeOwned> ServerFnDecoder<Result<T>> {
        #[expect(clippy::new_without_default, reason = "the macros call it new")]
        pub fn new() -> Self {
            Self(PhantomData)
        }

        pub fn verify_can_deserialize(&self) {}

        pub fn decode_client_response(&self, answer: Result<String>) -> Ready<Result<String>> {
            ready(answer)
        }

        pub fn decode_client_err(&self, answer: Result<String>) -> Ready<Result<T>> {
            // From bytes: from text it would be another decoder for each type.
            ready(answer.and_then(|json| serde_json::from_slice(json.as_bytes()).map_err(|_| AppError::unreadable())))
        }
    }

    thread_local! {
        /// The session and the member that opened the page.
        static PAGE_IDENTITY: Cell<Option<(Uuid, Uuid)>> = const { Cell::new(None) };
    }

    /// Sets the session and the member that each later request names. The server rejects requests if they are no longer
    /// current.
    pub fn set_page_identity(session: Uuid, member: Uuid) {
        PAGE_IDENTITY.set(Some((session, member)));
    }

    /// Sends bytes as they are, and returns the JSON of the response.
    pub async fn send_bytes<T: DeserializeOwned>(path: &str, bytes: Vec<u8>) -> Result<T> {
        let request = ClientRequest { method: http::Method::POST, url: path.to_owned() };
        let answer = exchange(request, Some(Content::Bytes(bytes))).await;
        answer.and_then(|json| serde_json::from_slice(json.as_bytes()).map_err(|_| AppError::unreadable()))
    }

    /// The body of a request.
    enum Content {
        Json(String),
        Bytes(Vec<u8>),
    }

    /// Not generic, so that it is in the bundle once.
    async fn exchange(request: ClientRequest, body: Option<Content>) -> Result<String> {
        let is_write = request.method.as_str() != "GET";
        match fetch(request, body).await {
            Ok(Answer { status: 200..=299, text, .. }) => {
                if is_write {
                    note_write(false);
                }
                Ok(text)
            }
            Ok(Answer { status, text, retry_after }) => {
                let error = AppError::from_answer(status, text, retry_after);
                if error.kind == ErrorKind::ReadOnly {
                    note_write(true);
                }
                if error.kind == ErrorKind::SessionChanged {
                    crate::platform::browser::reload();
                }
                Err(error)
            }
            Err(_) => Err(AppError::no_answer()),
        }
    }

    struct Answer {
        status: u16,
        text: String,
        /// Seconds.
        retry_after: Option<u32>,
    }

    async fn fetch(request: ClientRequest, body: Option<Content>) -> Result<Answer, wasm_bindgen::JsValue> {
        use wasm_bindgen::JsCast;
        use wasm_bindgen_futures::JsFuture;
        use web_sys::{Headers, RequestInit, Response};

        let init = RequestInit::new();
        init.set_method(request.method.as_str());
        let headers = Headers::new()?;
        if let Some((session, member)) = PAGE_IDENTITY.get() {
            headers.append("X-Attache-Session", &session.to_string())?;
            headers.append("X-Attache-Member", &member.to_string())?;
        }
        match body {
            Some(Content::Json(json)) => {
                headers.append("Content-Type", "application/json")?;
                init.set_body(&json.into());
            }
            Some(Content::Bytes(bytes)) => {
                headers.append("Content-Type", "application/octet-stream")?;
                init.set_body(&js_sys::Uint8Array::from(bytes.as_slice()).into());
            }
            None => {}
        }
        init.set_headers(&headers);
        let window = web_sys::window().ok_or(wasm_bindgen::JsValue::NULL)?;
        let response: Response =
            JsFuture::from(window.fetch_with_str_and_init(&request.url, &init)).await?.dyn_into()?;
        let text = JsFuture::from(response.text()?).await?;
        let retry_after = response.headers().get("Retry-After")?.and_then(|seconds| seconds.trim().parse().ok());
        Ok(Answer { status: response.status(), text: text.as_string().unwrap_or_default(), retry_after })
    }
}
