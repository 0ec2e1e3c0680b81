//! Checks of scheduled back-ups: whether the target can be written, and when the last one was made.

use super::Finding;
use crate::admin::backup::runs::{LastRuns, last};
use crate::platform::archive::Archive;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::timestamp::Timestamp;

const ABOUT: &str = "back-up";
/// A file that is written and removed.
const PROBE: &str = "doctor";

pub async fn examine(config: &Config, clock: &Clock) -> Vec<Finding> {
    let Some(to) = &config.backup.to else {
        let says = "The server makes no back-ups by itself. Set BACKUP_TO, or copy database and files another way.";
        return vec![Finding::advice(ABOUT, says)];
    };
    let target = match config.backup.target("BACKUP_TO", to) {
        Ok(target) => target,
        Err(error) => return vec![Finding::problem(ABOUT, error.to_string())],
    };
    let written = async {
        let archive = Archive::open(&target).await?;
        archive.put_bytes(PROBE, b"attache doctor".to_vec()).await?;
        anyhow::Ok(archive.delete(PROBE).await?)
    };
    let mut findings = vec![match written.await {
        Ok(()) => Finding::good(ABOUT, format!("{target} is writable")),
        Err(error) => Finding::problem(ABOUT, format!("BACKUP_TO: {target} is not writable ({error:#}).")),
    }];
    if let Ok(db) = Db::connect(&config.database).await {
        // A database that this version has not set up yet has no such table.
        if let Ok(last) = last(db.on(), &target.to_string()).await {
            findings.push(last_run(&last, config, clock.now()));
        }
        db.close().await;
    }
    findings
}

fn last_run(last: &LastRuns, config: &Config, now: Timestamp) -> Finding {
    const ABOUT: &str = "back-up: last";
    let failed = last.failed_at.filter(|failed| last.succeeded_at.is_none_or(|succeeded| succeeded < *failed));
    let succeeded = last.succeeded_at.map_or("never".to_owned(), |at| format!("at {}", at.to_rfc3339()));
    if let Some(failed) = failed {
        let reason = last.error.as_deref().unwrap_or("unknown reason");
        let failed = failed.to_rfc3339();
        return Finding::problem(ABOUT, format!("failed at {failed}: {reason} The last success was {succeeded}."));
    }
    match last.begun_at {
        Some(begun) if now < begun.plus(2 * config.backup.every) => Finding::good(ABOUT, format!("made {succeeded}")),
        Some(_) => Finding::problem(ABOUT, format!("made {succeeded}, and none since. Is the server running?")),
        None => Finding::advice(ABOUT, "None was made yet. The server makes the first one when it starts."),
    }
}
