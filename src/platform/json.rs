//! The body of a request: flat JSON, read with an error that says what is wrong and where.

/// A JSON body. Differs from axum's in its errors alone: they have the shape that all of ours have.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

/// For routes that take no body: whatever is sent is passed over.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBody;

#[cfg(feature = "server")]
mod server {
    use std::convert::Infallible;

    use axum::extract::{FromRequest, Request, rejection::JsonRejection};
    use dioxus::fullstack::{ClientRequest, ClientResponse, IntoRequest, RequestError};
    use serde::{Serialize, de::DeserializeOwned};

    use super::{Body, NoBody};
    use crate::platform::error::{AppError, ErrorKind};

    // The macros ask for these on the server too, where nobody calls them: the browser's half is `platform::routes::client`.
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
            match axum::Json::<T>::from_request(request, state).await {
                Ok(axum::Json(value)) => Ok(Self(value)),
                Err(JsonRejection::MissingJsonContentType(_)) => Err(AppError::new(
                    ErrorKind::UnsupportedMediaType,
                    "Send the body as JSON, with the header Content-Type: application/json.",
                )),
                Err(JsonRejection::BytesRejection(rejection)) if rejection.status() == 413 => {
                    Err(AppError::new(ErrorKind::TooLarge, "The body is over 2 MB. Send less at a time."))
                }
                Err(rejection) => Err(AppError::new(ErrorKind::MalformedRequest, rejection.body_text())),
            }
        }
    }

    impl<S: Send + Sync> FromRequest<S> for NoBody {
        type Rejection = Infallible;

        async fn from_request(_: Request, _: &S) -> Result<Self, Infallible> {
            Ok(Self)
        }
    }
}
