//! Enums with a name for each variant: in JSON, in the database and in URLs.

/// Declares an enum whose variants have a name, and optionally words for people. In JSON it is its name.
#[macro_export]
macro_rules! named_enum {
    (
        $(#[$doc:meta])*
        pub enum $type:ident { $($(#[$of:meta])* $variant:ident = $name:literal, $words:literal;)+ }
    ) => {
        $crate::named_enum! {
            $(#[$doc])*
            pub enum $type { $($(#[$of])* $variant = $name;)+ }
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
        pub enum $type:ident { $($(#[$of:meta])* $variant:ident = $name:literal;)+ }
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
    };
}

#[cfg(test)]
mod tests {
    named_enum! {
        pub enum Color {
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
}
