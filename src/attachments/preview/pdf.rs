//! Pages of a PDF, by `pdftoppm` and `pdfinfo` of Poppler.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use super::Reader;
use crate::platform::sandbox::SandboxError;

/// Processor time of each program.
const COUNT_TIME: Duration = Duration::from_secs(1);
const PAGE_TIME: Duration = Duration::from_secs(4);
/// Private memory of each, in bytes.
const COUNT_MEMORY: u64 = 64_000_000;
const PAGE_MEMORY: u64 = 192_000_000;
const FACTS_MAX: u64 = 1_000_000;
/// A page of 1600 × 1600 as JPEG.
const PAGE_MAX: u64 = 8_000_000;

/// How many pages there are.
pub async fn page_count(reader: &Reader<'_>, path: &Path) -> Result<Option<i32>, SandboxError> {
    let arguments = [OsStr::new("-enc"), OsStr::new("UTF-8"), path.as_os_str()];
    let answer = reader.run("pdfinfo", &arguments, path, COUNT_MEMORY, COUNT_TIME, FACTS_MAX).await?;
    let text = String::from_utf8_lossy(&answer);
    let count = text.lines().filter_map(|line| line.strip_prefix("Pages:")?.trim().parse().ok()).next_back();
    Ok(count.filter(|count| *count > 0))
}

/// One page, from 1, as JPEG whose longer side has so many pixels, however large the page says it is.
pub async fn page(reader: &Reader<'_>, path: &Path, number: u32, side: u32) -> Result<Vec<u8>, SandboxError> {
    let (number, side) = (number.to_string(), side.to_string());
    let arguments = ["-f", &number, "-l", &number, "-singlefile", "-scale-to", &side, "-jpeg"];
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).chain([path.as_os_str()]).collect();
    let page = reader.run("pdftoppm", &arguments, path, PAGE_MEMORY, PAGE_TIME, PAGE_MAX).await?;
    if page.is_empty() { Err(SandboxError::Failed("pdftoppm")) } else { Ok(page) }
}
