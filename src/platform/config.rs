//! Configuration from the environment and from flags, checked at start. A wrong value names the variable and the way out.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};

use super::attachments_config::AttachmentsConfig;
use super::remote_fetch::{Network, RemoteFetchConfig};

/// A self-hosted team inbox for files in conversations.
#[derive(Debug, Parser)]
#[command(name = "attache", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Command {
    /// Serve the app (what happens without a command).
    Serve,
    /// Fill an empty database with a believable organisation, print its log-in, and serve it.
    Demo,
    /// Look at database, storage and optional tools, and say what to mend. Ends with 1 when something does not work.
    Doctor,
}

/// Each setting is a flag and an environment variable. An empty variable counts as not set.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Address to listen on.
    #[arg(long, env = "IP", default_value = "127.0.0.1")]
    ip: String,
    /// Port to listen on.
    #[arg(long, env = "PORT", default_value = "8080")]
    port: String,
    /// Folder for the SQLite database and the files.
    #[arg(long, env = "DATA_DIR", default_value = "./data")]
    data_dir: PathBuf,
    /// `sqlite:<path>` or `postgres://user:password@host/database`. Default: SQLite in the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Folder for uploaded files, when S3 is not set. Default: `files` in the data folder.
    #[arg(long, env = "STORAGE_ROOT")]
    storage_root: Option<String>,
    /// Bucket for uploaded files. With it, all of `S3_ENDPOINT`, `S3_ACCESS_KEY_ID` and `S3_SECRET_ACCESS_KEY`.
    #[arg(long, env = "S3_BUCKET")]
    s3_bucket: Option<String>,
    /// URL of the S3-compatible store, such as `https://<account>.r2.cloudflarestorage.com`.
    #[arg(long, env = "S3_ENDPOINT")]
    s3_endpoint: Option<String>,
    #[arg(long, env = "S3_ACCESS_KEY_ID", hide_env_values = true)]
    s3_access_key_id: Option<String>,
    #[arg(long, env = "S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    s3_secret_access_key: Option<String>,
    /// Region of the store. R2 takes `auto`.
    #[arg(long, env = "S3_REGION")]
    s3_region: Option<String>,
    /// Base URL under which the bucket is public. Used with `S3_PUBLIC_READ=true` only.
    #[arg(long, env = "S3_PUBLIC_URL")]
    s3_public_url: Option<String>,
    /// `true` stores objects with the ACL public-read: whoever has a URL can read the file, for ever. R2 has no ACLs.
    #[arg(long, env = "S3_PUBLIC_READ")]
    s3_public_read: Option<String>,
    /// Largest upload: bytes, or a number with kB, MB, GB, TB. Not set: any size.
    #[arg(long, env = "UPLOADS_MAX_FILE_SIZE")]
    uploads_max_file_size: Option<String>,
    /// Most that an organisation keeps: bytes, or a number with kB, MB, GB, TB. Not set: no quota.
    #[arg(long, env = "ORGANIZATION_QUOTA")]
    organization_quota: Option<String>,
    #[command(flatten)]
    attachments: super::attachments_config::AttachmentSettings,
    /// How long the server may take to fetch a URL that a program hands in: a number with s, m, h or d.
    #[arg(long, env = "REMOTE_FETCH_TIMEOUT", default_value = "30s")]
    remote_fetch_timeout: String,
    /// URL under which people reach the app, such as `https://files.example.com`. Default: the host of each request.
    #[arg(long, env = "PUBLIC_URL")]
    public_url: Option<String>,
    /// Most requests to the REST API in a minute, for each access token and person; four times as many for an address. `0`: any
    /// number.
    #[arg(long, env = "API_REQUESTS_PER_MINUTE", default_value = "600")]
    api_requests_per_minute: String,
    /// `true` when a proxy that sets X-Forwarded-For stands in front; log-in limits then count its clients.
    #[arg(long, env = "TRUST_PROXY")]
    trust_proxy: Option<String>,
}

