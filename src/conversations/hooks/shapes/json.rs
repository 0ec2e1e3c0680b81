//! JSON of other programs, within limits: any value may have any type, so readers ask for texts and lists and get none.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::platform::error::{AppError, ErrorKind, Result};

/// Maximum memory of a parsed body, in bytes, as estimated: a small body could be large in memory.
const MEMORY_MAX: usize = 8 * 1024 * 1024;
/// The estimated memory of a value, in bytes.
const VALUE: usize = 64;
/// The estimated memory of an object, in bytes.
const OBJECT: usize = 700;
/// Maximum number of items that are read of a list.
pub const ITEMS_MAX: usize = 100;

/// Parses a body. Nesting is limited to 127 levels by the parser.
///
/// # Errors
/// [`ErrorKind::MalformedRequest`] for a text that isn't JSON, [`ErrorKind::TooLarge`] for too many values.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    // Some Windows programs begin every text with a byte order mark, which RFC 8259 §8.1 allows to ignore.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let left = Cell::new(MEMORY_MAX);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Limited(&left).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        if left.get() == 0 {
            AppError::new(ErrorKind::TooLarge, "The JSON has too many values. Send less at a time.")
        } else {
            AppError::new(ErrorKind::MalformedRequest, format!("The body is not JSON: {error}."))
        }
    })
}

/// Reads a value within the remaining memory.
#[derive(Clone, Copy)]
struct Limited<'a>(&'a Cell<usize>);

impl Limited<'_> {
    fn take<E: Error>(self, memory: usize) -> Result<(), E> {
        let left = self.0.get().saturating_sub(memory);
        self.0.set(left);
        if left == 0 { Err(E::custom("too many values")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Limited<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.take(VALUE)?;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Limited<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(self)? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        self.take(OBJECT)?;
        let mut map = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(self)?;
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

/// Returns a text that isn't blank.
pub fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object[name].as_str().filter(|text| !text.trim().is_empty())
}

/// Returns the first of these texts.
pub fn first_text<'a>(object: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| text(object, name))
}

/// Returns the items of a list, at most 100.
pub fn items<'a>(object: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    object[name].as_array().into_iter().flatten().take(ITEMS_MAX)
}

/// Returns a text, number or boolean as text.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_deep_bodies_are_rejected() {
        let objects = format!("[{}{{}}]", "{\"\":0},".repeat(20_000));
        let numbers = format!("[{}0]", "0,".repeat(400_000));
        for many in [objects, numbers] {
            assert_eq!(parse(many.as_bytes()).unwrap_err().kind, ErrorKind::TooLarge);
        }
        let deep = [vec![b'['; 500_000], vec![b']'; 500_000]].concat();
        assert_eq!(parse(&deep).unwrap_err().kind, ErrorKind::MalformedRequest);
        assert!(parse(format!("[{}0]", "0,".repeat(10_000)).as_bytes()).is_ok());
    }

    #[test]
    fn json_is_read_as_it_is() {
        for text in [r#"{"a":[1,-2,2.5,"x",true,null,{}]}"#, "[]", "null", "\"x\"", "18446744073709551615"] {
            assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
        for wrong in ["", "{", "{} {}", "nonsense", "{\"a\":}", "\"\\ud800\"", "1e999"] {
            assert_eq!(parse(wrong.as_bytes()).unwrap_err().kind, ErrorKind::MalformedRequest, "{wrong}");
        }
    }
}
