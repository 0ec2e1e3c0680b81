//! Enums with a name for each variant: in JSON, in the database and in URLs.
//!
//! A stored name that no variant has is an error, never a default.

/// Declares an enum whose variants have a name, and optionally words for people. In JSON it is its name. With `in "table.column"`
/// the server also reads it from and writes it to that column.
#[macro_export]
macro_rules! named_enum {
    (
        $(#[$doc:meta])*
        pub enum $type:ident $(in $($column:literal),+)? { $($(#[$of:meta])* $variant:ident = $name:tt, $words:literal;)+ }
    ) => {
        $crate::named_enum! {
            $(#[$doc])*
            pub enum $type $(in $($column),+)? { $($(#[$of])* $variant = $name;)+ }
        }

        impl $type {
            /// Returns the words for people.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)+ }
            }
        }
    };
    (
        $(#[$doc:meta])*
        pub enum $type:ident $(in $($column:literal),+)? { $($(#[$of:meta])* $variant:ident = $name:tt;)+ }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $type {
            $($(#[$of])* #[serde(rename = $name)] $variant,)+
        }

        impl $type {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        $(
            #[cfg(feature = "server")]
            impl $crate::platform::named_enum::Stored for $type {
                const COLUMNS: &'static [&'static str] = &[$($column),+];

                fn parse(name: &str) -> Option<Self> {
                    Self::from_name(name)
                }

                fn names() -> Vec<&'static str> {
                    Self::ALL.iter().map(|variant| variant.name()).collect()
                }
            }

            #[cfg(feature = "server")]
            impl<D: sqlx::Database> sqlx::Type<D> for $type
            where
                str: sqlx::Type<D>,
            {
                fn type_info() -> D::TypeInfo {
                    <str as sqlx::Type<D>>::type_info()
                }

                fn compatible(of: &D::TypeInfo) -> bool {
                    <str as sqlx::Type<D>>::compatible(of)
                }
            }

            #[cfg(feature = "server")]
            impl<'q, D: sqlx::Database> sqlx::Encode<'q, D> for $type
            where
                &'q str: sqlx::Encode<'q, D>,
            {
                fn encode_by_ref(
                    &self,
                    buffer: &mut D::ArgumentBuffer,
                ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                    self.name().encode_by_ref(buffer)
                }
            }

            #[cfg(feature = "server")]
            impl<'r, D: sqlx::Database> sqlx::Decode<'r, D> for $type
            where
                &'r str: sqlx::Decode<'r, D>,
            {
                fn decode(value: D::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                    $crate::platform::named_enum::parse(<&str as sqlx::Decode<D>>::decode(value)?)
                }
            }
        )?
    };
}

#[cfg(feature = "server")]
pub use stored::{List, Stored, parse};

#[cfg(feature = "server")]
mod stored {
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError;
    use sqlx::{Database, Decode, Encode, Type};

    /// Characters of an unknown name that an error repeats.
    const SHOWN_CHARS: usize = 40;

    /// An enum that the database stores by name.
    pub trait Stored: Copy + Sized + 'static {
        /// Where it is stored: `table.column`.
        const COLUMNS: &'static [&'static str];

        fn parse(name: &str) -> Option<Self>;

        fn names() -> Vec<&'static str>;
    }

    /// Reads a stored name.
    ///
    /// # Errors
    /// Names the column, its value and the valid values.
    pub fn parse<T: Stored>(name: &str) -> Result<T, BoxDynError> {
        T::parse(name).ok_or_else(|| {
            let (columns, names) = (T::COLUMNS.join(" or "), T::names().join(", "));
            let found: String = name.chars().take(SHOWN_CHARS).collect();
            format!("unknown value {found:?} in {columns}, which holds one of: {names}").into()
        })
    }

    /// Several of an enum in one column, separated by spaces.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct List<T>(pub Vec<T>);

    impl<D: Database, T: Stored> Type<D> for List<T>
    where
        str: Type<D>,
    {
        fn type_info() -> D::TypeInfo {
            <str as Type<D>>::type_info()
        }

        fn compatible(of: &D::TypeInfo) -> bool {
            <str as Type<D>>::compatible(of)
        }
    }

    impl<'q, D: Database, T: Stored + std::fmt::Display> Encode<'q, D> for List<T>
    where
        String: Encode<'q, D>,
    {
        fn encode_by_ref(&self, buffer: &mut D::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
            self.to_string().encode(buffer)
        }
    }

    impl<'r, D: Database, T: Stored> Decode<'r, D> for List<T>
    where
        &'r str: Decode<'r, D>,
    {
        fn decode(value: D::ValueRef<'r>) -> Result<Self, BoxDynError> {
            <&str as Decode<D>>::decode(value)?.split_whitespace().map(parse).collect::<Result<_, _>>().map(Self)
        }
    }

    impl<T: std::fmt::Display> std::fmt::Display for List<T> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let names: Vec<_> = self.0.iter().map(ToString::to_string).collect();
            f.write_str(&names.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    named_enum! {
        pub enum Color in "things.color" {
            Red = "red:warm", "Red";
            Blue = "blue", "Blue";
        }
    }

    #[test]
    fn names_are_the_same_everywhere() {
        for color in Color::ALL.iter().copied() {
            assert_eq!(Color::from_name(color.name()), Some(color));
            assert_eq!(serde_json::to_value(color).unwrap(), color.name());
            assert_eq!(serde_json::from_value::<Color>(color.name().into()).unwrap(), color);
            assert_eq!(color.to_string(), color.name());
        }
        assert_eq!((Color::Red.name(), Color::Red.words()), ("red:warm", "Red"));
        assert_eq!(Color::from_name("Red"), None);
    }

    #[cfg(feature = "server")]
    #[tokio::test]
    async fn unknown_names_are_errors_that_name_table_and_column() {
        use sqlx::Connection as _;

        use super::List;

        let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
        for (stored, list) in [("blue", "blue red:warm"), ("green", "red:warm green")] {
            let color = sqlx::query_scalar::<_, Color>("SELECT $1 AS color").bind(stored);
            let list = sqlx::query_scalar::<_, List<Color>>("SELECT $1 AS colors").bind(list);
            let color = color.fetch_one(&mut connection).await;
            let list = list.fetch_one(&mut connection).await;
            if stored == "blue" {
                assert_eq!((color.unwrap(), list.unwrap()), (Color::Blue, List(vec![Color::Blue, Color::Red])));
                continue;
            }
            let expected = "unknown value \"green\" in things.color, which holds one of: red:warm, blue";
            for error in [color.unwrap_err(), list.unwrap_err()] {
                assert!(error.to_string().ends_with(expected), "{error}");
            }
        }
        let written = sqlx::query_scalar::<_, String>("SELECT $1 || ' ' || $2").bind(Color::Red);
        let written = written.bind(List(vec![Color::Blue, Color::Red])).fetch_one(&mut connection).await.unwrap();
        assert_eq!(written, "red:warm blue red:warm");
    }
}