/// What the settings come to, checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub address: SocketAddr,
    pub database: DatabaseUrl,
    pub storage: StorageConfig,
    /// Largest direct upload in bytes.
    pub max_upload_size: Option<u64>,
    /// Most bytes that an organisation keeps, where it has no quota of its own.
    pub organization_quota: Option<i64>,
    /// What programs upload through the server.
    pub attachments: AttachmentsConfig,
    pub remote_fetch: RemoteFetchConfig,
    /// Scheme and host without a trailing slash.
    pub public_url: Option<String>,
    pub trust_proxy: bool,
    /// None: any number.
    pub api_requests_per_minute: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
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
}

impl std::fmt::Debug for S3Config {
    /// Leaves the secrets out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Config")
            .field("bucket", &self.bucket)
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl Settings {
    pub fn check(self) -> Result<Config> {
        let Ok(ip) = IpAddr::from_str(self.ip.trim()) else {
            bail!(
                "IP={:?} is not an address. Set it to 127.0.0.1 (this machine only) or 0.0.0.0 (all networks).",
                self.ip
            );
        };
        let Ok(port) = self.port.trim().parse::<u16>() else {
            bail!("PORT={:?} is not a port. Set it to a number from 0 to 65535, such as 8080.", self.port);
        };
        if self.data_dir.as_os_str().is_empty() {
            bail!("DATA_DIR is empty. Set it to a folder, such as ./data, or leave it out.");
        }
        Ok(Config {
            address: SocketAddr::new(ip, port),
            database: match set(self.database_url.clone()) {
                None => DatabaseUrl::Sqlite(self.data_dir.join("attache.db")),
                Some(url) => url.parse()?,
            },
            max_upload_size: parse_size("UPLOADS_MAX_FILE_SIZE", self.uploads_max_file_size.clone())?,
            organization_quota: parse_size("ORGANIZATION_QUOTA", self.organization_quota.clone())?
                .map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
            attachments: self.attachments.clone().check()?,
            remote_fetch: RemoteFetchConfig {
                timeout: parse_duration("REMOTE_FETCH_TIMEOUT", &self.remote_fetch_timeout)?,
                network: Network::default(),
            },
            public_url: set(self.public_url.clone()).map(|url| check_url("PUBLIC_URL", &url)).transpose()?,
            api_requests_per_minute: parse_rate("API_REQUESTS_PER_MINUTE", &self.api_requests_per_minute)?,
            trust_proxy: parse_bool("TRUST_PROXY", self.trust_proxy.clone())?,
            storage: self.storage()?,
        })
    }

    fn storage(self) -> Result<StorageConfig> {
        let public_read = parse_bool("S3_PUBLIC_READ", self.s3_public_read)?;
        let public_url = set(self.s3_public_url);
        let (bucket, endpoint, access_key_id, secret_access_key) =
            (set(self.s3_bucket), set(self.s3_endpoint), set(self.s3_access_key_id), set(self.s3_secret_access_key));
        let region = set(self.s3_region);
        let required = [
            ("S3_BUCKET", bucket.is_some()),
            ("S3_ENDPOINT", endpoint.is_some()),
            ("S3_ACCESS_KEY_ID", access_key_id.is_some()),
            ("S3_SECRET_ACCESS_KEY", secret_access_key.is_some()),
        ];
        let any = required.iter().any(|(_, is_set)| *is_set) || region.is_some() || public_url.is_some() || public_read;
        if !any {
            let root = set(self.storage_root).map_or_else(|| self.data_dir.join("files"), PathBuf::from);
            return Ok(StorageConfig::LocalDisk { root });
        }
        let (Some(bucket), Some(endpoint), Some(access_key_id), Some(secret_access_key)) =
            (bucket, endpoint, access_key_id, secret_access_key)
        else {
            let missing: Vec<_> = required.iter().filter(|(_, is_set)| !is_set).map(|(name, _)| *name).collect();
            bail!(
                "S3 storage is half set: {} missing. Set all of S3_BUCKET, S3_ENDPOINT, S3_ACCESS_KEY_ID and \
                 S3_SECRET_ACCESS_KEY, or none of the S3_ variables to keep files on local disk.",
                missing.join(", ")
            );
        };
        if set(self.storage_root).is_some() {
            bail!("STORAGE_ROOT and S3_BUCKET are both set. Files live in one place: unset one of the two.");
        }
        if public_read != public_url.is_some() {
            bail!(
                "S3_PUBLIC_READ=true and S3_PUBLIC_URL go together: set both to make every file public to whoever has \
                 its URL, or neither to keep files private."
            );
        }
        Ok(StorageConfig::S3(S3Config {
            bucket,
            endpoint: check_url("S3_ENDPOINT", &endpoint)?,
            access_key_id,
            secret_access_key,
            region: region.unwrap_or_else(|| "auto".to_owned()),
            public_url: public_url.map(|url| check_url("S3_PUBLIC_URL", &url)).transpose()?,
            public_read,
        }))
    }
}

impl FromStr for DatabaseUrl {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
        match path {
            Some(path) if !path.is_empty() && !path.starts_with(':') => Ok(Self::Sqlite(PathBuf::from(path))),
            // The value is not repeated: it may hold a password.
            _ => bail!(
                "DATABASE_URL is not understood. Set it to sqlite:<path of a file> or \
                 postgres://user:password@host:5432/database, or leave it out for SQLite in DATA_DIR."
            ),
        }
    }
}

