//! Pages of a PDF, by `pdftoppm` and `pdfinfo` of Poppler.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use super::Reader;
use super::picture::start;
use crate::platform::sandbox::SandboxError;

/// Processor time of each program.
const COUNT_TIME: Duration = Duration::from_secs(1);
const PAGE_TIME: Duration = Duration::from_secs(4);
/// Private memory of each, in bytes.
const COUNT_MEMORY: u64 = 64_000_000;
const PAGE_MEMORY: u64 = 192_000_000;
const FACTS_MAX: u64 = 1_000_000;
/// Size of a page of 1600 × 1600 as JPEG.
const PAGE_MAX: u64 = 8_000_000;

/// Maximum bytes of a file that are searched for its encryption.
const SEARCHED_MAX: u64 = 200_000_000;
/// The entry of the trailer that describes a file's encryption (ISO 32000-2 §7.5.5). It is never encrypted or
/// compressed itself.
const ENCRYPTED: &[u8] = b"/Encrypt";

/// Returns whether a PDF declares that it is encrypted. Runs in the worker; the result is used only for a file that no
/// program could open.
pub fn names_encryption(file: &File) -> io::Result<bool> {
    let mut source = start(file)?.take(SEARCHED_MAX);
    let mut window = Vec::new();
    loop {
        let kept = window.len().saturating_sub(ENCRYPTED.len() - 1);
        window.drain(..kept);
        if source.by_ref().take(64 * 1024).read_to_end(&mut window)? == 0 {
            return Ok(false);
        }
        if memchr::memmem::find(&window, ENCRYPTED).is_some() {
            return Ok(true);
        }
    }
}

/// Returns the number of pages.
pub(super) async fn page_count(reader: &Reader<'_>, path: &Path) -> Result<Option<i32>, SandboxError> {
    let arguments = [OsStr::new("-enc"), OsStr::new("UTF-8"), path.as_os_str()];
    let answer = reader.run("pdfinfo", &arguments, path, COUNT_MEMORY, COUNT_TIME, FACTS_MAX).await?;
    let text = String::from_utf8_lossy(&answer);
    let count = text.lines().filter_map(|line| line.strip_prefix("Pages:")?.trim().parse().ok()).next_back();
    Ok(count.filter(|count| *count > 0))
}

/// Returns one page, from 1, as JPEG whose longer side has this many pixels, independent of the size that the page declares.
pub(super) async fn page(reader: &Reader<'_>, path: &Path, number: u32, side: u32) -> Result<Vec<u8>, SandboxError> {
    let (number, side) = (number.to_string(), side.to_string());
    let arguments = ["-f", &number, "-l", &number, "-singlefile", "-scale-to", &side, "-jpeg"];
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).chain([path.as_os_str()]).collect();
    let page = reader.run("pdftoppm", &arguments, path, PAGE_MEMORY, PAGE_TIME, PAGE_MAX).await?;
    if page.is_empty() { Err(SandboxError::Failed("pdftoppm")) } else { Ok(page) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn an_encrypted_document_is_detected_anywhere() {
        for at in [0, 65_530, 65_536, 200_000] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&vec![b'x'; at]).unwrap();
            file.write_all(b"trailer << /Encrypt 5 0 R >>").unwrap();
            assert!(names_encryption(&file).unwrap(), "{at}");
        }
        let mut open = tempfile::tempfile().unwrap();
        open.write_all(b"%PDF-1.7 trailer << /Root 1 0 R >>").unwrap();
        assert!(!names_encryption(&open).unwrap());
    }
}
