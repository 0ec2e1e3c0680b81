//! Optional fields of requests that create something. For `#[serde(deserialize_with = "…")]`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a value; null and an empty text count as omitted, because many programs send every field that they know.
pub fn or_none<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    reader.deserialize_any(LeftOut(PhantomData))
}

/// Reads a value that has a default in the same way.
pub fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(reader: D) -> Result<T, D::Error> {
    or_none(reader).map(Option::unwrap_or_default)
}

/// Reads a list of at most `MAX` values in the same way.
pub fn or_empty<'de, const MAX: usize, D: Deserializer<'de>, T: Deserialize<'de>>(
    reader: D,
) -> Result<Vec<T>, D::Error> {
    or_none::<D, List<T, MAX>>(reader).map(|list| list.map(|list| list.0).unwrap_or_default())
}

struct List<T, const MAX: usize>(Vec<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        super::lists::at_most::<MAX, D, T>(reader).map(Self)
    }
}

struct LeftOut<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for LeftOut<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<T>, E> {
        if text.is_empty() { Ok(None) } else { T::deserialize(text.into_deserializer()).map(Some) }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Option<T>, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Option<T>, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Option<T>, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Option<T>, E> {
        match whole(value) {
            Some(value) => self.visit_i64(value),
            None => T::deserialize(value.into_deserializer()).map(Some),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Option<T>, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(values)).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, values: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(values)).map(Some)
    }
}

/// Returns an integer that is written with a fraction, such as 1.0: in JSON Schema it is one. Up to 2^53 a float represents
/// integers exactly.
pub fn whole(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
    is_whole.then(|| format!("{number:.0}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[derive(Debug, PartialEq, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Input {
        #[serde(deserialize_with = "or_none")]
        title: Option<String>,
        #[serde(deserialize_with = "or_default")]
        saved: bool,
        #[serde(deserialize_with = "or_none")]
        channel: Option<Uuid>,
        #[serde(deserialize_with = "or_empty::<2, _, _>")]
        list: Vec<u8>,
    }

    #[test]
    fn an_integer_may_be_written_with_a_fraction() {
        let read = |text: &str| or_none::<_, i64>(&mut serde_json::Deserializer::from_str(text)).ok();
        assert_eq!((read("411.0"), read("-1.0"), read("4e2")), (Some(Some(411)), Some(Some(-1)), Some(Some(400))));
        assert_eq!((read("411.5"), read("1e300")), (None, None));
    }

    #[test]
    fn null_and_an_empty_text_are_omitted() {
        let read = |text: &str| serde_json::from_str::<Input>(text).map_err(|error| error.to_string());
        for omitted in ["null", "\"\""] {
            for field in ["title", "saved", "channel", "list"] {
                assert_eq!(read(&format!("{{\"{field}\":{omitted}}}")), Ok(Input::default()), "{field} {omitted}");
            }
        }
        let id = "019f8000-0000-7000-8000-000000000000";
        let all = read(&format!(r#"{{"title":" ","saved":true,"channel":"{id}","list":[1,2]}}"#)).unwrap();
        let channel = Some(id.parse().unwrap());
        assert_eq!(all, Input { title: Some(" ".to_owned()), saved: true, channel, list: vec![1, 2] });
        for wrong in
            [r#"{"title":1}"#, r#"{"saved":"yes"}"#, r#"{"channel":"x"}"#, r#"{"list":[1,2,3]}"#, r#"{"list":{}}"#]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