pub(super) fn set(value: Option<String>) -> Option<String> {
    value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub(super) fn parse_bool(name: &str, value: Option<String>) -> Result<bool> {
    match set(value).as_deref() {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => bail!("{name}={other:?} is neither true nor false. Set it to one of the two."),
    }
}

fn check_url(name: &str, url: &str) -> Result<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(host) if !host.trim_matches('/').is_empty() && !host.contains(['?', '#', ' ', '@']) => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => bail!("{name} is not a URL. Set it to http:// or https:// and a host, such as https://files.example.com."),
    }
}

/// Bytes, or a number with a decimal unit as people see sizes in the app.
pub(super) fn parse_size(name: &str, value: Option<String>) -> Result<Option<u64>> {
    let Some(text) = set(value) else { return Ok(None) };
    let compact = text.replace([' ', '_'], "").to_ascii_lowercase();
    let digits = compact.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &compact[digits.len()..] {
        "" | "b" => Some(1_u64),
        "k" | "kb" => Some(1_000),
        "m" | "mb" => Some(1_000_000),
        "g" | "gb" => Some(1_000_000_000),
        "t" | "tb" => Some(1_000_000_000_000),
        _ => None,
    };
    match (digits.parse::<u64>().ok(), factor) {
        (Some(number), Some(factor))
            if number > 0 && number.checked_mul(factor).is_some_and(|n| i64::try_from(n).is_ok()) =>
        {
            Ok(Some(number * factor))
        }
        _ => bail!("{name}={text:?} is not a size. Set it to bytes or to a number with kB, MB, GB or TB, such as 2GB."),
    }
}

/// A whole number; none for 0.
fn parse_rate(name: &str, text: &str) -> Result<Option<u32>> {
    match text.trim().parse::<u32>() {
        Ok(number) => Ok(Some(number).filter(|number| *number > 0)),
        Err(_) => bail!(
            "{name}={text:?} is not a number of requests. Set it to a whole number, such as 600, or to 0 for any."
        ),
    }
}

