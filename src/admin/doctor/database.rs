//! Checks of the database: whether it responds, can be written, and delivers notifications.

use std::time::Duration;

use sqlx::postgres::PgListener;

use super::Finding;
use crate::channels::model::SearchIndex;
use crate::channels::search_index;
use crate::platform::config::DatabaseUrl;
use crate::platform::db::{Db, WRITE_REMEDY, newer_version};

const ABOUT: &str = "database";
/// A channel for the probe only.
const CHANNEL: &str = "attache_doctor";

pub async fn examine(url: &DatabaseUrl) -> Vec<Finding> {
    let db = match Db::connect(url).await {
        Ok(db) => db,
        Err(error) => return vec![Finding::problem(ABOUT, error.to_string())],
    };
    let mut findings = vec![writable(&db, url).await];
    findings.extend(version(&db).await);
    if let Db::Postgres(pools) = &db {
        findings.push(notifications(&pools.requests).await);
    }
    findings.extend(search(&db).await);
    db.close().await;
    findings
}

async fn writable(db: &Db, url: &DatabaseUrl) -> Finding {
    let name = match url {
        DatabaseUrl::Sqlite(path) => format!("SQLite in {}", path.display()),
        DatabaseUrl::Postgres(_) => "PostgreSQL".to_owned(),
    };
    match db.write_and_undo().await {
        Ok(()) => Finding::good(ABOUT, format!("{name} is writable")),
        Err(error) => Finding::problem(ABOUT, format!("{name} is not writable ({error}). {WRITE_REMEDY}")),
    }
}

/// Checks whether this version can start on the database.
async fn version(db: &Db) -> Option<Finding> {
    let newest = db.migration().await.ok()?;
    (newest > Db::newest_migration()).then(|| Finding::problem("database: version", newer_version(newest).to_string()))
}

/// Checks whether searches find all messages. Returns nothing for a database that this version has not set up yet.
async fn search(db: &Db) -> Option<Finding> {
    const ABOUT: &str = "search";
    let index = search_index::state(db.on()).await.ok()?;
    Some(if index.complete {
        Finding::good(ABOUT, "all messages are indexed")
    } else {
        let SearchIndex { indexed, total, .. } = index;
        Finding::advice(
            ABOUT,
            format!("{indexed} of {total} messages are indexed. The server indexes the others while it runs."),
        )
    })
}

/// Checks notifications. A pooler in transaction mode drops them, and live updates with them.
async fn notifications(pool: &sqlx::PgPool) -> Finding {
    const ABOUT: &str = "live updates";
    let heard = async {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(pool).await?;
        listener.recv().await
    };
    match tokio::time::timeout(Duration::from_secs(5), heard).await {
        Ok(Ok(_)) => Finding::good(ABOUT, "notifications arrive"),
        Ok(Err(error)) => Finding::problem(ABOUT, format!("PostgreSQL rejects LISTEN ({error}).")),
        Err(_) => Finding::problem(
            ABOUT,
            "Notifications do not arrive. Connect DATABASE_URL directly to PostgreSQL, not to a pooler in transaction \
             mode.",
        ),
    }
}
