//! Documents that are a zip (APPNOTE.TXT) or an OLE compound file ([MS-CFB]), identified by their entries.

use super::evidence::{contains, u16_le, u32_le};

const ENTRY: &[u8] = b"PK\x03\x04";
/// Maximum number of zip entries that are inspected.
const ENTRIES: usize = 200;
/// The flag of an entry whose size follows its bytes.
const SIZE_FOLLOWS: u16 = 8;
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

pub const ZIP: &str = "application/zip";
pub const OLE_NAME: &str = "application/x-ole-storage";

/// Returns name and bytes of the entries, as far as they are present.
fn entries(start: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = start;
    let entries = std::iter::from_fn(move || {
        let head = rest.get(..30).filter(|head| head.starts_with(ENTRY))?;
        let (name_length, extra) = (usize::from(u16_le(head, 26)?), usize::from(u16_le(head, 28)?));
        let name = rest.get(30..30 + name_length)?;
        let data = rest.get(30 + name_length + extra..).unwrap_or_default();
        let length = if u16_le(head, 6)? & SIZE_FOLLOWS != 0 {
            data.windows(4).position(|window| window == ENTRY).unwrap_or(data.len())
        } else {
            usize::try_from(u32_le(head, 18)?).unwrap_or(usize::MAX).min(data.len())
        };
        let (data, after) = data.split_at(length);
        rest = after;
        Some((name, data))
    });
    entries.take(ENTRIES)
}

/// Returns the MIME name of a zip.
pub fn zip_name(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(b"PK\x05\x06") || start.starts_with(b"PK\x07\x08") {
        return Some(ZIP);
    }
    let (mut found, mut is_jar, mut is_first) = (None, false, true);
    if !start.starts_with(ENTRY) {
        return None;
    }
    for (name, data) in entries(start) {
        if is_first && name == b"mimetype" {
            return Some(named(data));
        }
        is_first = false;
        is_jar |= name == b"META-INF/MANIFEST.MF";
        found = found.or(match name {
            b"AndroidManifest.xml" => Some("application/vnd.android.package-archive"),
            _ if name.starts_with(b"word/") => Some(DOCX),
            _ if name.starts_with(b"xl/") => Some(XLSX),
            _ if name.starts_with(b"ppt/") => Some(PPTX),
            _ => None,
        });
    }
    Some(found.unwrap_or(if is_jar { "application/java-archive" } else { ZIP }))
}

pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
pub const ODT: &str = "application/vnd.oasis.opendocument.text";
pub const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
pub const ODP: &str = "application/vnd.oasis.opendocument.presentation";
pub const ODG: &str = "application/vnd.oasis.opendocument.graphics";
pub const EPUB: &str = "application/epub+zip";
pub const ORA: &str = "image/openraster";

/// Returns the type that the entry `mimetype` names (OASIS `OpenDocument` 1.3 part 2 §3.3, EPUB OCF §4.3). Its bytes
/// may run into the next entry.
fn named(data: &[u8]) -> &'static str {
    [ODT, ODS, ODP, ODG, EPUB, ORA].into_iter().find(|name| data.starts_with(name.as_bytes())).unwrap_or(ZIP)
}

/// Returns the MIME name of a compound file.
pub fn ole_name(start: &[u8]) -> Option<&'static str> {
    if !start.starts_with(OLE) {
        return None;
    }
    // Names in its directory are UTF-16, the class of an installer is a GUID.
    Some(if contains(start, b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0") {
        "application/msword"
    } else if contains(start, b"W\0o\0r\0k\0b\0o\0o\0k\0") {
        "application/vnd.ms-excel"
    } else if contains(start, b"P\0o\0w\0e\0r\0P\0o\0i\0n\0t\0 \0D\0o\0c\0") {
        "application/vnd.ms-powerpoint"
    } else if contains(start, b"_\0_\0s\0u\0b\0s\0t\0g\x001\0.\x000\0") {
        "application/vnd.ms-outlook"
    } else if contains(start, b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46") {
        "application/x-msi"
    } else {
        OLE_NAME
    })
}
