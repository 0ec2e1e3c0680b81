//! Flags and environment variables, and the errors of invalid values.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{ArgMatches, Args, CommandFactory, Parser, Subcommand};

use super::attachments::AttachmentSettings;
use super::backup::BackupSettings;
use super::database::DatabaseSettings;
use super::metrics::MetricsSettings;
use super::moving::MoveSettings;
use super::values::{
    check_origin, check_url, parse_bool, parse_duration, parse_hosts, parse_proxies, parse_rate, parse_size, set,
};
use super::{Config, S3Config, SignUpPolicy, StorageConfig};
use crate::platform::byte_size::ByteSize;
use crate::platform::remote_fetch::{Network, RemoteFetchConfig};
use crate::platform::sandbox::own_executable;
use crate::platform::sandbox::program::Confined;
use crate::platform::serve::ConnectionLimits;
use crate::platform::telemetry::logs::LogFormat;

const UPLOAD_IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// A self-hosted team inbox for files in conversations.
#[derive(Debug, Parser)]
#[command(name = "attache", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Run the server (the default command).
    Serve,
    /// Fill an empty database with a sample organization, print its log-in, and run the server.
    Demo,
    /// Check database, storage and optional tools, and print how to fix problems. Exits with 1 if there are any.
    Doctor,
    /// List the storage and quota of each organization. With an organization and a size, set its quota.
    Quota {
        /// The name or ID of the organization.
        #[arg(requires = "size")]
        organization: Option<String>,
        /// A size such as 50GB, or "default" for the server's default quota.
        size: Option<String>,
    },
    /// Store a back-up in a folder or a bucket. Copies only files that are not there yet. The server may run.
    Backup {
        /// A folder, or `s3://bucket/prefix`. Default: `BACKUP_TO`.
        target: Option<String>,
        /// Check the back-ups there instead: read everything, and name what is missing or damaged. Exits with 1 if
        /// there is anything.
        #[arg(long)]
        check: bool,
    },
    /// Restore a back-up into an empty installation. The server must not run.
    Restore {
        /// The folder, or `s3://bucket/prefix`, of the back-ups.
        source: String,
        /// The name of the back-up. Default: the newest.
        #[arg(long)]
        name: Option<String>,
    },
    /// Move the installation to another database, another storage, or both. The server may run: it is read-only for the
    /// last moment.
    Move(MoveSettings),
    /// Compare the database with the stored files. Exits with 1 if they differ. The server may run.
    Verify {
        /// Compare sizes only, without reading the files.
        #[arg(long)]
        sizes: bool,
        /// Say how to correct the differences, then do it.
        #[arg(long)]
        repair: bool,
    },
    /// Process media from standard input. Used internally by the server.
    #[command(hide = true)]
    MediaWorker,
    /// Sandbox this process, then run another program. Used internally by the server.
    #[command(hide = true)]
    ConfinedProgram(Confined),
    /// Print a link to reset an account's password. It works once and expires in 24 hours.
    ResetPassword {
        /// The email of the account.
        email: String,
    },
    /// List all accounts with their organizations.
    Accounts,
    /// Disable an account: its sessions end, its access tokens stop working, and nobody can log in with it.
    DisableAccount {
        /// The email of the account.
        email: String,
    },
    /// Enable a disabled account. Its access tokens work again.
    EnableAccount {
        /// The email of the account.
        email: String,
    },
    /// Print a link to create an organization while sign-up is closed. It works once and expires in 7 days.
    InviteOrganization,
}

/// Returns the settings that differ from their default, as `NAME=value` for the log. Of secrets it says only that they are set.
pub fn changed_settings(matches: &ArgMatches) -> String {
    let command = Cli::command();
    let changed = command.get_arguments().filter_map(|argument| {
        let name = argument.get_env()?.to_string_lossy();
        let value = matches.get_raw(argument.get_id().as_str())?.next()?.to_string_lossy();
        let is_default = argument.get_default_values().iter().any(|default| default.to_string_lossy() == value);
        let shown = if argument.is_hide_env_values_set() { "(set)" } else { value.trim() };
        (!is_default && !value.trim().is_empty()).then(|| format!("{name}={shown}"))
    });
    changed.collect::<Vec<_>>().join(" ")
}

