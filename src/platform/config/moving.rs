//! Where an installation is moved to.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::values::{check_url, set};
use super::{DatabaseUrl, S3Config, StorageConfig};

/// The word for a store instead of a folder.
const S3: &str = "s3";

#[derive(Debug, Clone, Args)]
pub struct MoveSettings {
    /// The new database: `postgres://user:password@host/database` or `sqlite:<path>`. Default: the database stays.
    #[arg(long, env = "TO_DATABASE_URL", hide_env_values = true)]
    to_database: Option<String>,
    /// The new storage: a folder, or `s3` for the store of `TO_S3_BUCKET` and the other `TO_S3_` variables. Default: the
    /// files stay.
    #[arg(long)]
    to_storage: Option<String>,
    /// Bucket for `--to-storage s3`.
    #[arg(long, env = "TO_S3_BUCKET")]
    to_s3_bucket: Option<String>,
    /// URL of its store.
    #[arg(long, env = "TO_S3_ENDPOINT")]
    to_s3_endpoint: Option<String>,
    #[arg(long, env = "TO_S3_ACCESS_KEY_ID", hide_env_values = true)]
    to_s3_access_key_id: Option<String>,
    #[arg(long, env = "TO_S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    to_s3_secret_access_key: Option<String>,
    /// Region of the store. Default: `auto`.
    #[arg(long, env = "TO_S3_REGION")]
    to_s3_region: Option<String>,
    /// Make the old installation writable again, and forget the move. What was written in the new one is not moved back.
    #[arg(long, conflicts_with_all = ["to_storage", "delete_old"])]
    pub undo: bool,
    /// After a move, with the old settings: delete what is in the old database and the old storage.
    #[arg(long, conflicts_with = "to_storage")]
    pub delete_old: bool,
}

/// Where an installation is moved to. At least one is set.
#[derive(Debug, Clone)]
pub struct MoveTarget {
    /// `None`: the database stays.
    pub database: Option<DatabaseUrl>,
    /// `None`: the files stay.
    pub storage: Option<StorageConfig>,
}

impl MoveSettings {
    /// Returns the target. `data_dir` is the folder for temporary data.
    pub fn target(&self, data_dir: &Path) -> Result<MoveTarget> {
        let database = set(self.to_database.clone()).map(|url| url.parse()).transpose();
        let database = database.map_err(|_: anyhow::Error| {
            anyhow::anyhow!(
                "--to-database is not valid. Set it to postgres://user:password@host:5432/database or sqlite:<path of a \
                 file>."
            )
        })?;
        let storage = match set(self.to_storage.clone()).as_deref() {
            None => None,
            Some(S3) => Some(StorageConfig::S3(self.store(data_dir)?)),
            Some(folder) if folder.contains("://") => {
                bail!("--to-storage={folder:?} is not valid. Set it to a folder, or to s3 with the TO_S3_ variables.")
            }
            Some(folder) => Some(StorageConfig::LocalDisk { root: PathBuf::from(folder) }),
        };
        if database.is_none() && storage.is_none() {
            bail!("Set --to-database, --to-storage, or both.");
        }
        Ok(MoveTarget { database, storage })
    }

    fn store(&self, data_dir: &Path) -> Result<S3Config> {
        let required = |name: &str, value: &Option<String>| {
            set(value.clone()).with_context(|| format!("{name} is missing. --to-storage s3 needs it."))
        };
        Ok(S3Config {
            bucket: required("TO_S3_BUCKET", &self.to_s3_bucket)?,
            endpoint: check_url("TO_S3_ENDPOINT", &required("TO_S3_ENDPOINT", &self.to_s3_endpoint)?)?,
            access_key_id: required("TO_S3_ACCESS_KEY_ID", &self.to_s3_access_key_id)?,
            secret_access_key: required("TO_S3_SECRET_ACCESS_KEY", &self.to_s3_secret_access_key)?,
            region: set(self.to_s3_region.clone()).unwrap_or_else(|| "auto".to_owned()),
            public_url: None,
            public_read: false,
            temporary: data_dir.join("tmp"),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::platform::config::{Cli, Command};

    const S3_FLAGS: [&str; 4] = [
        "--to-s3-bucket=b",
        "--to-s3-endpoint=https://s3.example.com/",
        "--to-s3-access-key-id=id",
        "--to-s3-secret-access-key=hunter2",
    ];

    fn target(flags: &[&str]) -> Result<MoveTarget> {
        let cli = Cli::parse_from(["attache", "move"].iter().chain(flags));
        let Some(Command::Move(settings)) = cli.command else { panic!("it is a move") };
        settings.target(Path::new("/srv/attache"))
    }

    #[test]
    fn a_target_is_a_database_or_a_storage_or_both() {
        let only = target(&["--to-database=sqlite:/srv/a.db"]).unwrap();
        assert!(only.database == Some(DatabaseUrl::Sqlite("/srv/a.db".into())) && only.storage.is_none());
        let folder = target(&["--to-storage=/srv/files"]).unwrap();
        assert!(matches!(folder.storage, Some(StorageConfig::LocalDisk { root }) if root == *"/srv/files"));
        let both = target(&[&["--to-database=postgres://h/d", "--to-storage=s3"][..], &S3_FLAGS].concat()).unwrap();
        let Some(StorageConfig::S3(store)) = both.storage else { panic!("a store") };
        assert_eq!((store.bucket.as_str(), store.endpoint.as_str()), ("b", "https://s3.example.com"));
        assert_eq!(both.database, Some(DatabaseUrl::Postgres("postgres://h/d".into())));
    }

    #[test]
    fn a_wrong_target_is_refused_by_name() {
        assert!(target(&[]).unwrap_err().to_string().contains("--to-database"));
        assert!(target(&["--to-storage=s3://b"]).unwrap_err().to_string().contains("TO_S3_"));
        let secret = target(&["--to-database=mysql://u:hunter2@h/d"]).unwrap_err().to_string();
        assert!(secret.contains("--to-database") && !secret.contains("hunter2"), "{secret}");
        for (index, name) in ["BUCKET", "ENDPOINT", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"].iter().enumerate() {
            let mut flags = vec!["--to-storage=s3"];
            flags.extend(S3_FLAGS.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, flag)| *flag));
            assert!(target(&flags).unwrap_err().to_string().contains(&format!("TO_S3_{name} is missing")), "{name}");
        }
    }
}
