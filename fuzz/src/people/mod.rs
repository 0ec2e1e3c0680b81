pub mod contacts {
    #[path = "../../../../src/people/contacts/model.rs"]
    pub mod model;
}

/// Names of people are no target: only what other parsers take from there.
pub mod accounts {
    pub mod model {
        pub const NAME_MAX: usize = 100;

        pub fn is_bidi_control(c: char) -> bool {
            matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        }

        pub fn check_name(_: &str, text: &str) -> crate::platform::error::Result<String> {
            Ok(text.to_owned())
        }
    }
}
