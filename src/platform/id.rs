//! Typed ids: a channel's id can't be passed where a contact's is expected. All are UUIDv7, so they sort by time.

/// Returns the smallest id of a time: UUIDv7 begin with it (RFC 9562 §5.7), so that times become bounds of ids.
#[cfg(feature = "server")]
pub fn first_of(moment: super::timestamp::Timestamp) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(moment.0.max(0).unsigned_abs()) << 80)
}

/// Returns the time in a UUIDv7, the inverse of [`first_of`]. A row that is found by the time in its id is written with
/// this time: reading the clock again could return one millisecond more.
#[cfg(feature = "server")]
pub fn moment_of(id: uuid::Uuid) -> super::timestamp::Timestamp {
    super::timestamp::Timestamp(i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX))
}

/// Declares a newtype over [`uuid::Uuid`] that is transparent in JSON, in paths and in the database.
#[macro_export]
macro_rules! id_type {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "server", derive(sqlx::Type, utoipa::ToSchema), sqlx(transparent), schema(value_type = String, format = Uuid))]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use std::time::Duration;

    use super::{first_of, moment_of};
    use crate::platform::clock::Clock;

    #[test]
    fn ids_say_when_they_were_made_and_never_go_back() {
        let clock = Clock::default();
        let before = clock.now();
        let made: Vec<_> = (0..10_000).map(|_| clock.new_id()).collect();
        clock.rewind(Duration::from_secs(5));
        let later = clock.new_id();
        assert!(before <= moment_of(made[0]) && moment_of(made[9_999]) <= moment_of(later));
        assert!(made.is_sorted() && made[9_999] < later);
        for id in made {
            assert!(first_of(moment_of(id)) <= id && id < first_of(moment_of(id).plus(Duration::from_millis(1))));
        }
    }
}
