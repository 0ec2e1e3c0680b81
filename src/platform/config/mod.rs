//! Configuration from environment variables and flags, validated at start. An error names the variable and the fix.

mod attachments;
mod backup;
mod database;
mod metrics;
mod moving;
mod settings;
mod values;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::byte_size::ByteSize;
use super::remote_fetch::RemoteFetchConfig;
use super::serve::ConnectionLimits;
use super::telemetry::logs::LogFormat;

pub use attachments::AttachmentsConfig;
pub use backup::{ArchiveConfig, BackupConfig};
pub use database::{DatabaseConnections, DatabaseUrl};
pub use metrics::{MetricsConfig, MetricsToken};
pub use moving::{MoveSettings, MoveTarget};
pub use settings::{Cli, Command, changed_settings, parse_quota};

/// The validated settings.
#[derive(Debug, Clone)]
pub struct Config {
    pub address: SocketAddr,
    pub database: DatabaseUrl,
    pub database_connections: DatabaseConnections,
    pub storage: StorageConfig,
    /// Maximum size of a direct upload, in bytes.
    pub max_upload_size: Option<u64>,
    /// Storage quota of an organization in bytes, unless it has its own.
    pub organization_quota: Option<ByteSize>,
    /// Folder for all data without its own setting.
    pub data_dir: PathBuf,
    /// Settings of uploads by programs through the server.
    pub attachments: AttachmentsConfig,
    pub backup: BackupConfig,
    pub remote_fetch: RemoteFetchConfig,
    pub connections: ConnectionLimits,
    /// How long running requests may continue when the server stops.
    pub shutdown_timeout: Duration,
    pub log_format: LogFormat,
    pub metrics: MetricsConfig,
    /// How long an upload to local disk may pause between bytes.
    pub upload_idle_timeout: Duration,
    /// The executable of media workers: this server's.
    pub worker_program: PathBuf,
    /// Scheme and host without a trailing slash.
    pub public_url: Option<String>,
    /// Number of proxies in front, each of which adds a line or an entry to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    pub sign_up: SignUpPolicy,
    /// Maximum number of organizations that a network can create in an hour. `None`: no limit.
    pub sign_ups_per_hour: Option<u32>,
    /// Maximum REST API requests per minute. `None`: no limit.
    pub api_requests_per_minute: Option<u32>,
}

impl Config {
    /// Returns the origins of the store, each after a space. Empty for local disk, where files have the app's own
    /// origin.
    pub fn store_origins(&self) -> String {
        let StorageConfig::S3(store) = &self.storage else { return String::new() };
        let urls = [Some(&store.endpoint), store.public_url.as_ref()];
        let mut origins: Vec<_> = urls.into_iter().flatten().filter_map(|url| reqwest::Url::parse(url).ok()).collect();
        origins.dedup_by_key(|url| url.origin());
        let origins = origins.iter().map(|url| url.origin().ascii_serialization());
        origins.flat_map(|origin| [" ".to_owned(), origin]).collect()
    }

    /// Returns what is wrong if browsers can't use the store from the app's pages, and what to do: they block plain http
    /// in a page on https ("mixed content"), except to their own machine.
    pub fn blocked_store(&self) -> Option<String> {
        let StorageConfig::S3(store) = &self.storage else { return None };
        let app = self.public_url.as_deref().filter(|url| url.starts_with("https://"))?;
        let url = reqwest::Url::parse(&store.endpoint).ok().filter(|url| url.scheme() == "http")?;
        let host = url.host_str()?.trim_matches(['[', ']']);
        let is_own = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        (!is_own).then(|| {
            format!(
                "Browsers block uploads and downloads: {app} is on https and the store {} on plain http. Give the store \
                 a certificate, and set S3_ENDPOINT to its https URL.",
                store.endpoint
            )
        })
    }

    /// Returns the app's URL, as far as it is known without a request.
    pub fn own_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://localhost:{}", self.address.port()))
    }
}

/// Who can create an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignUpPolicy {
    /// The first account, then people with an invitation from the operator.
    Invite,
    /// Everyone.
    Open,
}

#[derive(Debug, Clone)]
pub enum StorageConfig {
    LocalDisk { root: PathBuf },
    S3(S3Config),
}

#[derive(Clone)]
pub struct S3Config {
    pub bucket: String,
    pub endpoint: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub region: String,
    /// Set only when objects are public-read.
    pub public_url: Option<String>,
    pub public_read: bool,
    /// Local folder for temporary data of transfers.
    pub temporary: PathBuf,
}

impl std::fmt::Debug for S3Config {
    /// Formats without the secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Config")
            .field("bucket", &self.bucket)
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl StorageConfig {
    /// What the log calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LocalDisk { .. } => "local disk",
            Self::S3(_) => "s3",
        }
    }
}
