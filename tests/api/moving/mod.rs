//! Moves: an installation in use is moved to other engines, compared row by row and byte by byte.

mod continued;
mod moved;
mod read_only;
mod refused;

use std::collections::BTreeMap;
use std::future::pending;

use attache::admin::moving::{Moved, move_to};
use attache::admin::verify::examine;
use attache::platform::config::{Config, MoveTarget};

use crate::backup::{Empty, objects_of, rows_of};
use crate::support::{Engines, TestApp};

/// Returns the engines that the app does not use.
pub fn other(engines: Engines) -> Engines {
    match engines {
        Engines::SqliteLocal => Engines::PostgresGarage,
        Engines::PostgresGarage => Engines::SqliteLocal,
    }
}

pub fn both(empty: &Empty) -> MoveTarget {
    MoveTarget { database: Some(empty.config.database.clone()), storage: Some(empty.config.storage.clone()) }
}

/// Moves without an interruption.
pub async fn moving(config: &Config, target: &MoveTarget) -> anyhow::Result<Option<Moved>> {
    move_to(config, target, pending()).await
}

pub async fn moved(app: &TestApp, target: &MoveTarget) -> Moved {
    moving(&app.platform.config, target).await.expect("it can be moved").expect("it was not moved before")
}

/// Returns the error of a move that must fail.
pub async fn refusal(config: &Config, target: &MoveTarget) -> String {
    format!("{:#}", moving(config, target).await.expect_err("it must be refused"))
}

/// Returns the objects that a move copies.
pub async fn kept_objects(app: &TestApp) -> BTreeMap<String, Vec<u8>> {
    let mut objects = objects_of(&app.platform.storage).await;
    objects.retain(|key, _| !key.starts_with("staging/"));
    objects
}

/// Asserts that a started target has every row and every byte of its source, and is sound.
pub async fn assert_moved(source: &TestApp, target: &TestApp) {
    assert_sound(source, target).await;
    let (before, after) = (kept_objects(source).await, kept_objects(target).await);
    assert!(before.keys().eq(after.keys()), "{:?} {:?}", before.keys(), after.keys());
}

/// The same, where the source may have objects of uploads that were refused at their last step.
pub async fn assert_sound(source: &TestApp, target: &TestApp) {
    let (before, after) =
        (rows_of(&source.platform.config.database).await, rows_of(&target.platform.config.database).await);
    assert!(before.keys().eq(after.keys()));
    for (table, rows) in &before {
        assert_eq!(rows, &after[table], "{table}");
    }
    let (before, after) = (kept_objects(source).await, kept_objects(target).await);
    assert!(after.iter().all(|(key, bytes)| before.get(key) == Some(bytes)), "the bytes differ");
    let report = examine(&target.platform, true).await.expect("it can be compared");
    assert_eq!(report.differences, []);
}