/// Parses a quota from the command line. `None`: the installation's default.
pub fn parse_quota(text: &str) -> Result<Option<ByteSize>> {
    if text == "default" {
        return Ok(None);
    }
    Ok(parse_size("The quota", Some(text.to_owned()))?.map(ByteSize))
}

/// The settings. Each is a flag and an environment variable. An empty variable counts as unset.
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
    #[command(flatten)]
    database: DatabaseSettings,
    /// Folder for uploaded files, when S3 is not set. Default: `files` in the data folder.
    #[arg(long, env = "STORAGE_ROOT")]
    storage_root: Option<String>,
    /// Bucket for uploaded files. Requires `S3_ENDPOINT`, `S3_ACCESS_KEY_ID` and `S3_SECRET_ACCESS_KEY`.
    #[arg(long, env = "S3_BUCKET")]
    s3_bucket: Option<String>,
    /// URL of the S3-compatible store, such as `https://<account>.r2.cloudflarestorage.com`.
    #[arg(long, env = "S3_ENDPOINT")]
    s3_endpoint: Option<String>,
    #[arg(long, env = "S3_ACCESS_KEY_ID", hide_env_values = true)]
    s3_access_key_id: Option<String>,
    #[arg(long, env = "S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    s3_secret_access_key: Option<String>,
    /// Region of the store. For R2, use `auto`.
    #[arg(long, env = "S3_REGION")]
    s3_region: Option<String>,
    /// Base URL of a public bucket, such as one of R2. Anyone with the URL of a file can read the file.
    #[arg(long, env = "S3_PUBLIC_URL")]
    s3_public_url: Option<String>,
    /// `true` stores objects with the ACL public-read: anyone with a URL can read the file, forever. R2 has no ACLs.
    #[arg(long, env = "S3_PUBLIC_READ")]
    s3_public_read: Option<String>,
    /// Maximum upload size: bytes, or a number with kB, MB, GB or TB. Default: no limit.
    #[arg(long, env = "UPLOADS_MAX_FILE_SIZE")]
    uploads_max_file_size: Option<String>,
    /// Storage quota of an organization: bytes, or a number with kB, MB, GB or TB. Default: no quota.
    #[arg(long, env = "ORGANIZATION_QUOTA")]
    organization_quota: Option<String>,
    #[command(flatten)]
    attachments: AttachmentSettings,
    #[command(flatten)]
    backup: BackupSettings,
    /// Timeout for fetching a URL for a program: a number with s, m, h or d.
    #[arg(long, env = "REMOTE_FETCH_TIMEOUT", default_value = "30s")]
    remote_fetch_timeout: String,
    /// Hosts that webhooks may reach although they are not public, by any port and by plain http: names or addresses,
    /// separated by commas, such as `localhost,10.0.0.5`.
    #[arg(long, env = "WEBHOOK_ALLOWED_HOSTS")]
    webhook_allowed_hosts: Option<String>,
    /// Public URL of the app, such as `https://files.example.com`. Default: the host of each request.
    #[arg(long, env = "PUBLIC_URL")]
    public_url: Option<String>,
    /// Maximum REST API requests per minute, for each access token and person; four times as many for an IP address.
    /// `0`: no limit.
    #[arg(long, env = "API_REQUESTS_PER_MINUTE", default_value = "600")]
    api_requests_per_minute: String,
    /// `true` behind a proxy that sets X-Forwarded-For, or the number of such proxies. Limits then apply to their
    /// clients.
    #[arg(long, env = "TRUST_PROXY")]
    trust_proxy: Option<String>,
    /// Who can create an organization: `invite` (the first account, then people with a link from `invite-organization`)
    /// or `open` (everyone).
    #[arg(long, env = "SIGN_UP", default_value = "invite")]
    sign_up: String,
    /// Maximum organizations created per hour from a network. `0`: no limit.
    #[arg(long, env = "SIGN_UPS_PER_HOUR", default_value = "20")]
    sign_ups_per_hour: String,
    /// How long running requests may continue when the server stops: a number with s, m, h or d.
    #[arg(long, env = "SHUTDOWN_TIMEOUT", default_value = "10s")]
    shutdown_timeout: String,
    /// How log lines are written: `text` or `json`.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    log_format: String,
    #[command(flatten)]
    metrics: MetricsSettings,
}

