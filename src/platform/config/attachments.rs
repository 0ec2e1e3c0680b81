//! Settings of files that pass through the server: uploads by programs, and files that the server fetches for them.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use super::values::{parse_bool, parse_duration, parse_size, set};

/// Default maximum size of such a file, in bytes.
const MAX_FILE_SIZE: u64 = 10_000_000;
const BODY_GRACE: Duration = Duration::from_mins(1);
/// Default list of accepted types.
const ALLOWED_MIME_TYPES: &str = "image/jpeg,image/png,image/gif,image/webp,video/mp4,video/webm,\
    audio/mpeg,audio/wav,audio/ogg,application/pdf,text/plain";

#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
pub struct AttachmentSettings {
    /// `false` prevents programs from storing files through the server.
    #[arg(long, env = "ATTACHMENTS_ENABLED")]
    attachments_enabled: Option<String>,
    /// `false` keeps files that no message uses forever.
    #[arg(long, env = "ATTACHMENTS_DELETE_JOB_ENABLED")]
    attachments_delete_job_enabled: Option<String>,
    /// How long to keep files that no message uses: a number with s, m, h or d.
    #[arg(long, env = "ATTACHMENTS_MAX_AGE", default_value = "7d")]
    attachments_max_age: String,
    /// Maximum size of files uploaded through the server: bytes, or a number with kB, MB, GB or TB. Default: 10MB.
    #[arg(long, env = "ATTACHMENTS_MAX_FILE_SIZE")]
    attachments_max_file_size: Option<String>,
    /// Types of files that can be uploaded through the server, separated by commas. Checked against the content.
    #[arg(long, env = "ATTACHMENTS_ALLOWED_MIME_TYPES")]
    attachments_allowed_mime_types: Option<String>,
}

#[derive(Debug, Clone)]
pub struct AttachmentsConfig {
    pub enabled: bool,
    pub delete_job_enabled: bool,
    /// Age at which a file that no message uses is removed.
    pub max_age: Duration,
    /// Maximum size of a file that passes through the server, in bytes.
    pub max_file_size: u64,
    /// Accepted types in lower case, without parameters. See [`crate::platform::file_types::covers`].
    pub allowed_types: Vec<String>,
    /// How long a body with a file may take, in addition to what its size allows. Not a setting; tests use less.
    pub body_grace: Duration,
}

impl AttachmentSettings {
    pub(super) fn check(self) -> Result<AttachmentsConfig> {
        let is_on = |name: &str, value: Option<String>| match set(value) {
            None => Ok(true),
            some => parse_bool(name, some),
        };
        let types = set(self.attachments_allowed_mime_types);
        Ok(AttachmentsConfig {
            enabled: is_on("ATTACHMENTS_ENABLED", self.attachments_enabled)?,
            delete_job_enabled: is_on("ATTACHMENTS_DELETE_JOB_ENABLED", self.attachments_delete_job_enabled)?,
            max_age: parse_duration("ATTACHMENTS_MAX_AGE", &self.attachments_max_age)?,
            max_file_size: parse_size("ATTACHMENTS_MAX_FILE_SIZE", self.attachments_max_file_size)?
                .unwrap_or(MAX_FILE_SIZE),
            body_grace: BODY_GRACE,
            allowed_types: parse_types(types.as_deref().unwrap_or(ALLOWED_MIME_TYPES))?,
        })
    }
}

impl Default for AttachmentsConfig {
    /// Returns the values without any settings.
    fn default() -> Self {
        Self {
            enabled: true,
            delete_job_enabled: true,
            max_age: Duration::from_hours(7 * 24),
            max_file_size: MAX_FILE_SIZE,
            allowed_types: parse_types(ALLOWED_MIME_TYPES).unwrap_or_default(),
            body_grace: BODY_GRACE,
        }
    }
}

fn parse_types(text: &str) -> Result<Vec<String>> {
    let is_type = |name: &str| {
        let is_token =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "+-._".contains(c));
        name.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
    };
    let types: Vec<_> = text.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    match types.iter().find(|name| !is_type(name)) {
        Some(wrong) => bail!(
            "ATTACHMENTS_ALLOWED_MIME_TYPES: {wrong:?} is not a type. Set it to types separated by commas, such as \
             image/png,application/pdf."
        ),
        None => Ok(types),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::platform::config::Cli;

    fn check(flags: &[&str]) -> Result<AttachmentsConfig> {
        Ok(Cli::parse_from(std::iter::once(&"attache").chain(flags)).settings.check()?.attachments)
    }

    #[test]
    fn defaults_are_those_of_the_description() {
        let config = check(&[]).unwrap();
        assert!(config.enabled && config.delete_job_enabled);
        assert_eq!(config.max_file_size, 10_000_000);
        assert_eq!(config.max_age, Duration::from_hours(168));
        let types = "image/jpeg image/png image/gif image/webp video/mp4 video/webm audio/mpeg audio/wav audio/ogg \
            application/pdf text/plain";
        assert_eq!(config.allowed_types, types.split(' ').collect::<Vec<_>>());
        assert_eq!(format!("{config:?}"), format!("{:?}", AttachmentsConfig::default()));
    }

    #[test]
    fn values_are_read_or_refused_by_name() {
        let set = ["--attachments-max-file-size=25MB", "--attachments-max-age=12h", "--attachments-enabled=false"];
        let config = check(&set).unwrap();
        assert_eq!((config.max_file_size, config.max_age), (25_000_000, Duration::from_hours(12)));
        assert!(!config.enabled);
        assert_eq!(
            check(&["--attachments-allowed-mime-types=Image/PNG, text/plain"]).unwrap().allowed_types,
            ["image/png", "text/plain"]
        );
        for (flag, name) in [
            ("--attachments-max-file-size=big", "ATTACHMENTS_MAX_FILE_SIZE"),
            ("--attachments-max-age=long", "ATTACHMENTS_MAX_AGE"),
            ("--attachments-enabled=maybe", "ATTACHMENTS_ENABLED"),
            ("--attachments-delete-job-enabled=2", "ATTACHMENTS_DELETE_JOB_ENABLED"),
            ("--attachments-allowed-mime-types=png", "ATTACHMENTS_ALLOWED_MIME_TYPES"),
            ("--attachments-allowed-mime-types=image/*", "ATTACHMENTS_ALLOWED_MIME_TYPES"),
        ] {
            assert!(check(&[flag]).expect_err(flag).to_string().contains(name), "{flag}");
        }
    }
}
