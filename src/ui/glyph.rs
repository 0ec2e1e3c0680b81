//! Icons for buckets and programs: derived from a name, the same on every page, and as a standalone SVG. The drawings
//! are Lucide's (ISC license).

use dioxus::prelude::*;

use super::tint::Tint;

/// Lines on a square of 24, as SVG path data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph(&'static [&'static str]);

const CAMERA: Glyph = Glyph(&[
    "M16.75 12h3.632a1 1 0 0 1 .894 1.447l-2.034 4.069a1 1 0 0 1-1.708.134l-2.124-2.97",
    "M17.106 9.053a1 1 0 0 1 .447 1.341l-3.106 6.211a1 1 0 0 1-1.342.447L3.61 12.3a2.92 2.92 0 0 1-1.3-3.91L3.69 5.6a2.92 2.92 0 0 1 3.92-1.3z",
    "M2 19h3.76a2 2 0 0 0 1.8-1.1L9 15",
    "M2 21v-4",
    "M7 9h.01",
]);
const GAUGE: Glyph = Glyph(&["m12 14 4-4", "M3.34 19a10 10 0 1 1 17.32 0"]);
const DATABASE: Glyph = Glyph(&[
    "M3 5a9 3 0 1 0 18 0a9 3 0 1 0-18 0",
    "M3 12a9 3 0 0 0 5 2.69",
    "M21 9.3V5",
    "M3 5v14a9 3 0 0 0 6.47 2.88",
    "M12 12v4h4",
    "M13 20a5 5 0 0 0 9-3 4.5 4.5 0 0 0-4.5-4.5c-1.33 0-2.54.54-3.41 1.41L12 16",
]);
const THERMOMETER: Glyph = Glyph(&["M14 4v10.54a4 4 0 1 1-4 0V4a2 2 0 0 1 4 0Z"]);
const SIREN: Glyph = Glyph(&[
    "M7 18v-6a5 5 0 1 1 10 0v6",
    "M5 21a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-1a2 2 0 0 0-2-2H7a2 2 0 0 0-2 2z",
    "M21 12h1",
    "M18.5 4.5 18 5",
    "M2 12h1",
    "M12 2v1",
    "m4.929 4.929.707.707",
    "M12 12v6",
]);
const ROCKET: Glyph = Glyph(&[
    "M12 15v5s3.03-.55 4-2c1.08-1.62 0-5 0-5",
    "M4.5 16.5c-1.5 1.26-2 5-2 5s3.74-.5 5-2c.71-.84.7-2.13-.09-2.91a2.18 2.18 0 0 0-2.91-.09",
    "M9 12a22 22 0 0 1 2-3.95A12.88 12.88 0 0 1 22 2c0 2.72-.78 7.5-6 11a22.4 22.4 0 0 1-4 2z",
    "M9 12H4s.55-3.03 2-4c1.62-1.08 5 .05 5 .05",
]);
const TERMINAL: Glyph = Glyph(&["M12 19h8", "m4 17 6-6-6-6"]);
const BELL: Glyph = Glyph(&[
    "M10.268 21a2 2 0 0 0 3.464 0",
    "M3.262 15.326A1 1 0 0 0 4 17h16a1 1 0 0 0 .74-1.673C19.41 13.956 18 12.499 18 8A6 6 0 0 0 6 8c0 4.499-1.411 5.956-2.738 7.326",
]);
const ZAP: Glyph = Glyph(&[
    "M15.914 4a1.5 1.5 0 00-2.474-1.561l-9 9A1.5 1.5 0 005.5 14h4.002a.5.5 0 01.471.666L8.086 20a1.5 1.5 0 002.475 1.56l9-9A1.5 1.5 0 0018.5 10h-3.997a.5.5 0 01-.472-.667z",
]);
const ACTIVITY: Glyph = Glyph(&[
    "M22 12h-2.48a2 2 0 0 0-1.93 1.46l-2.35 8.36a.25.25 0 0 1-.48 0L9.24 2.18a.25.25 0 0 0-.48 0l-2.35 8.36A2 2 0 0 1 4.49 12H2",
]);
const ANTENNA: Glyph = Glyph(&["M2 12 7 2", "m7 12 5-10", "m12 12 5-10", "m17 12 5-10", "M4.5 7h15", "M12 16v6"]);
const WEBHOOK: Glyph = Glyph(&[
    "M18 16.98h-5.99c-1.1 0-1.95.94-2.48 1.9A4 4 0 0 1 2 17c.01-.7.2-1.4.57-2",
    "m6 17 3.13-5.78c.53-.97.1-2.18-.5-3.1a4 4 0 1 1 6.89-4.06",
    "m12 6 3.13 5.73C15.66 12.7 16.9 13 18 13a4 4 0 0 1 0 8",
]);

