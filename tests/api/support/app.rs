//! The application under test: the real router, served on a local socket.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attache::platform::Platform;
use attache::platform::config::{
    AttachmentsConfig, BackupConfig, Config, DatabaseConnections, DatabaseUrl, MetricsConfig, S3Config, SignUpPolicy,
    StorageConfig,
};
use attache::platform::db::Db;
use attache::platform::remote_fetch::RemoteFetchConfig;
use attache::platform::serve::{ConnectionLimits, serve};
use attache::platform::telemetry::logs::LogFormat;
use attache::server::router;
use axum::Router;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use super::answer::text;
use super::{Engines, Statements, User, statements_before};

pub const PASSWORD: &str = "correct horse battery";

pub struct TestApp {
    pub platform: Platform,
    pub engines: Engines,
    /// The URL, such as `http://127.0.0.1:41234`.
    pub base: String,
    folder: Arc<TempDir>,
    server: JoinHandle<()>,
    people: People,
}

/// Created when first requested.
#[derive(Default)]
struct People {
    owner: OnceCell<User>,
    admin: OnceCell<User>,
    member: OnceCell<User>,
    guest: OnceCell<User>,
    stranger: OnceCell<User>,
}

impl TestApp {
    pub async fn start(engines: Engines) -> Self {
        Self::start_with(engines, |_| {}).await
    }

