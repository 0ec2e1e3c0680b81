//! Back-ups: `attache backup`, `attache restore`, and the job that makes them by itself.
//!
//! An archive has all objects once, under `objects/`, because objects never change, and a folder under `snapshots/` for
//! each back-up: the rows of one moment, the list of the objects that they require, and at last the manifest.
//! docs/operating.md describes how to use them, docs/decisions why the rows have this form.

mod check;
mod contents;
mod copy;
pub mod create;
mod lines;
mod lists;
pub mod manifest;
mod prune;
pub mod restore;
pub mod runs;

use std::time::Duration;

use anyhow::{Context, Result};

use crate::platform::Platform;
use crate::platform::archive::Archive;
use crate::platform::byte_size::format_size;
use crate::platform::config::{ArchiveConfig, Config};
use crate::platform::db::ServerLock;
use crate::platform::error::AppError;
use crate::platform::jobs::{Recurring, Retry};

pub use check::check_all;
pub use contents::Contents;

/// The shortest pause after a failure.
const RETRY_PAUSE: Duration = Duration::from_mins(10);

/// Returns the target that the command line names, or else `BACKUP_TO`.
fn target(config: &Config, named: Option<&str>) -> Result<ArchiveConfig> {
    match (named, &config.backup.to) {
        (Some(named), _) => config.backup.target("The target", named),
        (None, Some(to)) => config.backup.target("BACKUP_TO", to),
        (None, None) => anyhow::bail!("Name a folder or s3://bucket/prefix, or set BACKUP_TO."),
    }
}

/// `attache backup`: makes a back-up and prints what it has.
pub async fn run(platform: &Platform, named: Option<&str>) -> Result<()> {
    let target = target(&platform.config, named)?;
    let made = create::create(platform, &target).await?;
    println!(
        "Back-up {} in {target}: {} rows, {} files. Copied {} files ({}).",
        made.name,
        made.rows,
        made.files,
        made.copied,
        format_size(made.copied_bytes)
    );
    for key in &made.missing {
        println!("Missing in the storage: {key}");
    }
    if !made.missing.is_empty() {
        println!("The back-up is complete, without these files. `attache verify` says more.");
    }
    Ok(())
}

/// `attache backup --check`: prints what is missing or damaged. Returns whether nothing is.
pub async fn run_check(config: &Config, named: Option<&str>) -> Result<bool> {
    let target = target(config, named)?;
    let problems = check_all(&Archive::open_to_read(&target).await?).await?;
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("All back-ups in {target} are complete and undamaged.");
    }
    Ok(problems.is_empty())
}

/// `attache restore`: restores a back-up and prints what it had.
pub async fn run_restore(config: &Config, source: &str, name: Option<&str>) -> Result<()> {
    let source = config.backup.target("The source", source)?;
    let _lock = ServerLock::acquire(&config.database, Duration::ZERO).await?;
    let restored = restore::restore(config, &source, name).await?;
    println!(
        "Restored the back-up {} of {}: {} rows, {} files. All match their checksums.",
        restored.name,
        restored.created_at.to_rfc3339(),
        restored.rows,
        restored.files
    );
    for key in &restored.missing {
        println!("Missing when the back-up was made: {key}");
    }
    println!("Start the server. It indexes the messages for searches while it runs.");
    Ok(())
}

/// Makes a back-up when one is due.
pub struct BackUp;

impl Recurring for BackUp {
    const NAME: &'static str = "back_up";
    const EVERY: Duration = Duration::from_mins(1);
    const RETRY: Retry = Retry { tries: 1, ..Retry::USUAL };
    const RUN_MAX: Duration = Duration::from_hours(7 * 24);

    async fn run(platform: Platform) -> crate::platform::error::Result<u64> {
        let Some(to) = &platform.config.backup.to else { return Ok(0) };
        let made = make_if_due(&platform, to).await;
        made.map_err(|error| AppError::unexpected("the back-up failed", format!("{error:#}")))
    }
}

/// Returns the number of back-ups that were made: 0 or 1.
async fn make_if_due(platform: &Platform, to: &str) -> Result<u64> {
    let target = platform.config.backup.target("BACKUP_TO", to)?;
    let last = runs::last(platform.db.on(), &target.to_string()).await.context("Cannot read the last back-ups")?;
    let (now, every) = (platform.clock.now(), platform.config.backup.every);
    let is_recent = last.begun_at.is_some_and(|at| now < at.plus(every));
    let has_failed = last.failed_at.is_some_and(|at| now < at.plus(every.min(RETRY_PAUSE)));
    if is_recent || has_failed {
        return Ok(0);
    }
    let made = create::create(platform, &target).await?;
    tracing::info!(
        name = made.name,
        rows = made.rows,
        files = made.files,
        copied = made.copied,
        copied_bytes = made.copied_bytes,
        "made a back-up"
    );
    Ok(1)
}
