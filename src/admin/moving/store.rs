//! SQL of moves. The times are those of the database.

use std::collections::HashMap;

use uuid::Uuid;

use crate::platform::db::{Db, On, Tx, execute, fetch_all, fetch_value};
use crate::platform::timestamp::Timestamp;

/// What a move is, in the row of its source and of its target.
pub struct Places {
    /// A hash that identifies the installation.
    pub installation: String,
    pub from_database: String,
    pub from_storage: String,
    pub to_database: Option<String>,
    pub to_storage: Option<String>,
}

/// Claims the move for a run of the command. Returns whether no other one is running, and the installation was not moved
/// before. Without `continues` it has no target yet.
pub async fn claim(
    tx: &mut Tx,
    places: &Places,
    continues: bool,
    run: Uuid,
    (now, until): (Timestamp, Timestamp),
) -> sqlx::Result<bool> {
    let claimed = execute!(
        tx,
        "INSERT INTO moves (id, state, installation, run_id, leased_until, from_database, from_storage, to_database, to_storage)
         VALUES (1, 'copying', $1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET state = 'copying', run_id = $2, leased_until = $3, read_only_until = NULL,
           from_database = $4, from_storage = $5, to_database = $6, to_storage = $7
         WHERE moves.state IN ('copying', 'arrived') AND (moves.leased_until IS NULL OR moves.leased_until <= $8)",
        &places.installation,
        run,
        until,
        &places.from_database,
        &places.from_storage,
        places.to_database.as_deref().filter(|_| continues),
        places.to_storage.as_deref().filter(|_| continues),
        now
    )?;
    Ok(claimed > 0)
}

/// Notes the target, after it was found empty: from then on it may have what this move has written. Returns `false` if
/// the lease was lost.
pub async fn note_target(on: On<'_>, places: &Places, run: Uuid) -> sqlx::Result<bool> {
    let noted = execute!(
        on,
        "UPDATE moves SET to_database = $2, to_storage = $3 WHERE id = 1 AND run_id = $1 AND state = 'copying'",
        run,
        places.to_database.as_deref(),
        places.to_storage.as_deref()
    )?;
    Ok(noted > 0)
}

/// Returns `false` if the lease was lost.
pub async fn renew(on: On<'_>, run: Uuid, until: Timestamp) -> sqlx::Result<bool> {
    let renewed = execute!(
        on,
        "UPDATE moves SET leased_until = $2 WHERE id = 1 AND run_id = $1 AND state = 'copying'",
        run,
        until
    )?;
    Ok(renewed > 0)
}

/// Renews the lease of a run that has made the database read-only. `now` is the time after the row was locked. Returns
/// `false` if the lease was lost, or the database could be written since.
pub async fn renew_read_only(tx: &mut Tx, run: Uuid, now: Timestamp, until: Timestamp) -> sqlx::Result<bool> {
    let renewed = execute!(
        tx,
        "UPDATE moves SET leased_until = $3, read_only_until = $3
         WHERE id = 1 AND run_id = $1 AND state = 'copying' AND read_only_until > $2",
        run,
        now,
        until
    )?;
    Ok(renewed > 0)
}

/// Makes the database read-only until a time. Returns `false` if the lease was lost.
pub async fn make_read_only(on: On<'_>, run: Uuid, until: Timestamp) -> sqlx::Result<bool> {
    let made = execute!(
        on,
        "UPDATE moves SET read_only_until = $2 WHERE id = 1 AND run_id = $1 AND state = 'copying'",
        run,
        until
    )?;
    Ok(made > 0)
}

/// Ends a run that did not complete the move.
pub async fn release(on: On<'_>, run: Uuid) -> sqlx::Result<()> {
    execute!(
        on,
        "UPDATE moves SET leased_until = NULL, read_only_until = NULL WHERE id = 1 AND run_id = $1 AND state = 'copying'",
        run
    )?;
    Ok(())
}

/// Locks the row of the move until the transaction ends, and so waits for writers that were admitted before. Returns
/// `false` if the lease was lost.
pub async fn lock(tx: &mut Tx, run: Uuid) -> sqlx::Result<bool> {
    let locked = execute!(tx, "UPDATE moves SET id = id WHERE id = 1 AND run_id = $1 AND state = 'copying'", run)?;
    Ok(locked > 0)
}

/// Completes the move: the installation stays read-only. `now` is the time after the row was locked. Returns `false` if
/// the installation was no longer read-only.
pub async fn complete(tx: &mut Tx, run: Uuid, now: Timestamp) -> sqlx::Result<bool> {
    let completed = execute!(
        tx,
        "UPDATE moves SET state = 'moved', leased_until = NULL, read_only_until = NULL
         WHERE id = 1 AND run_id = $1 AND state = 'copying' AND read_only_until > $2",
        run,
        now
    )?;
    Ok(completed > 0)
}

/// Marks a database as the target of a move that is not complete: no server starts on it. Returns whether it is.
pub async fn mark_target(db: &Db, places: &Places) -> sqlx::Result<bool> {
    let marked = execute!(
        db,
        "INSERT INTO moves (id, state, installation, from_database, from_storage) VALUES (1, 'target', $1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET from_database = $2, from_storage = $3
         WHERE moves.state = 'target' AND moves.installation = $1",
        &places.installation,
        &places.from_database,
        &places.from_storage
    )?;
    Ok(marked > 0)
}

pub async fn unmark_target(db: &Db) -> sqlx::Result<()> {
    execute!(db, "DELETE FROM moves WHERE id = 1 AND state = 'target'")?;
    Ok(())
}

/// Forgets a move that no command is working on. Returns `false` if one is.
pub async fn forget(db: &Db, now: Timestamp) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    let forgotten = execute!(
        &mut tx,
        "DELETE FROM moves WHERE id = 1 AND state <> 'target' AND (leased_until IS NULL OR leased_until <= $1)",
        now
    )?;
    if forgotten == 0 {
        return Ok(false);
    }
    forget_objects(&mut tx).await?;
    tx.commit().await?;
    Ok(true)
}

pub async fn forget_objects(tx: &mut Tx) -> sqlx::Result<()> {
    execute!(tx, "DELETE FROM moved_objects")?;
    Ok(())
}

/// Returns the rows that an installation in use has at least one of.
pub async fn count_people(db: &Db) -> sqlx::Result<i64> {
    fetch_value!(db, i64, "SELECT (SELECT count(*) FROM organizations) + (SELECT count(*) FROM users)")
}

/// Returns the versions of all copied objects, by key.
pub async fn moved_objects(on: On<'_>) -> sqlx::Result<HashMap<String, String>> {
    let rows = fetch_all!(on, (String, String), "SELECT key, version FROM moved_objects")?;
    Ok(rows.into_iter().collect())
}

pub async fn add_objects(db: &Db, objects: &[(String, String)]) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    for (key, version) in objects {
        execute!(
            &mut tx,
            "INSERT INTO moved_objects (key, version) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET version = $2",
            key,
            version
        )?;
    }
    tx.commit().await
}

pub async fn remove_object(on: On<'_>, key: &str) -> sqlx::Result<()> {
    execute!(on, "DELETE FROM moved_objects WHERE key = $1", key)?;
    Ok(())
}
