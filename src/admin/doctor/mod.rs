//! `attache doctor`: checks everything that the server depends on, and prints how to fix problems. Undoes all its
//! changes.

mod backup;
mod database;
mod local_disk;
mod s3;
mod tools;

use std::fmt;

use crate::platform::clock::Clock;
use crate::platform::config::{Config, StorageConfig};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Good,
    /// It works, and could be better.
    Advice,
    /// It does not work.
    Problem,
}

/// The result of one check.
#[derive(Debug, Clone)]
pub struct Finding {
    pub level: Level,
    /// The subject, such as `storage: CORS`.
    pub about: &'static str,
    /// The result and, unless it is good, what to do.
    pub says: String,
}

impl Finding {
    fn good(about: &'static str, says: impl Into<String>) -> Self {
        Self { level: Level::Good, about, says: says.into() }
    }

    fn advice(about: &'static str, says: impl Into<String>) -> Self {
        Self { level: Level::Advice, about, says: says.into() }
    }

    fn problem(about: &'static str, says: impl Into<String>) -> Self {
        Self { level: Level::Problem, about, says: says.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Good => "ok",
            Level::Advice => "advice",
            Level::Problem => "PROBLEM",
        };
        write!(f, "{level:<8} {:<20} {}", self.about, self.says)
    }
}

/// Prints the findings, worst last. Returns whether everything works.
pub async fn run(config: &Config) -> bool {
    let mut findings = examine(config).await;
    findings.sort_by_key(|finding| finding.level as u8);
    for finding in &findings {
        println!("{finding}");
    }
    let problems = findings.iter().filter(|finding| finding.level == Level::Problem).count();
    match problems {
        0 => println!("No problems found."),
        1 => println!("1 problem."),
        count => println!("{count} problems."),
    }
    problems == 0
}

pub async fn examine(config: &Config) -> Vec<Finding> {
    let clock = Clock::default();
    let mut findings = database::examine(&config.database).await;
    findings.extend(match &config.storage {
        StorageConfig::LocalDisk { root } => local_disk::examine(root, &clock).await,
        StorageConfig::S3(store) => s3::examine(store, &origin(config), &clock).await,
    });
    findings.extend(backup::examine(config, &clock).await);
    findings.push(public_url(config));
    findings.extend(config.blocked_store().map(|problem| Finding::problem("address: store", problem)));
    findings.extend(tools::examine().await);
    findings
}

/// Returns the app's origin for browsers, as far as the settings contain it.
fn origin(config: &Config) -> String {
    config.public_url.clone().unwrap_or_else(|| format!("http://localhost:{}", config.address.port()))
}

fn public_url(config: &Config) -> Finding {
    const ABOUT: &str = "address";
    match &config.public_url {
        Some(url) if url.starts_with("https://") => Finding::good(ABOUT, format!("the app's public address is {url}")),
        Some(url) => Finding::advice(
            ABOUT,
            format!("{url} is not encrypted. Put a proxy with TLS in front of it; see docs/operating.md."),
        ),
        None if config.address.ip().is_loopback() => Finding::good(ABOUT, "reachable on this machine only"),
        None => {
            Finding::advice(ABOUT, "Links use the host of each request. Set PUBLIC_URL to the address that people use.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_level_subject_and_advice() {
        let finding = Finding::problem("storage: CORS", "Allow PUT.");
        assert_eq!(finding.to_string(), "PROBLEM  storage: CORS        Allow PUT.");
    }
}
