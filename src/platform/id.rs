//! Typed ids: a channel's id cannot be handed in where a contact's is wanted. All are UUIDv7, so they sort by time.

/// The smallest id that can be made at a moment: UUIDv7 begin with it (RFC 9562 §5.7), so that times become bounds of ids.
#[cfg(feature = "server")]
pub fn first_of(moment: super::timestamp::Timestamp) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(moment.0.max(0).unsigned_abs()) << 80)
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
