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

/// Where local disk takes a part of an upload: `parts/{attachmentId}/{upload}/{number}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartKey {
    pub attachment: Uuid,
    pub upload: Uuid,
    /// From 1.
    pub number: u32,
}

impl fmt::Display for PartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parts/{}/{}/{}", self.attachment, self.upload, self.number)
    }
}

impl FromStr for PartKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let ["parts", attachment, upload, number] = text.split('/').collect::<Vec<_>>()[..] else { return Err(()) };
        let key = Self {
            attachment: Uuid::parse_str(attachment).map_err(|_| ())?,
            upload: Uuid::parse_str(upload).map_err(|_| ())?,
            number: number.parse().map_err(|_| ())?,
        };
        // Only the canonical spelling: one part has one key.
        (key.to_string() == text).then_some(key).ok_or(())
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
        let part = PartKey { attachment: a, upload: b, number: 7 };
        assert_eq!(part.to_string().parse(), Ok(part));
        for wrong in [format!("parts/{a}/{b}/07"), format!("parts/{a}/{b}/+7"), format!("parts/{a}/{b}/../7")] {
            assert_eq!(wrong.parse::<PartKey>(), Err(()), "{wrong}");
        }
        for wrong in
            ["", ".", "..", "../x", "staging/..", &format!("{a}/.."), &format!("{a}/"), &a.simple().to_string()]
        {
            assert_eq!(wrong.parse::<ObjectKey>(), Err(()), "{wrong}");
        }
    }
}
