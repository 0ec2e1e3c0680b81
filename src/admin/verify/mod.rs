//! `attache verify`: compares the database with the stored files. It changes nothing, except with `--repair`, and
//! then says first what it does.

mod leftovers;
mod objects;
mod repair;
mod rows;
mod store;

use std::fmt;

use anyhow::Result;

use crate::platform::Platform;
use crate::platform::byte_size::format_size;

pub use repair::Repair;

/// A difference, and how to correct it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub about: &'static str,
    pub says: String,
    /// `None` for what only a person, or a back-up, can correct.
    pub repair: Option<Repair>,
}

impl Difference {
    fn new(about: &'static str, says: impl Into<String>, repair: Option<Repair>) -> Self {
        Self { about, says: says.into(), repair }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PROBLEM  {:<10} {}", self.about, self.says)
    }
}

/// The result of a comparison.
#[derive(Debug, Default)]
pub struct Report {
    pub differences: Vec<Difference>,
    /// Objects that are not of this program. They are no problem.
    pub foreign: Vec<String>,
    pub rows: u64,
    pub files: u64,
    /// Bytes of these files that were read.
    pub bytes: u64,
    /// Files that were compared with a checksum. Of others none is known, because they passed through the server.
    pub with_checksum: u64,
}

/// Compares everything. `read` reads the files too; otherwise only their sizes are compared.
pub async fn examine(platform: &Platform, read: bool) -> Result<Report> {
    let mut report = Report::default();
    // Rows come first: what is completed later has a row that is looked up by itself.
    let required = rows::examine(platform, &mut report).await?;
    objects::examine(platform, required, read, &mut report).await?;
    Ok(report)
}

/// Prints the differences, and repairs them if told to. Returns whether everything is sound, or was repaired.
pub async fn run(platform: &Platform, read: bool, repair: bool) -> Result<bool> {
    let report = examine(platform, read).await?;
    for key in &report.foreign {
        println!("note     {:<10} {key} is not a file of Attaché", "storage");
    }
    for difference in &report.differences {
        println!("{difference}");
    }
    println!(
        "Compared {} rows and {} files ({} read, {} files with a checksum).",
        report.rows,
        report.files,
        format_size(report.bytes),
        report.with_checksum
    );
    match report.differences.len() {
        0 => println!("No problems found."),
        1 => println!("1 problem."),
        count => println!("{count} problems."),
    }
    if repair && !report.differences.is_empty() {
        return correct(platform, &report.differences).await;
    }
    Ok(report.differences.is_empty())
}

/// Prints all repairs, then does them. Returns whether all problems were repaired.
async fn correct(platform: &Platform, differences: &[Difference]) -> Result<bool> {
    let repairs: Vec<_> = differences.iter().filter_map(|difference| difference.repair.as_ref()).collect();
    for repair in &repairs {
        println!("will     {repair}");
    }
    let mut left = differences.len() - repairs.len();
    for repair in repairs {
        match repair.run(platform).await {
            Ok(true) => println!("done     {repair}"),
            Ok(false) => println!("skipped  {repair}: it has changed since"),
            Err(error) => {
                left += 1;
                println!("FAILED   {repair} ({error:#})");
            }
        }
    }
    if left > 0 {
        println!("{left} problems are left. Restore what is damaged from a back-up.");
    }
    Ok(left == 0)
}
