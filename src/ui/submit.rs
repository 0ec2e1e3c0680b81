//! What forms and confirmations share: whether the server is still answering, and what was wrong.

use dioxus::prelude::*;

use super::field::FieldError;
use crate::platform::browser;
use crate::platform::error::{AppError, Result};

/// The state of a form or a confirmation.
#[derive(Clone, Copy, PartialEq)]
pub struct Submit {
    busy: Signal<bool>,
    error: Signal<Option<FieldError>>,
}

pub fn use_submit() -> Submit {
    Submit { busy: use_signal(|| false), error: use_signal(|| None) }
}

impl Submit {
    /// Returns whether a request is in progress. The button is disabled meanwhile.
    pub fn is_busy(self) -> bool {
        (self.busy)()
    }

    /// Returns what the server rejected last.
    pub fn error(self) -> Option<FieldError> {
        (self.error)()
    }

    /// Returns the message to show beside a field.
    pub fn error_on(self, field: &str) -> Option<String> {
        FieldError::on(self.error.read().as_ref(), field)
    }

    /// Returns the message to show below all fields: of an error that is on none of `fields`.
    pub fn other_error(self, fields: &[&str]) -> Option<String> {
        let error = self.error.read();
        let other = error.as_ref().filter(|error| !error.field.as_deref().is_some_and(|field| fields.contains(&field)));
        other.map(|error| error.message.clone())
    }

    /// Shows an error that was found without asking the server.
    pub fn reject(mut self, error: FieldError) {
        self.error.set(Some(error));
    }

    /// Sends a form. Returns the answer, or `None` if it was rejected, which is then shown.
    pub fn run<T>(mut self, request: impl Future<Output = Result<T, AppError>>) -> impl Future<Output = Option<T>> {
        let answer = self.track(request);
        async move {
            match answer.await {
                Ok(answer) => {
                    self.error.set(None);
                    Some(answer)
                }
                Err(error) => {
                    self.error.set(Some(error.into()));
                    None
                }
            }
        }
    }

    /// Sends a form after which another page is loaded. The button stays disabled until it is.
    pub fn run_and_leave<T>(
        mut self,
        request: impl Future<Output = Result<T, AppError>>,
        destination: &str,
    ) -> impl Future<Output = ()> {
        let answer = self.run(request);
        async move {
            if answer.await.is_some() {
                self.busy.set(true);
                browser::go_to(destination);
            }
        }
    }

    /// Sends a request whose error is shown elsewhere.
    pub fn track<T>(
        mut self,
        request: impl Future<Output = Result<T, AppError>>,
    ) -> impl Future<Output = Result<T, AppError>> {
        // Requests are large, and would be part of each component's own future.
        let request = Box::pin(request);
        async move {
            self.busy.set(true);
            let answer = request.await;
            self.busy.set(false);
            answer
        }
    }
}
