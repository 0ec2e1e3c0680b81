//! Lists in requests: each has a maximum, which is checked during parsing. For `#[serde(deserialize_with = "…")]`.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

use serde::de::{Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Maximum number of members that one request sets for a channel or a contact.
pub const MEMBERS_MAX: usize = 2000;
/// Maximum of lists that have a lower maximum, which is checked later with a specific error.
pub const VALUES_MAX: usize = 1000;

/// Reads at most `MAX` values.
pub fn at_most<'de, const MAX: usize, D, T>(reader: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    reader.deserialize_seq(AtMost::<T, MAX>(PhantomData))
}

/// Reads at most `MAX` values or null.
pub fn at_most_or_none<'de, const MAX: usize, D, T>(reader: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Wrapped<T, const MAX: usize>(Vec<T>);

    impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Wrapped<T, MAX> {
        fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
            at_most::<MAX, D, T>(reader).map(Self)
        }
    }

    Ok(Option::<Wrapped<T, MAX>>::deserialize(reader)?.map(|list| list.0))
}

/// Reads at most `MAX` values and removes duplicates, keeping the order.
pub fn distinct<'de, const MAX: usize, D, T>(reader: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Clone + Eq + Hash,
{
    at_most::<MAX, D, T>(reader).map(once)
}

/// Removes duplicates, keeping the order.
pub fn once<T: Clone + Eq + Hash>(mut values: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::with_capacity(values.len());
    values.retain(|value| seen.insert(value.clone()));
    values
}

struct AtMost<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for AtMost<T, MAX> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while list.len() < MAX {
            match values.next_element()? {
                Some(value) => list.push(value),
                None => return Ok(list),
            }
        }
        match values.next_element::<IgnoredAny>()? {
            Some(_) => Err(A::Error::custom(format!("it has more than {MAX} values, and {MAX} is the maximum"))),
            None => Ok(list),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Request {
        #[serde(deserialize_with = "distinct::<5, _, _>")]
        ids: Vec<u8>,
        #[serde(default, deserialize_with = "at_most_or_none::<2, _, _>")]
        maybe: Option<Vec<u8>>,
    }

    proptest! {
        #[test]
        fn long_lists_are_rejected_and_duplicates_removed(ids in prop::collection::vec(0_u8..4, 0..12)) {
            let read = serde_json::from_value::<Request>(serde_json::json!({ "ids": ids }));
            prop_assert_eq!(read.is_ok(), ids.len() <= 5);
            if let Ok(request) = read {
                let mut expected: Vec<u8> = Vec::new();
                for id in ids {
                    if !expected.contains(&id) {
                        expected.push(id);
                    }
                }
                prop_assert_eq!(request.ids, expected);
                prop_assert!(request.maybe.is_none());
            }
        }
    }

    #[test]
    fn the_refusal_names_the_maximum() {
        let error = serde_json::from_str::<Request>(r#"{"ids": [], "maybe": [1, 2, 3]}"#).unwrap_err();
        assert!(error.to_string().contains("2 is the maximum"), "{error}");
        assert_eq!(serde_json::from_str::<Request>(r#"{"ids": [], "maybe": null}"#).unwrap().maybe, None);
    }
}
