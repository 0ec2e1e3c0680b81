//! The two pairs of engines. A missing one fails the test with the command that installs it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Once;

use attache::platform::clock::Clock;
use attache::platform::config::{DatabaseUrl, S3Config, StorageConfig};
use aws_credential_types::Credentials;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engines {
    SqliteLocal,
    PostgresGarage,
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: there is no PostgreSQL and no Garage to test on. Run \
             `scripts/with-engines.sh cargo test --features server`; `scripts/install-engines.sh` installs both."
        )
    })
}

impl Engines {
    /// Creates a new, empty database.
    pub async fn database(self, folder: &Path) -> DatabaseUrl {
        self.announce();
        match self {
            Self::SqliteLocal => DatabaseUrl::Sqlite(folder.join("attache.db")),
            Self::PostgresGarage => {
                let server = variable("TEST_DATABASE_URL");
                let name = format!("test_{}", Clock::default().new_id().simple());
                let mut connection = PgConnection::connect(&server).await.expect("TEST_DATABASE_URL can be reached");
                let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
                connection.execute(create).await.expect("a database can be created");
                let base = server.rsplit_once('/').expect("TEST_DATABASE_URL names a database").0;
                DatabaseUrl::Postgres(format!("{base}/{name}"))
            }
        }
    }

    pub fn storage(self, folder: &Path) -> StorageConfig {
        match self {
            Self::SqliteLocal => StorageConfig::LocalDisk { root: folder.join("files") },
            Self::PostgresGarage => StorageConfig::S3(S3Config {
                bucket: variable("TEST_S3_BUCKET"),
                endpoint: variable("TEST_S3_ENDPOINT"),
                access_key_id: variable("TEST_S3_ACCESS_KEY_ID"),
                secret_access_key: variable("TEST_S3_SECRET_ACCESS_KEY"),
                region: variable("TEST_S3_REGION"),
                public_url: None,
                public_read: false,
                temporary: folder.join("tmp"),
            }),
        }
    }

    /// Returns the storage with a bucket that no other test uses.
    pub async fn own_storage(self, folder: &Path) -> StorageConfig {
        let mut storage = self.storage(folder);
        if let StorageConfig::S3(config) = &mut storage {
            config.bucket = format!("test-{}", Clock::default().new_id().simple());
            let credentials = Credentials::new(&config.access_key_id, &config.secret_access_key, None, None, "tests");
            let settings = aws_sdk_s3::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(config.region.clone()))
                .endpoint_url(&config.endpoint)
                .credentials_provider(credentials)
                .force_path_style(true)
                .build();
            let store = aws_sdk_s3::Client::from_conf(settings);
            store.create_bucket().bucket(&config.bucket).send().await.expect("a bucket can be created");
        }
        storage
    }

    /// Returns the settings of a separate server on this pair: none for SQLite and local disk.
    pub fn variables(database: &DatabaseUrl) -> BTreeMap<&'static str, String> {
        let DatabaseUrl::Postgres(url) = database else { return BTreeMap::new() };
        BTreeMap::from([
            ("DATABASE_URL", url.clone()),
            ("S3_BUCKET", variable("TEST_S3_BUCKET")),
            ("S3_ENDPOINT", variable("TEST_S3_ENDPOINT")),
            ("S3_ACCESS_KEY_ID", variable("TEST_S3_ACCESS_KEY_ID")),
            ("S3_SECRET_ACCESS_KEY", variable("TEST_S3_SECRET_ACCESS_KEY")),
            ("S3_REGION", variable("TEST_S3_REGION")),
        ])
    }

    /// Prints once for each pair that it runs. Bypasses the capture of the test runner, which only captures `print!`.
    fn announce(self) {
        static SQLITE: Once = Once::new();
        static POSTGRES: Once = Once::new();
        let (once, text) = match self {
            Self::SqliteLocal => (&SQLITE, "running on SQLite + local disk\n"),
            Self::PostgresGarage => (&POSTGRES, "running on PostgreSQL + Garage\n"),
        };
        once.call_once(|| std::io::stderr().write_all(text.as_bytes()).expect("standard error is open"));
    }
}
