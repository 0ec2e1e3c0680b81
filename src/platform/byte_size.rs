//! Sizes in bytes, and how people read them.

use serde::{Deserialize, Serialize};

/// A number of bytes. In JSON a number; in both databases a 64-bit integer, of which a negative one is an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

impl ByteSize {
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Zero where `other` is larger.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// As people read it: see [`format_size`].
impl std::fmt::Display for ByteSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&format_size(self.0))
    }
}

impl std::iter::Sum for ByteSize {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), Self::plus)
    }
}

#[cfg(feature = "server")]
mod stored {
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError;
    use sqlx::{Database, Decode, Encode, Type};

    use super::ByteSize;

    impl<D: Database> Type<D> for ByteSize
    where
        i64: Type<D>,
    {
        fn type_info() -> D::TypeInfo {
            i64::type_info()
        }

        fn compatible(of: &D::TypeInfo) -> bool {
            i64::compatible(of)
        }
    }

    impl<'q, D: Database> Encode<'q, D> for ByteSize
    where
        i64: Encode<'q, D>,
    {
        fn encode_by_ref(&self, buffer: &mut D::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
            i64::try_from(self.0)?.encode(buffer)
        }
    }

    impl<'r, D: Database> Decode<'r, D> for ByteSize
    where
        i64: Decode<'r, D>,
    {
        fn decode(value: D::ValueRef<'r>) -> Result<Self, BoxDynError> {
            let bytes = i64::decode(value)?;
            u64::try_from(bytes).map(Self).map_err(|_| format!("{bytes} is not a size in bytes").into())
        }
    }
}

/// Formats a size such as `4.2 MB`: three digits at most, decimal units.
pub fn format_size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut size = bytes as f64 / 1000.0;
    while size >= 999.5 && unit < UNITS.len() - 1 {
        size /= 1000.0;
        unit += 1;
    }
    if size < 9.95 { format!("{size:.1} {}", UNITS[unit]) } else { format!("{size:.0} {}", UNITS[unit]) }
}

/// Formats progress such as `1.8 of 4.3 MB`. The unit appears once if both have the same.
pub fn format_progress(sent: u64, all: u64) -> String {
    let (sent, all) = (format_size(sent), format_size(all));
    match (sent.split_once(' '), all.split_once(' ')) {
        (Some((number, unit)), Some((_, of_all))) if unit == of_all => format!("{number} of {all}"),
        _ => format!("{sent} of {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{format_progress, format_size};

    #[test]
    fn progress_names_a_unit_once() {
        assert_eq!(format_progress(1_800_000, 4_300_000), "1.8 of 4.3 MB");
        assert_eq!(format_progress(640_000, 4_300_000), "640 kB of 4.3 MB");
        assert_eq!(format_progress(0, 4_300_000), "0 B of 4.3 MB");
    }

    #[test]
    fn sizes_read_well() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (182_000, "182 kB"),
            (999_600, "1.0 MB"),
            (4_200_000, "4.2 MB"),
            (24_600_000, "25 MB"),
            (2_000_000_000, "2.0 GB"),
        ] {
            assert_eq!(format_size(bytes), text);
        }
    }
}
