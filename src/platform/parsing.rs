//! Parsing of JSON and queries, with errors that name the field and the problem, in one way for all routes.

use std::fmt;
use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::error::{AppError, ErrorKind, Result};

/// A JSON object. A derived deserializer would also accept a list of its fields' values, which the API does not
/// document.
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

/// Parses a JSON object; the error names the field and the problem.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // Some Windows programs begin every text with a byte order mark, which RFC 8259 §8.1 allows to ignore.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        // The parser reports null in place of a name as a syntax error, although it is JSON.
        let is_json = || serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        if inner.is_data() || is_json() { wrong_field("body", &path, &inner.to_string()) } else { not_json(&inner) }
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> AppError {
    AppError::new(ErrorKind::MalformedRequest, format!("The body is not JSON: {error}."))
}

/// Builds the error for an invalid field of `what`; `path` is where parsing stopped, such as
/// `attachments[0].mediaType`; `reason` is serde's.
fn wrong_field(what: &str, path: &str, reason: &str) -> AppError {
    let reason = reason.split(" at line ").next().unwrap_or(reason);
    let parent = path.trim_end_matches('.').trim_end_matches('?').trim_end_matches('.');
    let named = |name: &str| match parent {
        "" => name.to_owned(),
        // The path of an unknown field ends with the field; that of a missing one does not.
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
    let (field, reason) = (shorten(&field), shorten(reason.trim_end_matches('.')));
    let error = AppError::new(
        ErrorKind::MalformedRequest,
        match field.as_str() {
            "" => format!("The {what} cannot be read: {reason}."),
            field => format!("{field} cannot be read: {reason}."),
        },
    );
    if field.is_empty() { error } else { error.on(&field) }
}

/// Shortens an error that contains the client's input, which may be long. Keeps the beginning, and the end, which says
/// what was expected.
fn shorten(text: &str) -> String {
    const MAX_QUOTED: usize = 100;
    let count = text.chars().count();
    if count <= 2 * MAX_QUOTED {
        return text.to_owned();
    }
    text.chars().take(MAX_QUOTED).chain(['…']).chain(text.chars().skip(count - MAX_QUOTED)).collect()
}

/// Parses the parameters of a URL; the error names the parameter and the problem.
pub fn parse_query<'de, T, R>(reader: R) -> Result<T>
where
    T: Deserialize<'de>,
    R: Deserializer<'de, Error: fmt::Display>,
{
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let path = error.path().to_string();
        wrong_field("query of the URL", &path, &error.into_inner().to_string())
    })
}

/// The query of the URL.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        parse_query(reader).map(Self)
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
    fn a_long_value_is_not_said_back() {
        let long = "x".repeat(70_000);
        for body in
            [format!("{{\"kind\": \"{long}\"}}"), format!("{{\"{long}\": 1}}"), format!("{{\"list\": \"{long}\"}}")]
        {
            let error = parse::<Outer>(body.as_bytes()).unwrap_err();
            assert!(
                error.message.len() < 600 && error.field.is_some_and(|field| field.len() < 250),
                "{}",
                error.message
            );
        }
        let error = parse::<Outer>(format!("{{\"list\": \"{long}\"}}").as_bytes()).unwrap_err();
        assert!(error.message.ends_with("xxx\", expected a sequence."), "{}", error.message);
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
