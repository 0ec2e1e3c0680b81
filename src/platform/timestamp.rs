//! Points in time in UTC, with milliseconds.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime};
use uuid::Uuid;

/// Milliseconds since 1970-01-01T00:00:00Z. RFC 3339 in JSON; in both databases a 64-bit integer, because SQLite compares
/// textual times letter by letter and would put `…00Z` after `…00.5Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "server", derive(sqlx::Type), sqlx(transparent))]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub fn to_date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Returns when an id, a `UUIDv7`, was created.
    pub fn of_id(id: Uuid) -> Self {
        let (seconds, nanos) = id.get_timestamp().map_or((0, 0), |made| made.to_unix());
        Self(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000) + i64::from(nanos / 1_000_000))
    }

    #[must_use]
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    #[must_use]
    pub fn minus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Formats the time in UTC, with a fixed length, as spreadsheets parse dates and as texts sort: `2026-01-05
    /// 09:30:00.500`.
    #[cfg(feature = "server")]
    pub fn for_spreadsheets(self) -> String {
        let at = self.to_date_time();
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute, second) = at.to_hms();
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{:03}", at.millisecond())
    }

    /// Formats the time, always with milliseconds, so that texts sort by time. Written by hand, because the formats of
    /// `time` would be 20 kB of the browser bundle.
    pub fn to_rfc3339(self) -> String {
        let at = self.to_date_time();
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute, second) = at.to_hms();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", at.millisecond())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339).map_err(serde::de::Error::custom)?;
        i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).map(Self).map_err(serde::de::Error::custom)
    }
}

/// Parses a day such as `2025-11-18`. Written by hand for the same reason.
pub fn parse_day(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let mut part = |length| {
        let digits = parts.next()?;
        (digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
    };
    let (year, month, day) = (part(4)?.parse().ok()?, part(2)?.parse::<u8>().ok()?, part(2)?.parse().ok()?);
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_json() {
        let moment = Timestamp(1_763_712_000_123);
        let json = serde_json::to_string(&moment).unwrap();
        assert_eq!(json, "\"2025-11-21T08:00:00.123Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), moment);
    }

    #[test]
    fn a_day_is_one_of_the_calendar() {
        assert_eq!(parse_day("2024-02-29").unwrap().to_string(), "2024-02-29");
        for wrong in
            ["2025-02-29", "2025-13-01", "25-01-01", "2025-1-1", "2025-01-011", "+025-01-01", "2025-01", "", "today"]
        {
            assert_eq!(parse_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_always_have_three_decimals() {
        for (milliseconds, text) in
            [(0, "1970-01-01T00:00:00.000Z"), (500, "1970-01-01T00:00:00.500Z"), (10, "1970-01-01T00:00:00.010Z")]
        {
            assert_eq!(Timestamp(milliseconds).to_rfc3339(), text);
        }
    }
}