/// A whole number of seconds, minutes, hours or days; a bare number is seconds.
pub(super) fn parse_duration(name: &str, text: &str) -> Result<Duration> {
    let compact = text.trim().to_ascii_lowercase();
    let digits = compact.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &compact[digits.len()..] {
        "" | "s" => Some(1_u64),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(24 * 3600),
        _ => None,
    };
    let number = digits.parse::<u64>().ok().filter(|number| *number > 0);
    // No longer than ten years, so that no time that is reckoned with it is out of range.
    match number.zip(factor).and_then(|(number, factor)| number.checked_mul(factor)) {
        Some(seconds) if seconds <= 3650 * 24 * 3600 => Ok(Duration::from_secs(seconds)),
        _ => bail!("{name}={text:?} is not a time. Set it to a number with s, m, h or d, such as 30s or 7d."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(flags: &[&str]) -> Result<Config> {
        Cli::parse_from(std::iter::once(&"attache").chain(flags)).settings.check()
    }

    fn refusal(flags: &[&str]) -> String {
        check(flags).expect_err("must be refused").to_string()
    }

    const S3: [&str; 4] = [
        "--s3-bucket=b",
        "--s3-endpoint=https://s3.example.com/",
        "--s3-access-key-id=id",
        "--s3-secret-access-key=hunter2",
    ];

    #[test]
    fn defaults_need_nothing() {
        let config = check(&["--data-dir=/srv/attache"]).unwrap();
        assert_eq!(config.database, DatabaseUrl::Sqlite("/srv/attache/attache.db".into()));
        assert!(matches!(config.storage, StorageConfig::LocalDisk { root } if root == *"/srv/attache/files"));
    }

    #[test]
    fn wrong_values_name_the_variable() {
        assert!(refusal(&["--ip=example"]).contains("IP="));
        assert!(refusal(&["--port=eighty"]).contains("PORT="));
        assert!(refusal(&["--database-url=mysql://u:hunter2@h/d"]).contains("DATABASE_URL"));
        assert!(!refusal(&["--database-url=mysql://u:hunter2@h/d"]).contains("hunter2"));
        assert!(refusal(&["--uploads-max-file-size=big"]).contains("UPLOADS_MAX_FILE_SIZE"));
        assert!(refusal(&["--organization-quota=much"]).contains("ORGANIZATION_QUOTA"));
        assert!(refusal(&["--public-url=files.example.com"]).contains("PUBLIC_URL"));
        assert!(refusal(&["--trust-proxy=maybe"]).contains("TRUST_PROXY"));
    }

    #[test]
    fn half_set_s3_is_refused_by_name() {
        for (index, name) in ["S3_BUCKET", "S3_ENDPOINT", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"].iter().enumerate()
        {
            let mut flags = S3.to_vec();
            flags.remove(index);
            assert!(refusal(&flags).contains(&format!("{name} missing")), "{name}");
        }
        assert!(refusal(&["--s3-region=auto"]).contains("S3_BUCKET"));
        let both = [&S3[..], &["--storage-root=/srv"]].concat();
        assert!(refusal(&both).contains("STORAGE_ROOT"));
        let public = [&S3[..], &["--s3-public-read=true"]].concat();
        assert!(refusal(&public).contains("S3_PUBLIC_URL"));
    }

    #[test]
    fn secrets_do_not_print() {
        let config = check(&S3).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn times_have_units() {
        let seconds = |text: &str| parse_duration("REMOTE_FETCH_TIMEOUT", text).map(|time| time.as_secs());
        assert_eq!(seconds("30s").unwrap(), 30);
        assert_eq!(seconds(" 45 ").unwrap(), 45);
        assert_eq!(seconds("2h").unwrap(), 7200);
        assert_eq!(seconds("7D").unwrap(), 604_800);
        for wrong in ["0", "-1s", "s", "1.5h", "1w", "", "99999d", "99999999999999999999"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert!(refusal(&["--remote-fetch-timeout=soon"]).contains("REMOTE_FETCH_TIMEOUT"));
    }

    #[test]
    fn sizes_have_decimal_units() {
        let size = |text: &str| parse_size("UPLOADS_MAX_FILE_SIZE", Some(text.to_owned()));
        assert_eq!(size("2GB").unwrap(), Some(2_000_000_000));
        assert_eq!(size("10 mb").unwrap(), Some(10_000_000));
        assert_eq!(size("123").unwrap(), Some(123));
        assert_eq!(size(" ").unwrap(), None);
        for wrong in ["0", "-1", "GB", "1.5GB", "99999999999TB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
