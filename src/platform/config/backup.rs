//! Where back-ups are stored, and when.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use super::S3Config;
use super::values::{check_url, parse_duration, set};

/// Beginning of the URL of a bucket.
const BUCKET: &str = "s3://";

#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
pub struct BackupSettings {
    /// Where the server stores back-ups by itself: a folder, or `s3://bucket/prefix`. Default: it makes none.
    #[arg(long, env = "BACKUP_TO")]
    backup_to: Option<String>,
    /// Time between two back-ups: a number with s, m, h or d.
    #[arg(long, env = "BACKUP_EVERY", default_value = "24h")]
    backup_every: String,
    /// URL of the store for back-ups to `s3://…`. Default: that of `S3_ENDPOINT`.
    #[arg(long, env = "BACKUP_S3_ENDPOINT")]
    backup_s3_endpoint: Option<String>,
    /// Default: that of `S3_ACCESS_KEY_ID`.
    #[arg(long, env = "BACKUP_S3_ACCESS_KEY_ID", hide_env_values = true)]
    backup_s3_access_key_id: Option<String>,
    /// Default: that of `S3_SECRET_ACCESS_KEY`.
    #[arg(long, env = "BACKUP_S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    backup_s3_secret_access_key: Option<String>,
    /// Default: that of `S3_REGION`.
    #[arg(long, env = "BACKUP_S3_REGION")]
    backup_s3_region: Option<String>,
}

#[derive(Debug, Clone)]
pub struct BackupConfig {
    /// The scheduled target: a folder, or `s3://bucket/prefix`.
    pub to: Option<String>,
    pub every: Duration,
    /// The store for targets in a bucket, without the bucket. `None` if no store is configured.
    pub store: Option<S3Config>,
}

impl Default for BackupConfig {
    fn default() -> Self {
        Self { to: None, every: Duration::from_hours(24), store: None }
    }
}

#[derive(Debug, Clone)]
pub enum ArchiveConfig {
    Folder(PathBuf),
    Bucket {
        store: S3Config,
        /// Ends with a slash, or is empty.
        prefix: String,
    },
}

impl std::fmt::Display for ArchiveConfig {
    /// Formats the folder, or the URL of the bucket, without secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path) => std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().fmt(f),
            Self::Bucket { store, prefix } => write!(f, "{BUCKET}{}/{}", store.bucket, prefix.trim_end_matches('/')),
        }
    }
}

impl BackupConfig {
    /// Parses a target. `name` says in errors where it comes from.
    pub fn target(&self, name: &str, text: &str) -> Result<ArchiveConfig> {
        let Some(place) = text.strip_prefix(BUCKET) else {
            if text.contains("://") {
                bail!("{name}={text:?} is not valid. Set it to a folder or to s3://bucket/prefix.");
            }
            return Ok(ArchiveConfig::Folder(PathBuf::from(text)));
        };
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() || place.contains("//") {
            bail!("{name}={text:?} names no bucket. Set it to s3://bucket/prefix.");
        }
        let Some(store) = &self.store else {
            bail!(
                "{name}={text:?} needs a store. Set BACKUP_S3_ENDPOINT, BACKUP_S3_ACCESS_KEY_ID and \
                 BACKUP_S3_SECRET_ACCESS_KEY."
            );
        };
        let prefix = prefix.trim_end_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(ArchiveConfig::Bucket { store: S3Config { bucket: bucket.to_owned(), ..store.clone() }, prefix })
    }
}

impl BackupSettings {
    /// Checks the settings. `files` is the store of the installation's files, whose settings are the defaults.
    pub(super) fn check(self, files: Option<&S3Config>, data_dir: &Path) -> Result<BackupConfig> {
        let endpoint = set(self.backup_s3_endpoint).map(|url| check_url("BACKUP_S3_ENDPOINT", &url)).transpose()?;
        let endpoint = endpoint.or_else(|| files.map(|files| files.endpoint.clone()));
        let id = set(self.backup_s3_access_key_id).or_else(|| files.map(|files| files.access_key_id.clone()));
        let secret =
            set(self.backup_s3_secret_access_key).or_else(|| files.map(|files| files.secret_access_key.clone()));
        let region = set(self.backup_s3_region).or_else(|| files.map(|files| files.region.clone()));
        let store = match (endpoint, id, secret) {
            (Some(endpoint), Some(access_key_id), Some(secret_access_key)) => Some(S3Config {
                bucket: String::new(),
                endpoint,
                access_key_id,
                secret_access_key,
                region: region.unwrap_or_else(|| "auto".to_owned()),
                public_url: None,
                public_read: false,
                temporary: data_dir.join("tmp"),
            }),
            _ => None,
        };
        let config =
            BackupConfig { to: set(self.backup_to), every: parse_duration("BACKUP_EVERY", &self.backup_every)?, store };
        if let Some(to) = &config.to {
            config.target("BACKUP_TO", to)?;
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Result<ArchiveConfig> {
        let store = S3Config {
            bucket: String::new(),
            endpoint: "https://s3.example.com".into(),
            access_key_id: "id".into(),
            secret_access_key: "hunter2".into(),
            region: "auto".into(),
            public_url: None,
            public_read: false,
            temporary: "tmp".into(),
        };
        BackupConfig { store: Some(store), ..BackupConfig::default() }.target("BACKUP_TO", text)
    }

    #[test]
    fn a_target_is_a_folder_or_a_prefix_of_a_bucket() {
        assert!(matches!(target("/srv/backup").unwrap(), ArchiveConfig::Folder(path) if path == *"/srv/backup"));
        for (text, expected) in [("s3://b", ""), ("s3://b/", ""), ("s3://b/a/c", "a/c/"), ("s3://b/a/", "a/")] {
            let ArchiveConfig::Bucket { store, prefix } = target(text).unwrap() else { panic!("{text}") };
            assert_eq!((store.bucket.as_str(), prefix.as_str()), ("b", expected), "{text}");
        }
        for wrong in ["s3://", "s3:///prefix", "s3://b//c", "https://example.com/b"] {
            assert!(target(wrong).unwrap_err().to_string().contains("BACKUP_TO"), "{wrong}");
        }
        let without_store = BackupConfig::default().target("BACKUP_TO", "s3://b/a").unwrap_err();
        assert!(without_store.to_string().contains("BACKUP_S3_ENDPOINT"), "{without_store}");
    }
}
