//! A link as a QR code (ISO/IEC 18004), drawn as SVG.

use std::fmt::Write;

use dioxus::prelude::*;
use qrcodegen::{QrCode as Code, QrCodeEcc};

/// Modules of the quiet zone around the code, by the standard.
const QUIET: i32 = 4;

/// Nothing for a text that is too long for a code.
#[component]
pub fn QrCode(text: String, label: String) -> Element {
    let Some((side, path)) = draw(&text) else { return rsx! {} };
    rsx! {
        svg {
            class: "qr-code",
            "data-component": "QrCode",
            role: "img",
            "aria-label": "{label}",
            view_box: "0 0 {side} {side}",
            "shape-rendering": "crispEdges",
            // Scanners want dark on light, in both themes.
            rect { width: "{side}", height: "{side}", fill: "#fff" }
            path { d: "{path}", fill: "#000" }
        }
    }
}

/// The side in modules, and the dark modules as a path.
fn draw(text: &str) -> Option<(i32, String)> {
    let code = Code::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Some((code.size() + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_code_with_its_finder_patterns() {
        let (side, path) = draw("https://files.example.com/r/Q7mXaTqkzv0yA9dTsmq1LxV6n4hD3cRzPpYgk2bWfE8").unwrap();
        assert_eq!((side - 2 * QUIET - 17) % 4, 0);
        // The outer corners of the three finder patterns are dark, the fourth corner's quiet zone is not.
        let far = side - QUIET - 1;
        for (x, y) in [(QUIET, QUIET), (far, QUIET), (QUIET, far)] {
            assert!(path.contains(&format!("M{x},{y}h1")), "{x} {y}");
        }
        assert!(!path.contains("M0,") && !path.contains(&format!("M{},", side - 1)));
        assert_eq!(draw(&"x".repeat(3000)), None);
    }
}
