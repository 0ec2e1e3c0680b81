//! Pages of a PDF, by `pdftoppm` and `pdfinfo` of Poppler.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use super::tool::{ToolError, run};

const TIME: Duration = Duration::from_secs(30);
const FACTS_MAX: u64 = 1_000_000;
/// A page of 1600 × 1600 as JPEG.
const PAGE_MAX: u64 = 8_000_000;

/// How many pages there are.
pub async fn page_count(path: &Path) -> Result<Option<i32>, ToolError> {
    let answer = run("pdfinfo", &[OsStr::new("-enc"), OsStr::new("UTF-8"), path.as_os_str()], TIME, FACTS_MAX).await?;
    let text = String::from_utf8_lossy(&answer);
    let count = text.lines().filter_map(|line| line.strip_prefix("Pages:")?.trim().parse().ok()).next_back();
    Ok(count.filter(|count| *count > 0))
}

/// One page, from 1, as JPEG whose longer side has so many pixels, however large the page says it is.
pub async fn page(path: &Path, number: u32, side: u32) -> Result<Vec<u8>, ToolError> {
    let (number, side) = (number.to_string(), side.to_string());
    let arguments = ["-f", &number, "-l", &number, "-singlefile", "-scale-to", &side, "-jpeg"];
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).chain([path.as_os_str()]).collect();
    let page = run("pdftoppm", &arguments, TIME, PAGE_MAX).await?;
    if page.is_empty() { Err(ToolError::Failed("pdftoppm")) } else { Ok(page) }
}
