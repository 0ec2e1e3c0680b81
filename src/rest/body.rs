//! Parsing of requests: bodies, queries and paths, with errors that name the field. Unknown fields are rejected.

use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserializer;
use serde::de::{DeserializeOwned, Unexpected, Visitor};

pub use crate::platform::json::Body as Json;
pub use crate::platform::parsing::{Object, Query, parse};

use crate::platform::error::{AppError, ErrorKind, Result};
use crate::platform::omitted::whole;

/// Parses an integer. In JSON Schema, 1.0 is one too.
pub fn whole_number<'de, D: Deserializer<'de>>(reader: D) -> Result<i64, D::Error> {
    struct Whole;

    impl Visitor<'_> for Whole {
        type Value = i64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<i64, E> {
            Ok(number)
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<i64, E> {
            i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
        }

        fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<i64, E> {
            whole(number).ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
        }
    }

    reader.deserialize_any(Whole)
}

/// An id in the path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| AppError::new(ErrorKind::MalformedRequest, "The ID in the path is not a UUID.").on("id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_may_be_spelled_with_a_fraction() {
        let read = |text: &str| whole_number(&mut serde_json::Deserializer::from_str(text)).ok();
        for (text, number) in [("1", 1), ("8217.0", 8217), ("-1", -1), ("1e3", 1000), ("9223372036854775807", i64::MAX)]
        {
            assert_eq!(read(text), Some(number), "{text}");
        }
        for wrong in ["1.5", "1e300", "9223372036854775808", "\"1\"", "null", "[]", "true"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