/// Words with a matching icon.
const NAMED: [(&str, Glyph); 16] = [
    ("camera", CAMERA),
    ("door", CAMERA),
    ("video", CAMERA),
    ("backup", DATABASE),
    ("database", DATABASE),
    ("temperature", THERMOMETER),
    ("weather", THERMOMETER),
    ("monitor", GAUGE),
    ("meter", GAUGE),
    ("sensor", GAUGE),
    ("alarm", SIREN),
    ("alert", SIREN),
    ("deploy", ROCKET),
    ("release", ROCKET),
    ("build", TERMINAL),
    ("server", TERMINAL),
];

/// Neutral icons for all other names.
const PLAIN: [Glyph; 5] = [BELL, ZAP, ACTIVITY, ANTENNA, WEBHOOK];

impl Glyph {
    /// Returns the icon for a name. The same name always has the same icon.
    pub fn of(name: &str) -> Self {
        let folded = name.to_lowercase();
        if let Some((_, glyph)) = NAMED.iter().find(|(word, _)| folded.contains(word)) {
            return *glyph;
        }
        let sum = folded.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        PLAIN[sum % PLAIN.len()]
    }

    /// Returns the icon as an SVG document. It contains no user input.
    pub fn picture(self, tint: Tint) -> String {
        let (ground, ink) = tint.on_light();
        let lines: String = self.0.iter().flat_map(|line| ["<path d=\"", line, "\"/>"]).collect();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"96\" height=\"96\" viewBox=\"0 0 48 48\">\
             <rect width=\"48\" height=\"48\" rx=\"10\" fill=\"{ground}\"/>\
             <g transform=\"translate(12 12)\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"1.75\" \
             stroke-linecap=\"round\" stroke-linejoin=\"round\">{lines}</g></svg>"
        )
    }
}

/// A square with a picture or an icon, such as a bucket's. `size` is 20, 32 or 48 pixels.
#[component]
pub fn GlyphTile(name: String, tint: Tint, picture: Option<String>, #[props(default = 32)] size: u32) -> Element {
    let Glyph(lines) = Glyph::of(&name);
    rsx! {
        span { class: "avatar avatar-{size} id-{tint.name()}", "data-kind": "bucket", "aria-hidden": "true",
            if let Some(picture) = picture {
                img { src: "{picture}", alt: "", width: "{size}", height: "{size}", draggable: false }
            } else {
                svg {
                    class: if size < 32 { "icon icon-14" } else { "icon" },
                    view_box: "0 0 24 24",
                    for line in lines.iter().copied() {
                        path { key: "{line}", d: line }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_and_keep_their_sign() {
        assert_eq!(Glyph::of("Door camera"), CAMERA);
        assert_eq!(Glyph::of("Nightly BACKUP"), DATABASE);
        assert_eq!(Glyph::of("Boiler monitor"), GAUGE);
        assert_eq!(Glyph::of("котельная"), Glyph::of("Котельная"));
        assert!(PLAIN.contains(&Glyph::of("Shop")));
        assert!(PLAIN.contains(&Glyph::of("")));
    }

    #[test]
    fn pictures_differ_by_name_and_by_tint_and_hold_no_script() {
        let picture = Glyph::of("Door camera").picture(Tint::Iris);
        assert_eq!(picture, Glyph::of("Door camera").picture(Tint::Iris));
        assert_ne!(picture, Glyph::of("Door camera").picture(Tint::Clay));
        assert_ne!(picture, Glyph::of("Backup").picture(Tint::Iris));
        assert!(picture.starts_with("<svg ") && picture.contains("#e3e4fd") && !picture.contains("script"));
    }
}
