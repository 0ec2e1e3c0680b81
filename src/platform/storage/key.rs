//! Object keys, made from typed ids in this one place and never from what a user typed.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The name of an object in the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectKey {
    /// A stored attachment: `{attachmentId}`.
    Attachment(Uuid),
    /// An upload under way: `staging/{attachmentId}/{try}`. Each try has its own, so a slow old one cannot overwrite a new one.
    Staging(Uuid, Uuid),
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attachment(id) => write!(f, "{id}"),
            Self::Staging(id, attempt) => write!(f, "staging/{id}/{attempt}"),
        }
    }
}

impl FromStr for ObjectKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let id = |part: &str| {
            // Only the canonical spelling: one object has one key.
            Uuid::parse_str(part).ok().filter(|id| id.to_string() == part).ok_or(())
        };
        match text.split('/').collect::<Vec<_>>()[..] {
            [attachment] => Ok(Self::Attachment(id(attachment)?)),
            ["staging", attachment, attempt] => Ok(Self::Staging(id(attachment)?, id(attempt)?)),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for key in [ObjectKey::Attachment(a), ObjectKey::Staging(a, b)] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for wrong in
            ["", ".", "..", "../x", "staging/..", &format!("{a}/.."), &format!("{a}/"), &a.simple().to_string()]
        {
            assert_eq!(wrong.parse::<ObjectKey>(), Err(()), "{wrong}");
        }
    }
}
