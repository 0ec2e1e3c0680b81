//! Back-ups: made while people work, restored into an empty installation, compared row by row and byte by byte.

mod damaged;
mod restored;
mod scheduled;
mod under_load;

use std::collections::BTreeMap;

use attache::admin::backup::create::{Summary, create};
use attache::admin::backup::restore::{Restored, restore};
use attache::platform::Platform;
use attache::platform::archive::Archive;
use attache::platform::config::{ArchiveConfig, Config, DatabaseUrl, StorageConfig};
use attache::platform::db::rows::{Row, Snapshot};
use attache::platform::storage::Storage;
use futures::TryStreamExt;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Engines, PASSWORD, Parts, TestApp, User, files};

/// A folder for SQLite and local disk, a prefix of a bucket for PostgreSQL and Garage.
pub struct Target {
    pub config: ArchiveConfig,
    _folder: TempDir,
}

impl Target {
    pub async fn new(engines: Engines) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let config = match engines.own_storage(folder.path()).await {
            StorageConfig::LocalDisk { .. } => ArchiveConfig::Folder(folder.path().join("back-up")),
            StorageConfig::S3(store) => ArchiveConfig::Bucket { store, prefix: "of/harbor/".to_owned() },
        };
        Self { config, _folder: folder }
    }

    pub async fn archive(&self) -> Archive {
        Archive::open(&self.config).await.expect("the target can be opened")
    }

    /// Returns the names of all files, sorted.
    pub async fn files(&self) -> Vec<String> {
        let listed: Vec<_> = self.archive().await.list("").try_collect().await.expect("a list");
        let mut names: Vec<_> = listed.into_iter().map(|file| file.name).collect();
        names.sort();
        names
    }

    /// Returns the name of the only file that has this text in its name.
    pub async fn file(&self, part: &str) -> String {
        let files = self.files().await;
        files.iter().find(|name| name.contains(part)).unwrap_or_else(|| panic!("{part}: {files:?}")).clone()
    }

    /// Replaces the bytes of a file.
    pub async fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let archive = self.archive().await;
        let mut bytes = archive.read_bytes(name).await.expect("the file is there");
        change(&mut bytes);
        archive.put_bytes(name, bytes).await.expect("it can be written");
    }
}

pub async fn back_up(app: &TestApp, target: &Target) -> Summary {
    create(&app.platform, &target.config).await.expect("a back-up can be made")
}

/// An empty database and storage.
pub struct Empty {
    pub config: Config,
    engines: Engines,
    _folder: TempDir,
}

impl Empty {
    pub async fn new(app: &TestApp, engines: Engines) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut config = app.platform.config.clone();
        config.database = engines.database(folder.path()).await;
        config.storage = engines.own_storage(folder.path()).await;
        config.data_dir = folder.path().to_owned();
        Self { config, engines, _folder: folder }
    }

    pub async fn restore(&self, target: &Target) -> anyhow::Result<Restored> {
        restore(&self.config, &target.config, None).await
    }

    /// Returns the error of a restore that must fail.
    pub async fn refusal(&self, target: &Target) -> String {
        format!("{:#}", self.restore(target).await.expect_err("it must be refused"))
    }

    /// Starts a server on it.
    pub async fn start(&self) -> TestApp {
        TestApp::start_with(self.engines, |config| *config = Config { address: config.address, ..self.config.clone() })
            .await
    }

    /// Asserts that a failed restore left neither rows nor objects.
    pub async fn assert_empty(&self) {
        for (table, rows) in rows_of(&self.config.database).await {
            // Migrations insert rows of their own.
            assert!(rows.is_empty() || table == "refolds", "{table}: {rows:?}");
        }
        let secret = attache::platform::secret::Secret::random(&attache::platform::clock::Clock::default());
        let storage = Storage::open(&self.config.storage, secret).await.expect("the storage can be opened");
        assert_eq!(objects_of(&storage).await, BTreeMap::new());
    }
}

pub async fn rows_of(database: &DatabaseUrl) -> BTreeMap<String, Vec<Row>> {
    let mut snapshot = Snapshot::open(database).await.expect("the database can be read");
    let mut rows = BTreeMap::new();
    for table in snapshot.tables().await.expect("tables") {
        let all: Vec<Row> = snapshot.rows(&table).try_collect().await.expect("the rows can be read");
        rows.insert(table.name, all);
    }
    rows
}

/// Returns the bytes of all objects.
pub async fn objects_of(storage: &Storage) -> BTreeMap<String, Vec<u8>> {
    let listed: Vec<_> = storage.list("").try_collect().await.expect("a list");
    let mut objects = BTreeMap::new();
    for object in listed {
        let key = object.key.parse().expect("a key");
        objects.insert(object.key, storage.read_start(&key, object.size).await.expect("it can be read"));
    }
    objects
}

/// Fills an installation with what has rows and objects of every kind. Returns the owner and a channel.
pub async fn fill(app: &TestApp) -> (User, String) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.send(&channel, "é \"quoted\" \\ 🦭\nline", &[]).await.ok();
    owner.send_file(&channel, "photo.png", "image/png", &files::picture(64, 48)).await;
    owner.send_file(&channel, "small.txt", "text/plain", b"x").await;
    let large: Vec<u8> = (0..9 * 1024 * 1024_u32).map(|at| u8::try_from(at % 251).unwrap_or(0)).collect();
    let parts = Parts::begin(&owner, &channel, "large.bin", "", &large).await;
    parts.send(1..=parts.count).await;
    owner.complete(parts.id()).await.ok();
    owner.send(&channel, "large", &[parts.id()]).await.ok();
    let picture = json!({ "type": "user-avatar", "fileName": "face.png" });
    owner.picture(picture, &files::picture(8, 8)).await;
    let contact = owner.contact("Jane", "Doe", "+1 555 123 4567").await;
    assert!(contact["id"].is_string());
    let deleted = owner.send_file(&channel, "deleted.txt", "text/plain", b"deleted").await;
    owner.delete(&format!("/api/attachments/{deleted}")).await.ok();
    app.member().await.send(&channel, "hello", &[]).await.ok();
    run_jobs(&app.platform).await;
    (owner, channel)
}

pub async fn run_jobs(platform: &Platform) {
    attache::platform::jobs::run_due(platform, attache::jobs::JOBS).await.expect("jobs can be read");
}

/// Logs in at a restored installation.
pub async fn log_in(app: &TestApp, email: &str) -> User {
    let mut user = app.anonymous();
    let answer = user.post("/api/auth/log-in", json!({ "email": email, "password": PASSWORD })).await;
    user.entered(answer, email);
    user
}
