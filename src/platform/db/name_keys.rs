//! Keys of names that an older version wrote without them. SQL can't compute them.

use uuid::Uuid;

use super::{Db, Tx, execute, fetch_all};
use crate::platform::name_key::name_key;
use crate::platform::search::fold;

/// Sets the missing keys of all names, oldest first. If two names that used to differ are now equal, both are kept: the
/// later one gets a key that no name has, and can be renamed.
pub async fn fill(db: &Db) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    channels(&mut tx).await?;
    roles(&mut tx).await?;
    bots(&mut tx).await?;
    tx.commit().await
}

/// Returns the key of a row whose name is in use.
fn own_key(name: &str, id: Uuid) -> String {
    // No name contains a line break.
    format!("{}\n{id}", name_key(name))
}

async fn channels(tx: &mut Tx) -> sqlx::Result<()> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, String),
        "SELECT id, name FROM channels WHERE name_key IS NULL AND kind <> 'contact' ORDER BY id"
    )?;
    for (id, name) in rows {
        let filled = execute!(
            &mut *tx,
            "UPDATE channels SET name_key = $2, search_text = $3 WHERE id = $1 AND name_key IS NULL AND NOT EXISTS (
               SELECT 1 FROM channels o WHERE o.organization_id = channels.organization_id AND o.kind = channels.kind
                 AND o.name_key = $2 AND o.deleted_at IS NULL)",
            id,
            name_key(&name),
            fold(&name)
        )?;
        if filled == 0 {
            execute!(
                &mut *tx,
                "UPDATE channels SET name_key = $2, search_text = $3 WHERE id = $1 AND name_key IS NULL",
                id,
                own_key(&name, id),
                fold(&name)
            )?;
        }
    }
    Ok(())
}

async fn roles(tx: &mut Tx) -> sqlx::Result<()> {
    let rows = fetch_all!(&mut *tx, (Uuid, String), "SELECT id, name FROM roles WHERE name_key IS NULL ORDER BY id")?;
    for (id, name) in rows {
        let filled = execute!(
            &mut *tx,
            "UPDATE roles SET name_key = $2 WHERE id = $1 AND name_key IS NULL AND NOT EXISTS (
               SELECT 1 FROM roles o WHERE o.organization_id = roles.organization_id AND o.name_key = $2)",
            id,
            name_key(&name)
        )?;
        if filled == 0 {
            let key = own_key(&name, id);
            execute!(&mut *tx, "UPDATE roles SET name_key = $2 WHERE id = $1 AND name_key IS NULL", id, key.as_str())?;
        }
    }
    Ok(())
}

async fn bots(tx: &mut Tx) -> sqlx::Result<()> {
    let rows = fetch_all!(&mut *tx, (Uuid, String), "SELECT id, name FROM bots WHERE name_key IS NULL ORDER BY id")?;
    for (id, name) in rows {
        let filled = execute!(
            &mut *tx,
            "UPDATE bots SET name_key = $2 WHERE id = $1 AND name_key IS NULL AND NOT EXISTS (
               SELECT 1 FROM bots o WHERE o.organization_id = bots.organization_id AND o.name_key = $2
                 AND o.removed_at IS NULL)",
            id,
            name_key(&name)
        )?;
        if filled == 0 {
            let key = own_key(&name, id);
            execute!(&mut *tx, "UPDATE bots SET name_key = $2 WHERE id = $1 AND name_key IS NULL", id, key.as_str())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::DatabaseUrl;

    #[tokio::test]
    async fn an_upgrade_keeps_names_that_are_the_same_now() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("attache.db"))).await.unwrap();
        let organization = Uuid::from_u128(1);
        execute!(db.on(), "INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Harbor', 0)", organization)
            .unwrap();
        for (number, name) in [(2, "K\u{fc}che"), (3, "ku\u{308}che"), (4, "hall"), (5, "K\u{fc}che\u{200b}")] {
            execute!(
                db.on(),
                "INSERT INTO channels (id, organization_id, kind, name, private, created_at)
                 VALUES ($1, $2, 'team', $3, FALSE, 0)",
                Uuid::from_u128(number),
                organization,
                name
            )
            .unwrap();
        }
        for _ in 0..2 {
            fill(&db).await.unwrap();
            let keys = fetch_all!(db.on(), (String, String), "SELECT name_key, search_text FROM channels ORDER BY id");
            let own = |number| format!("ku\u{308}che\n{}", Uuid::from_u128(number));
            let expected = [
                ("ku\u{308}che".to_owned(), "kuche"),
                (own(3), "kuche"),
                ("hall".to_owned(), "hall"),
                (own(5), "kuche"),
            ];
            assert_eq!(keys.unwrap(), expected.map(|(key, text)| (key, text.to_owned())));
        }
    }
}
