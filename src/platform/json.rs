//! Request bodies: flat JSON, with errors that say what is wrong and where.

/// A JSON object. Its errors have our shape.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

/// The body of routes that accept none: anything sent is ignored.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBody;

#[cfg(feature = "server")]
mod server {
    use std::convert::Infallible;

    use axum::body::Bytes;
    use axum::extract::{FromRequest, Request};
    use axum::http::header::CONTENT_TYPE;
    use dioxus::fullstack::{ClientRequest, ClientResponse, IntoRequest, RequestError};
    use serde::{Serialize, de::DeserializeOwned};

    use super::{Body, NoBody};
    use crate::platform::error::{AppError, ErrorKind};
    use crate::platform::parsing::parse;

    // The macros require these on the server too, where nothing calls them: the browser's half is
    // `platform::routes::client`.
    impl<T: Serialize + DeserializeOwned + 'static> IntoRequest for Body<T> {
        async fn into_request(self, request: ClientRequest) -> Result<ClientResponse, RequestError> {
            request.send_json(&self.0).await
        }
    }

    impl IntoRequest for NoBody {
        async fn into_request(self, request: ClientRequest) -> Result<ClientResponse, RequestError> {
            request.send_empty_body().await
        }
    }

    impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
        type Rejection = AppError;

        async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
            if !is_json(&request) {
                return Err(AppError::new(
                    ErrorKind::UnsupportedMediaType,
                    "Send the body as JSON, with the header Content-Type: application/json.",
                ));
            }
            // Bodies that are too large don't reach this point.
            let bytes = Bytes::from_request(request, state).await.map_err(|_| AppError::cut_off())?;
            parse(&bytes).map(Self)
        }
    }

    fn is_json(request: &Request) -> bool {
        let Some(Ok(text)) = request.headers().get(CONTENT_TYPE).map(|value| value.to_str()) else { return false };
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
    }

    impl<S: Send + Sync> FromRequest<S> for NoBody {
        type Rejection = Infallible;

        async fn from_request(_: Request, _: &S) -> Result<Self, Infallible> {
            Ok(Self)
        }
    }
}
