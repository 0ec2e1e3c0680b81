//! A move refuses a target that is in use, and names what to correct.

use attache::platform::Platform;
use attache::platform::config::{DatabaseUrl, MoveTarget, StorageConfig};
use attache::platform::db::Db;

use super::{both, moved, other, refusal};
use crate::backup::{Empty, fill};
use crate::support::{TestApp, alone_on_both_engines};

alone_on_both_engines![
    a_target_in_use_is_refused,
    the_place_where_it_is_is_refused,
    a_moved_installation_is_not_moved_elsewhere,
    an_incomplete_target_is_no_installation,
];

async fn a_target_in_use_is_refused(app: TestApp) {
    fill(&app).await;
    let used = TestApp::start_alone(other(app.engines)).await;
    let channel = used.owner().await.channel("general").await;
    used.owner().await.send_file(&channel, "a.txt", "text/plain", b"other").await;
    let config = &app.platform.config;
    let database = MoveTarget { database: Some(used.platform.config.database.clone()), storage: None };
    assert!(refusal(config, &database).await.contains("The new database is not empty"));
    let storage = MoveTarget { database: None, storage: Some(used.platform.config.storage.clone()) };
    assert!(refusal(config, &storage).await.contains("is not empty: it has "));
    // Both go on working.
    used.owner().await.send(&channel, "work goes on", &[]).await.ok();
    app.owner().await.channel("new").await;
}

async fn the_place_where_it_is_is_refused(app: TestApp) {
    let config = &app.platform.config;
    let database = MoveTarget { database: Some(config.database.clone()), storage: None };
    assert!(refusal(config, &database).await.contains("Choose another database"));
    let mut storages = vec![config.storage.clone()];
    if let StorageConfig::LocalDisk { root } = &config.storage {
        storages.push(StorageConfig::LocalDisk { root: root.join("inside") });
        storages.push(StorageConfig::LocalDisk { root: root.parent().expect("a parent").to_owned() });
    }
    for storage in storages {
        let storage = MoveTarget { database: None, storage: Some(storage) };
        assert!(refusal(config, &storage).await.contains("Choose another storage"));
    }
    let nowhere = MoveTarget { database: Some(DatabaseUrl::Sqlite("/proc/nowhere/a.db".into())), storage: None };
    assert!(refusal(config, &nowhere).await.contains("Cannot open the new database"));
}

async fn a_moved_installation_is_not_moved_elsewhere(app: TestApp) {
    fill(&app).await;
    let (first, second) = (Empty::new(&app, app.engines).await, Empty::new(&app, other(app.engines)).await);
    moved(&app, &both(&first)).await;
    assert!(refusal(&app.platform.config, &both(&second)).await.contains("was moved before"));
}

async fn an_incomplete_target_is_no_installation(app: TestApp) {
    fill(&app).await;
    let empty = Empty::new(&app, other(app.engines)).await;
    let db = Db::open(&empty.config.database).await.expect("an empty database");
    let mark =
        "INSERT INTO moves (id, state, installation, from_database, from_storage) VALUES (1, 'target', 'a', 'b', 'c')";
    match &db {
        Db::Sqlite(pools) => sqlx::query(mark).execute(&pools.writer).await.map(|_| ()),
        Db::Postgres(pools) => sqlx::query(mark).execute(&pools.requests).await.map(|_| ()),
    }
    .expect("it can be marked");
    db.close().await;
    assert!(refusal(&app.platform.config, &both(&empty)).await.contains("belongs to another move"));
    let refused = Platform::open(empty.config.clone()).await.err().expect("it must be refused").to_string();
    assert!(refused.contains("is not complete"), "{refused}");
    assert!(refusal(&empty.config, &both(&Empty::new(&app, app.engines).await)).await.contains("no installation yet"));
}