impl Settings {
    pub fn check(self) -> Result<Config> {
        let Ok(ip) = IpAddr::from_str(self.ip.trim()) else {
            bail!(
                "IP={:?} is not an IP address. Set it to 127.0.0.1 (this machine only) or 0.0.0.0 (all networks).",
                self.ip
            );
        };
        let Ok(port) = self.port.trim().parse::<u16>() else {
            bail!("PORT={:?} is not a port. Set it to a number from 0 to 65535, such as 8080.", self.port);
        };
        if self.data_dir.as_os_str().is_empty() {
            bail!("DATA_DIR is empty. Set it to a folder, such as ./data, or unset it.");
        }
        let storage = self.clone().storage()?;
        let files = if let StorageConfig::S3(store) = &storage { Some(store) } else { None };
        Ok(Config {
            backup: self.backup.clone().check(files, &self.data_dir)?,
            address: SocketAddr::new(ip, port),
            database: self.database.url(&self.data_dir)?,
            database_connections: self.database.connections()?,
            data_dir: self.data_dir.clone(),
            max_upload_size: parse_size("UPLOADS_MAX_FILE_SIZE", self.uploads_max_file_size.clone())?,
            organization_quota: parse_size("ORGANIZATION_QUOTA", self.organization_quota.clone())?.map(ByteSize),
            attachments: self.attachments.clone().check()?,
            remote_fetch: RemoteFetchConfig {
                timeout: parse_duration("REMOTE_FETCH_TIMEOUT", &self.remote_fetch_timeout)?,
                network: Network::default(),
                allowed_hosts: parse_hosts("WEBHOOK_ALLOWED_HOSTS", self.webhook_allowed_hosts.clone())?,
            },
            connections: ConnectionLimits::default(),
            shutdown_timeout: parse_duration("SHUTDOWN_TIMEOUT", &self.shutdown_timeout)?,
            log_format: LogFormat::parse(&self.log_format)?,
            metrics: self.metrics.clone().check()?,
            upload_idle_timeout: UPLOAD_IDLE_TIMEOUT,
            worker_program: own_executable(),
            public_url: set(self.public_url.clone()).map(|url| check_origin("PUBLIC_URL", &url)).transpose()?,
            api_requests_per_minute: parse_rate("API_REQUESTS_PER_MINUTE", &self.api_requests_per_minute)?,
            trusted_proxies: parse_proxies("TRUST_PROXY", self.trust_proxy.clone())?,
            sign_up: match self.sign_up.trim() {
                "invite" | "" => SignUpPolicy::Invite,
                "open" => SignUpPolicy::Open,
                other => bail!("SIGN_UP={other:?} is not valid. Set it to invite or open."),
            },
            sign_ups_per_hour: parse_rate("SIGN_UPS_PER_HOUR", &self.sign_ups_per_hour)?,
            storage,
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
                "S3 storage is incomplete: {} missing. Set all of S3_BUCKET, S3_ENDPOINT, S3_ACCESS_KEY_ID and \
                 S3_SECRET_ACCESS_KEY, or unset all S3_ variables to store files on local disk.",
                missing.join(", ")
            );
        };
        if set(self.storage_root).is_some() {
            bail!("STORAGE_ROOT and S3_BUCKET are both set. Unset one of them.");
        }
        if public_read && public_url.is_none() {
            bail!(
                "S3_PUBLIC_READ=true needs S3_PUBLIC_URL. Set both to let anyone with a URL read every file, or \
                 neither to keep files private."
            );
        }
        let endpoint = check_url("S3_ENDPOINT", &endpoint)?;
        if endpoint.ends_with(&format!("/{bucket}")) && endpoint.matches('/').count() > 2 {
            bail!(
                "S3_ENDPOINT ends with the bucket's name. Set it to the URL without /{bucket}: the server adds S3_BUCKET \
                 itself."
            );
        }
        Ok(StorageConfig::S3(S3Config {
            bucket,
            endpoint,
            access_key_id,
            secret_access_key,
            region: region.unwrap_or_else(|| "auto".to_owned()),
            public_url: public_url.map(|url| check_url("S3_PUBLIC_URL", &url)).transpose()?,
            public_read,
            temporary: self.data_dir.join("tmp"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::DatabaseUrl;
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
    fn a_bucket_in_the_endpoint_is_rejected() {
        let with = |endpoint: &str| {
            let endpoint = format!("--s3-endpoint={endpoint}");
            check(&["--s3-bucket=b", &endpoint, "--s3-access-key-id=id", "--s3-secret-access-key=hunter2"])
        };
        for wrong in ["https://s3.example.com/b", "https://s3.example.com/b/", "https://s3.example.com/storage/b"] {
            assert!(with(wrong).expect_err(wrong).to_string().contains("S3_ENDPOINT"));
        }
        for right in ["https://s3.example.com", "http://b", "https://s3.example.com/storage/v1/s3"] {
            assert!(with(right).is_ok(), "{right}");
        }
    }

    #[test]
    fn wrong_values_name_the_variable() {
        assert!(refusal(&["--ip=example"]).contains("IP="));
        assert!(refusal(&["--port=eighty"]).contains("PORT="));
        assert!(refusal(&["--database-url=mysql://u:hunter2@h/d"]).contains("DATABASE_URL"));
        assert!(!refusal(&["--database-url=mysql://u:hunter2@h/d"]).contains("hunter2"));
        assert!(refusal(&["--database-max-connections=6"]).contains("DATABASE_MAX_CONNECTIONS"));
        let listen = refusal(&["--database-listen-url=sqlite:hunter2"]);
        assert!(listen.contains("DATABASE_LISTEN_URL") && !listen.contains("hunter2"));
        assert!(refusal(&["--shutdown-timeout=10"]).contains("SHUTDOWN_TIMEOUT"));
        assert!(refusal(&["--uploads-max-file-size=big"]).contains("UPLOADS_MAX_FILE_SIZE"));
        assert!(refusal(&["--organization-quota=much"]).contains("ORGANIZATION_QUOTA"));
        assert!(refusal(&["--public-url=files.example.com"]).contains("PUBLIC_URL"));
        assert!(refusal(&["--public-url=https://example.com/files/"]).contains("PUBLIC_URL"));
        assert!(check(&["--public-url=https://files.example.com/"]).is_ok());
        assert!(refusal(&["--trust-proxy=maybe"]).contains("TRUST_PROXY"));
        assert!(refusal(&["--trust-proxy=-1"]).contains("TRUST_PROXY"));
        assert!(refusal(&["--sign-up=closed"]).contains("SIGN_UP="));
        assert!(refusal(&["--sign-ups-per-hour=many"]).contains("SIGN_UPS_PER_HOUR"));
        assert!(refusal(&["--remote-fetch-timeout=soon"]).contains("REMOTE_FETCH_TIMEOUT"));
        assert!(refusal(&["--log-format=xml"]).contains("LOG_FORMAT="));
        assert!(refusal(&["--webhook-allowed-hosts=http://localhost"]).contains("WEBHOOK_ALLOWED_HOSTS"));
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
        let r2 = [&S3[..], &["--s3-public-url=https://pub-1.r2.dev/"]].concat();
        let StorageConfig::S3(r2) = check(&r2).unwrap().storage else { panic!("S3 is configured") };
        assert_eq!((r2.public_url.as_deref(), r2.public_read), (Some("https://pub-1.r2.dev"), false));
    }

    #[test]
    fn changed_settings_are_named_and_secrets_are_not_shown() {
        let of = |flags: &[&str]| {
            changed_settings(&Cli::command().get_matches_from(std::iter::once(&"attache").chain(flags)))
        };
        assert_eq!(of(&["--port=8080", "--public-url="]), "");
        let flags = ["--port=80", "--database-url=postgres://u:hunter2@h/d", "--metrics-token=hunter2hunter2hunter2"];
        assert_eq!(of(&flags), "PORT=80 DATABASE_URL=(set) METRICS_TOKEN=(set)");
        assert!(of(&S3).contains("S3_ENDPOINT=https://s3.example.com/") && !of(&S3).contains("hunter2"));
    }

    #[test]
    fn secrets_do_not_print() {
        let config = check(&S3).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
