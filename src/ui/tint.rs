//! Tints that distinguish things: eight, each with a text color that is readable on it in light and in dark.

use uuid::Uuid;

use crate::named_enum;

named_enum! {
    #[cfg_attr(feature = "server", derive(utoipa::ToSchema), schema(as = Color))]
    pub enum Tint in "channels.color" {
        Clay = "clay";
        Amber = "amber";
        Olive = "olive";
        Moss = "moss";
        Teal = "teal";
        Sky = "sky";
        Iris = "iris";
        Rose = "rose";
    }
}

impl Tint {
    /// Returns the default tint of an id.
    pub fn of(id: Uuid) -> Self {
        Self::ALL[usize::from(id.as_bytes()[15]) % Self::ALL.len()]
    }

    /// Returns background and text color on light pages, as in `styles/tokens.css`: for pictures outside of the page.
    pub const fn on_light(self) -> (&'static str, &'static str) {
        match self {
            Self::Clay => ("#fcdfd5", "#6f3e2c"),
            Self::Amber => ("#f4e3cd", "#654617"),
            Self::Olive => ("#e5e9cf", "#4c521d"),
            Self::Moss => ("#d7edda", "#2c5837"),
            Self::Teal => ("#cdeeeb", "#005a56"),
            Self::Sky => ("#d1ebfb", "#1a5370"),
            Self::Iris => ("#e3e4fd", "#494774"),
            Self::Rose => ("#fadde9", "#6b3b53"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tints_are_those_of_the_style_sheet() {
        let tokens = include_str!("styles/tokens.css");
        for tint in Tint::ALL.iter().copied() {
            assert_eq!(Tint::from_name(tint.name()), Some(tint));
            assert_eq!(serde_json::to_value(tint).unwrap(), tint.name());
            let (ground, ink) = tint.on_light();
            for (name, color) in [(tint.name().to_owned(), ground), (format!("{}-ink", tint.name()), ink)] {
                assert!(tokens.contains(&format!("--color-id-{name}: light-dark({color},")), "{name}");
            }
        }
    }
}
