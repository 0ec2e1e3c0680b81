//! Avatars: a contact is round, a member square; the tint comes from the id.

use dioxus::prelude::*;
use lucide_dioxus::UserRound;
use uuid::Uuid;

use super::pictures::use_picture;
use super::tint::Tint;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AvatarKind {
    Contact,
    Member,
}

/// Returns the first letters of the first and the last word; none for a phone number.
pub fn initials(name: &str) -> String {
    let words: Vec<_> =
        name.split_whitespace().filter_map(|word| word.chars().next()).filter(|c| c.is_alphabetic()).collect();
    match words[..] {
        [] => String::new(),
        [only] => only.to_uppercase().to_string(),
        [first, .., last] => first.to_uppercase().chain(last.to_uppercase()).collect(),
    }
}

/// `size` is one of 20, 24, 28, 32, 48, 72 pixels; `picture` is the one at page load: a newer one replaces it
/// automatically.
#[component]
pub fn Avatar(
    kind: AvatarKind,
    id: Uuid,
    name: String,
    picture: Option<String>,
    #[props(default = 32)] size: u32,
) -> Element {
    let picture = use_picture(id, picture);
    let tint = Tint::of(id).name();
    let kind = match kind {
        AvatarKind::Contact => "contact",
        AvatarKind::Member => "member",
    };
    let letters = initials(&name);
    rsx! {
        span { class: "avatar avatar-{size} id-{tint}", "data-kind": kind, "aria-hidden": "true",
            if let Some(picture) = picture {
                img { src: "{picture}", alt: "", width: "{size}", height: "{size}", draggable: false }
            } else if letters.is_empty() {
                UserRound { class: "icon" }
            } else {
                "{letters}"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_of_names() {
        assert_eq!(initials("Jane van der Doe"), "JD");
        assert_eq!(initials("bob"), "B");
        assert_eq!(initials("+1 (555) 987-0021"), "");
        assert_eq!(initials("élodie ßmith"), "ÉSS");
    }
}
