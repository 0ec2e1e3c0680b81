//! Reading requests: bodies, queries and paths whose refusal names the field.

use std::fmt;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use crate::platform::error::{AppError, ErrorKind, Result};

/// A JSON body whose type refuses unknown fields.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if !is_json(&request) {
            return Err(AppError::new(
                ErrorKind::UnsupportedMediaType,
                "Send the body as JSON, with the header Content-Type: application/json.",
            ));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| AppError::new(ErrorKind::MalformedRequest, "The body was cut off. Send it again."))?;
        parse(&bytes).map(Self)
    }
}

fn is_json(request: &Request) -> bool {
    let Some(Ok(text)) = request.headers().get(CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A JSON object. A derived reader takes a list of its fields' values too, which no document describes.
#[derive(Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields))
            }
        }

        reader.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

/// Reads a JSON object; the error says what is wrong and in which field.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // Some programs of Windows begin every text so (RFC 8259 §8.1 allows to pass over it).
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        // Null in place of a name is an error of syntax to the reader, though it is JSON.
        let is_json = || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        if inner.is_data() || is_json() { wrong_field(&path, &inner.to_string()) } else { not_json(&inner) }
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> AppError {
    AppError::new(ErrorKind::MalformedRequest, format!("The body is not JSON: {error}."))
}

/// `path` is where reading stopped, such as `attachments[0].mediaType`; `reason` is serde's.
fn wrong_field(path: &str, reason: &str) -> AppError {
    let reason = reason.split(" at line ").next().unwrap_or(reason);
    let parent = path.trim_end_matches('.').trim_end_matches('?').trim_end_matches('.');
    let named = |name: &str| match parent {
        "" => name.to_owned(),
        // An unknown field is at the end of its own path; a missing one is not.
        _ if parent == name || parent.ends_with(&format!(".{name}")) => parent.to_owned(),
        _ => format!("{parent}.{name}"),
    };
    let quoted = reason.split('`').nth(1).unwrap_or_default();
    let is_about = |start: &str| reason.starts_with(start) && !quoted.is_empty();
    let field = if is_about("unknown field") || is_about("missing field") || is_about("duplicate field") {
        named(quoted)
    } else {
        parent.to_owned()
    };
    let error = AppError::new(
        ErrorKind::MalformedRequest,
        match field.as_str() {
            "" => format!("The body cannot be read: {reason}."),
            field => format!("{field} cannot be read: {reason}."),
        },
    );
    if field.is_empty() { error } else { error.on(&field) }
}

/// To JSON Schema 1.0 is an integer too.
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
            // Up to 2^53 a float tells whole numbers apart.
            let is_whole = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
            let whole = is_whole.then(|| format!("{number:.0}").parse().ok()).flatten();
            whole.ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
        }
    }

    reader.deserialize_any(Whole)
}

/// The query of the URL, whose type refuses unknown parameters.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(reader).map(Self).map_err(|error| {
            let path = error.path().to_string();
            wrong_field(&path, &error.into_inner().to_string())
        })
    }
}

/// An id in the path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| AppError::new(ErrorKind::MalformedRequest, "The id in the path is no UUID.").on("id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        a_name: Option<String>,
        kind: Option<Kind>,
        #[serde(default)]
        list: Vec<Object<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        One,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        size: u8,
    }

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

    #[track_caller]
    fn field_of(text: &str) -> String {
        let error = parse::<Outer>(text.as_bytes()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::MalformedRequest);
        error.field.unwrap_or_default()
    }

    #[test]
    fn the_field_at_fault_is_named() {
        assert_eq!(field_of(r#"{"aName": 1}"#), "aName");
        assert_eq!(field_of(r#"{"other": 1}"#), "other");
        assert_eq!(field_of(r#"{"kind": 1}"#), "kind");
        assert_eq!(field_of(r#"{"kind": "Two"}"#), "kind");
        assert!(parse::<Outer>(br#"{"kind": "One"}"#).is_ok());
        assert!(parse::<Outer>("\u{feff}{}".as_bytes()).is_ok());
        assert_eq!(field_of(r#"{"aName": "a", "aName": "b"}"#), "aName");
        assert_eq!(field_of(r#"{"list": [{"size": 1}, {"size": "x"}]}"#), "list[1].size");
        assert_eq!(field_of(r#"{"list": [{}]}"#), "list[0].size");
        assert_eq!(field_of(r#"{"list": [{"size": 1, "x": 2}]}"#), "list[0].x");
        assert_eq!(field_of(r#"{"list": {}}"#), "list");
        assert_eq!(field_of(r#"{"list": [[1]]}"#), "list[0]");
        for no_json in ["", "{", "[]", "null", "{}{}", "[null, []]", "{\"aName\": \"\u{1}\"}", "nonsense"] {
            assert_eq!(field_of(no_json), "", "{no_json}");
        }
    }
}