    /// Starts with a separate storage, for tests that list it.
    pub async fn start_alone(engines: Engines) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let storage = engines.own_storage(folder.path()).await;
        let app = Self::start_with(engines, |config| {
            if let (StorageConfig::S3(own), StorageConfig::S3(usual)) = (storage, &mut config.storage) {
                // The folder of this function is gone when the server needs one.
                let temporary = std::mem::take(&mut usual.temporary);
                *usual = S3Config { temporary, ..own };
            }
        });
        app.await
    }

    /// Starts on PostgreSQL and Garage, with a proxy before Garage: `stand` receives the URL of the store, and returns
    /// its own.
    pub async fn start_behind(stand: impl AsyncFnOnce(String) -> String) -> Self {
        let StorageConfig::S3(store) = Engines::PostgresGarage.storage(Path::new("")) else {
            panic!("Garage speaks S3");
        };
        let endpoint = stand(store.endpoint).await;
        Self::start_with(Engines::PostgresGarage, |config| {
            if let StorageConfig::S3(store) = &mut config.storage {
                store.endpoint = endpoint;
            }
        })
        .await
    }

    /// Starts on PostgreSQL, with a proxy before it that can break at any statement.
    pub async fn start_behind_statements() -> (Self, Statements) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let DatabaseUrl::Postgres(url) = Engines::PostgresGarage.database(folder.path()).await else {
            panic!("PostgreSQL")
        };
        let statements = Statements::default();
        let url = statements_before(&url, &statements).await;
        // With a disk, because only the database is to fail, and many files are uploaded.
        let app = Self::start_with(Engines::PostgresGarage, |config| {
            config.database = DatabaseUrl::Postgres(url);
            config.storage = Engines::SqliteLocal.storage(&config.data_dir);
        });
        (app.await, statements)
    }

    /// Starts with a configuration that differs from the default.
    pub async fn start_with(engines: Engines, change: impl FnOnce(&mut Config)) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a temporary folder can be made"));
        let mut config = Config {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: engines.database(folder.path()).await,
            storage: engines.storage(folder.path()),
            data_dir: folder.path().to_owned(),
            max_upload_size: None,
            organization_quota: None,
            attachments: AttachmentsConfig::default(),
            backup: BackupConfig::default(),
            remote_fetch: RemoteFetchConfig::default(),
            connections: ConnectionLimits::default(),
            log_format: LogFormat::default(),
            metrics: MetricsConfig::default(),
            upload_idle_timeout: Duration::from_mins(1),
            shutdown_timeout: Duration::from_secs(10),
            database_connections: DatabaseConnections::default(),
            worker_program: env!("CARGO_BIN_EXE_attache").into(),
            public_url: None,
            trusted_proxies: 0,
            sign_up: SignUpPolicy::Open,
            sign_ups_per_hour: None,
            api_requests_per_minute: None,
        };
        change(&mut config);
        Self::serve(engines, config, folder).await
    }

    /// With pages in place of none.
    pub async fn start_with_pages(engines: Engines, pages: Router) -> Self {
        let app = Self::start(engines).await;
        let (config, folder) = (app.platform.config.clone(), app.folder.clone());
        Self::serve_with(engines, config, folder, pages).await
    }

    async fn serve(engines: Engines, config: Config, folder: Arc<TempDir>) -> Self {
        Self::serve_with(engines, config, folder, Router::new()).await
    }

    async fn serve_with(engines: Engines, config: Config, folder: Arc<TempDir>, pages: Router) -> Self {
        let listener = TcpListener::bind(config.address).await.expect("the address is free");
        let base = format!("http://{}", listener.local_addr().expect("a bound socket has an address"));
        let platform = Box::pin(Platform::open(config)).await.expect("the engines can be opened");
        let (routes, limits, stop) = (router(&platform, pages), platform.config.connections, platform.clone());
        let stopping = async move { stop.stopping().await };
        let server = tokio::spawn(serve(listener, routes, limits, stopping, Duration::from_secs(10)));
        Self { platform, engines, base, folder, server, people: People::default() }
    }

    /// Stops the server and starts it again on the same address and data.
    pub async fn restart(self) -> Self {
        let mut config = self.platform.config.clone();
        config.address = self.base["http://".len()..].parse().expect("the base is an address");
        self.platform.stop();
        self.server.abort();
        let _ = self.server.await;
        self.platform.db.close().await;
        let (engines, folder) = (self.engines, self.folder);
        drop(self.platform);
        Self::serve(engines, config, folder).await
    }

    /// Starts another server on the same database and storage.
    pub async fn second_server(&self) -> Self {
        Self::serve(self.engines, self.platform.config.clone(), self.folder.clone()).await
    }

    /// Advances the time of this server.
    pub fn advance(&self, by: Duration) {
        self.platform.clock.advance(by);
    }

    pub fn is_local_disk(&self) -> bool {
        self.engines == Engines::SqliteLocal
    }

    /// Returns the data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the folder of local disk.
    pub fn files(&self) -> std::path::PathBuf {
        self.folder.path().join("files")
    }

    /// Returns all files under a folder of local disk, as paths relative to it.
    pub fn files_under(&self, folder: &str) -> Vec<String> {
        files_under(&self.files().join(folder))
    }

    /// Runs a statement directly, for states that no request creates. `{id}` is replaced by the id.
    pub async fn sql(&self, statement: &str, id: &str) -> u64 {
        match &self.platform.db {
            Db::Sqlite(pools) => {
                let statement = statement.replace("{id}", &format!("x'{}'", id.replace('-', "")));
                let done = sqlx::query(AssertSqlSafe(statement)).execute(&pools.writer).await;
                done.expect("the statement runs").rows_affected()
            }
            Db::Postgres(pools) => {
                let statement = statement.replace("{id}", &format!("'{id}'::uuid"));
                let done = sqlx::query(AssertSqlSafe(statement)).execute(&pools.requests).await;
                done.expect("the statement runs").rows_affected()
            }
        }
    }

    /// Counts the rows of a table, or of a table with a condition. `{id}` is replaced by the id.
    pub async fn count(&self, from: &str, id: &str) -> i64 {
        self.counts(&[from], id).await[0]
    }

    /// Counts several at the same time.
    pub async fn counts(&self, from: &[&str], id: &str) -> Vec<i64> {
        let counts: Vec<_> =
            from.iter().enumerate().map(|(at, from)| format!("SELECT {at} AS at, count(*) FROM {from}")).collect();
        let statement = format!("{} ORDER BY at", counts.join(" UNION ALL "));
        let counted = match &self.platform.db {
            Db::Sqlite(pools) => {
                let statement = statement.replace("{id}", &format!("x'{}'", id.replace('-', "")));
                sqlx::query_as(AssertSqlSafe(statement)).fetch_all(&pools.writer).await
            }
            Db::Postgres(pools) => {
                let statement = statement.replace("{id}", &format!("'{id}'::uuid"));
                sqlx::query_as(AssertSqlSafe(statement)).fetch_all(&pools.requests).await
            }
        };
        let counted: Vec<(i32, i64)> = counted.expect("the statement runs");
        counted.into_iter().map(|(_, count)| count).collect()
    }

    pub fn anonymous(&self) -> User {
        User::new(&self.base)
    }

    pub async fn owner(&self) -> User {
        self.people.owner.get_or_init(|| self.sign_up("Olga Owner", "owner@example.com", "Harbour")).await.clone()
    }

    pub async fn admin(&self) -> User {
        self.people.admin.get_or_init(|| self.invited("admin", "Adam Admin")).await.clone()
    }

    pub async fn member(&self) -> User {
        self.people.member.get_or_init(|| self.invited("member", "Mia Member")).await.clone()
    }

    /// Returns a guest without assignments.
    pub async fn guest(&self) -> User {
        self.people.guest.get_or_init(|| self.invited("guest", "Gus Guest")).await.clone()
    }

    /// Returns the owner of another organization.
    pub async fn other_organization(&self) -> User {
        self.people
            .stranger
            .get_or_init(|| self.sign_up("Sten Stranger", "stranger@example.org", "Lighthouse"))
            .await
            .clone()
    }

    /// Returns another guest, assigned to this contact.
    pub async fn guest_of(&self, contact: &Value) -> User {
        let guest = self.invited("guest", "Gerda Guest").await;
        let path = format!("/api/contacts/{}/members", text(&contact["id"]));
        self.owner().await.put(&path, json!({ "memberIds": [guest.member_id] })).await.ok();
        guest
    }

    pub async fn sign_up(&self, name: &str, email: &str, organization: &str) -> User {
        let mut user = self.anonymous();
        let body = json!({ "name": name, "email": email, "password": PASSWORD, "organization": organization });
        user.entered(user.post("/api/auth/sign-up", body).await, email);
        user
    }

    /// Returns a new member, who joined by a link with this role.
    pub async fn invited(&self, role: &str, name: &str) -> User {
        let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
        self.owner().await.colleague(role, name, &email).await
    }

    pub async fn invite_token(&self, role: &str) -> String {
        self.owner().await.invite_token(role).await
    }
}

/// Returns all files under a folder, as sorted paths relative to it. Folders without files are removed, so a missing
/// one has none.
pub fn files_under(folder: &Path) -> Vec<String> {
    fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
            let entry = entry.expect("the folder can be listed");
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().expect("the entry has a type").is_dir() {
                collect(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    if folder.exists() {
        collect(folder, "", &mut found);
    }
    found.sort();
    found
}
