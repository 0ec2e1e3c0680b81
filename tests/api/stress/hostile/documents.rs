//! PDF (ISO 32000) and SVG.

use std::fmt::Write;

use super::{Kind, deflated, kind};

const PDF: &str = "application/pdf";

pub const KINDS: &[Kind] = &[
    kind("nested arrays and dictionaries", PDF, |random| {
        let depth = random.between(1_000, 1_000_000);
        let (open, close): (&str, &str) = *random.pick(&[("[", "]"), ("<</A", ">>")]);
        pdf(&[CATALOG, PAGES, &page(&format!("/Junk {}{}", open.repeat(depth), close.repeat(depth))), ""], &[])
    }),
    kind("a document of many pages", PDF, |random| {
        let count = random.between(10_000, 100_000);
        let kids = "3 0 R ".repeat(count);
        pdf(&[CATALOG, &format!("<</Type/Pages/Count {count}/Kids[{kids}]>>"), &page("/MediaBox[0 0 9 9]"), ""], &[])
    }),
    kind("pages that are their own parents", PDF, |_| {
        pdf(&[CATALOG, "<</Type/Pages/Count 2000000000/Kids[2 0 R 2 0 R]/Parent 2 0 R>>", "", ""], &[])
    }),
    kind("a huge page", PDF, |random| {
        let side = *random.pick(&["14400", "2000000", "1e38"]);
        pdf(
            &[CATALOG, PAGES, &page(&format!("/MediaBox[0 0 {side} {side}]/UserUnit 75000/Contents 4 0 R")), ""],
            b"0 0 m 9 9 l S",
        )
    }),
    kind("a content that inflates", PDF, |random| {
        let bomb = deflated(random.between(20_000_000, 150_000_000));
        let filter = if random.percent(50) { "/FlateDecode" } else { "[/FlateDecode/FlateDecode]" };
        let head = format!("<</Length {}/Filter{filter}>>", bomb.len());
        pdf(&[CATALOG, PAGES, &page("/Contents 4 0 R"), &head], &bomb)
    }),
    kind("drawing without end", PDF, |random| {
        let forms = "/F Do ".repeat(random.between(10, 5_000));
        let head = format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 4 0 R>>>>/Length {}>>",
            forms.len()
        );
        pdf(&[CATALOG, PAGES, &page("/Contents 4 0 R/Resources<</XObject<</F 4 0 R>>>>"), &head], forms.as_bytes())
    }),
    kind("a picture of gigapixels in a document", PDF, |_| {
        let head =
            "<</Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB/Length 4>>";
        pdf(&[CATALOG, PAGES, &page("/Contents 4 0 R/Resources<</XObject<</F 4 0 R>>>>"), head], b"/F Do")
    }),
    kind("tables of objects that loop", PDF, |random| {
        let mut bytes = pdf(&[CATALOG, PAGES, &page(""), ""], &[]);
        let at = bytes.len();
        let count = random.between(1, 100_000);
        let end = format!(
            "xref\n0 {count}\ntrailer<</Size {count}/Root 1 0 R/Prev {at}/XRefStm {at}>>\nstartxref\n{at}\n%%EOF\n"
        );
        bytes.extend(end.repeat(random.between(1, 2_000)).as_bytes());
        bytes
    }),
    kind("SVG of entities", "image/svg+xml", |_| {
        let mut text = String::from("<!DOCTYPE svg [<!ENTITY a0 \"gps\">");
        for level in 1..30 {
            let again = format!("&a{};", level - 1).repeat(10);
            write!(text, "<!ENTITY a{level} \"{again}\">").expect("it is a string");
        }
        text.push_str("]><svg xmlns='http://www.w3.org/2000/svg' width='1e9' height='1e9'><text>&a29;</text></svg>");
        text.into_bytes()
    }),
];

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R>>";
const PAGES: &str = "<</Type/Pages/Count 1/Kids[3 0 R]>>";

fn page(with: &str) -> String {
    format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]{with}>>")
}

/// Returns objects by their numbers, the last one with a stream.
pub fn pdf(objects: &[&str], stream: &[u8]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", bytes.len()).expect("it is a string");
        bytes.extend(format!("{} 0 obj\n{object}\n", index + 1).as_bytes());
        if index + 1 == objects.len() {
            bytes.extend([b"stream\n", stream, b"\nendstream\n"].concat());
        }
        bytes.extend(b"endobj\n");
    }
    let at = bytes.len();
    let end = format!("{table}trailer<</Size {}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n", objects.len() + 1);
    bytes.extend(end.as_bytes());
    bytes
}

/// Returns a valid document, to be mangled.
pub fn plain() -> Vec<u8> {
    pdf(&[CATALOG, PAGES, &page("/Contents 4 0 R"), "<</Length 13>>"], b"0 0 m 9 9 l S")
}
