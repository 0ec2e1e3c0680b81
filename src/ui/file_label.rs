//! A file's name, cut in the middle so that its extension stays visible, and the tile for its type.

use dioxus::prelude::*;
use lucide_dioxus::{AudioLines, File, FileArchive, FileText, Film, Image};

use crate::platform::file_types::{self, Family};

/// Number of characters that stay at the end of a cut name.
const SUFFIX_CHARS: usize = 7;

/// Renders the name in two parts: the first is cut if it does not fit, the second never. Copied, they are one line.
#[component]
pub fn FileLabel(name: String) -> Element {
    let cut = name.char_indices().rev().nth(SUFFIX_CHARS).map_or(0, |(index, c)| index + c.len_utf8());
    let (head, tail) = name.split_at(cut);
    rsx! {
        bdi { class: "fname", title: "{name}", style: "--tail:{width(tail):.1}ch",
            span { "{head}" }
            span { "{tail}" }
        }
    }
}

/// Returns an upper bound of a text's width, in widths of the digit 0.
fn width(text: &str) -> f64 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ' ' => 0.5,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.5,
        'A'..='Z' => 1.2,
        _ if c.is_ascii() => 1.0,
        _ => 2.0,
    };
    text.chars().map(of).sum()
}

/// An icon and the extension, for a file without a picture.
#[component]
pub fn FileType(content_type: String, extension: String) -> Element {
    let short: String = extension.chars().take(4).collect::<String>().to_uppercase();
    let family = file_types::find(&content_type).map(|row| row.family);
    rsx! {
        span { class: "file-type", "aria-hidden": "true",
            match family {
                Some(Family::Picture) => rsx! {
                    Image { class: "icon" }
                },
                Some(Family::Video) => rsx! {
                    Film { class: "icon" }
                },
                Some(Family::Sound) => rsx! {
                    AudioLines { class: "icon" }
                },
                Some(Family::Archive) => rsx! {
                    FileArchive { class: "icon" }
                },
                Some(Family::Text | Family::Document) => rsx! {
                    FileText { class: "icon" }
                },
                _ => rsx! {
                    File { class: "icon" }
                },
            }
            "{short}"
        }
    }
}
