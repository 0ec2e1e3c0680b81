//! The two engines have one schema: the same tables, columns, keys and indexes, but for what is listed here with its reason.

use std::collections::BTreeSet;

use attache::platform::db::Db;
use sqlx::{PgPool, SqlitePool};

use crate::support::Engines;

/// Lines that only one engine has, and why.
const DIFFERENCES: [(&str, &str); 8] = [
    ("SQLite: search_documents.number: integer", "FTS5 finds texts by numbers"),
    ("SQLite: search_documents: unique index key on number", "FTS5 finds texts by numbers"),
    ("PostgreSQL: search_documents.grams: text", "FTS5 stores them in its own tables"),
    (
        "PostgreSQL: search_documents: index search_documents_grams on gram_setgramswithgin_pending_list_limit=1024",
        "FTS5 is an index itself",
    ),
    (
        "SQLite: file_total_changes.id: bytes default randomblob16",
        "each engine generates ids for triggers in its own way",
    ),
    (
        "PostgreSQL: file_total_changes.id: bytes default gen_random_uuid",
        "each engine generates ids for triggers in its own way",
    ),
    ("SQLite: storage_changes.id: bytes default randomblob16", "each engine generates ids for triggers in its own way"),
    (
        "PostgreSQL: storage_changes.id: bytes default gen_random_uuid",
        "each engine generates ids for triggers in its own way",
    ),
];

/// A type that both engines write in their own way.
fn kind(declared: &str) -> String {
    match declared.to_ascii_lowercase().as_str() {
        // SQLite keeps both as bytes.
        "blob" | "bytea" | "uuid" => "bytes",
        "integer" | "bigint" | "smallint" => "integer",
        "boolean" => "boolean",
        "text" => "text",
        other => return format!("unknown type {other}"),
    }
    .to_owned()
}

/// Without what only one engine writes: casts, parentheses, spaces and the case of words outside quotes.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for (at, part) in text.split('\'').enumerate() {
        if at % 2 == 1 {
            // A text, or an id.
            let hex: String = part.chars().filter(char::is_ascii_hexdigit).collect();
            plain.push_str(if hex.len() == 32 && !hex.contains(|c| c != '0') { "nil" } else { part });
            continue;
        }
        let mut words = part.to_lowercase();
        for cast in ["::text[]", "::text", "::uuid", "::bytea", "::bigint"] {
            words = words.replace(cast, "");
        }
        // `x` begins a SQLite blob.
        let words = words.strip_suffix('x').filter(|before| before.is_empty()).map_or(words.clone(), str::to_owned);
        plain.extend(words.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"')));
    }
    // PostgreSQL writes `IN (…)` as `= ANY (ARRAY[…])`.
    plain.replace("=anyarray[", "in").replace(']', "").replace("<>", "!=")
}

fn column(table: &str, name: &str, declared: &str, is_nullable: bool, default: Option<&str>) -> String {
    let null = if is_nullable { " null" } else { "" };
    let default = default.map(|default| format!(" default {}", plain(default))).unwrap_or_default();
    format!("{table}.{name}: {}{null}{default}", kind(declared))
}

/// The tables `search_grams…` are those of FTS5, for which PostgreSQL has an index.
async fn of_sqlite(pool: &SqlitePool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let columns: Vec<(String, String, String, bool, Option<String>, i64)> = sqlx::query_as(
        "SELECT m.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk FROM sqlite_master m
         JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations'
           AND m.name NOT LIKE 'search_grams%'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for (table, name, declared, not_null, default, key) in columns {
        // A primary key may be null in SQLite alone; ids never are.
        found.insert(column(&table, &name, &declared, !not_null && key == 0, default.as_deref()));
    }
    let indexes: Vec<(String, String, bool, String, Option<String>)> = sqlx::query_as(
        "SELECT m.name, i.name, i.\"unique\", i.origin, s.sql FROM sqlite_master m JOIN pragma_index_list(m.name) i
         LEFT JOIN sqlite_master s ON s.type = 'index' AND s.name = i.name
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations'
           AND m.name NOT LIKE 'search_grams%'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for (table, name, is_unique, origin, sql) in indexes {
        let columns = if let Some(sql) = sql {
            sql.split_once('(').expect("an index has columns").1.to_owned()
        } else {
            let names: Vec<(String,)> = sqlx::query_as("SELECT name FROM pragma_index_info($1) ORDER BY seqno")
                .bind(&name)
                .fetch_all(pool)
                .await
                .unwrap();
            names.into_iter().map(|(name,)| name).collect::<Vec<_>>().join(",")
        };
        let name = if origin == "c" { name } else { "key".to_owned() };
        found.insert(index(&table, &name, is_unique, &columns));
    }
    // A primary key of one INTEGER is the row itself, without an index.
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name <> '_sqlx_migrations'
           AND m.name NOT LIKE 'search_grams%' AND c.pk = 1 AND c.type = 'INTEGER'
           AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) i WHERE i.origin = 'pk')",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    found.extend(rows.into_iter().map(|(table, column)| index(&table, "key", true, &column)));
    let references: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT m.name, f.\"from\", f.\"table\", f.on_delete FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
         WHERE m.type = 'table'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    found.extend(references.into_iter().map(|(table, column, to, action)| reference(&table, &column, &to, &action)));
    found
}

fn index(table: &str, name: &str, is_unique: bool, columns: &str) -> String {
    let unique = if is_unique { "unique " } else { "" };
    format!("{table}: {unique}index {name} on {}", plain(columns))
}

fn reference(table: &str, column: &str, to: &str, action: &str) -> String {
    format!("{table}.{column} references {to}, on delete {}", action.to_lowercase())
}

async fn of_postgres(pool: &PgPool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let columns: Vec<(String, String, String, bool, Option<String>)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES', column_default::text
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for (table, name, declared, is_nullable, default) in columns {
        found.insert(column(&table, &name, &declared, is_nullable, default.as_deref()));
    }
    let indexes: Vec<(String, String, bool, bool, String)> = sqlx::query_as(
        "SELECT t.relname::text, i.relname::text, x.indisunique, k.oid IS NOT NULL, pg_get_indexdef(x.indexrelid)
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u')
         WHERE n.nspname = 'public' AND t.relname <> '_sqlx_migrations'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    for (table, name, is_unique, is_key, definition) in indexes {
        let columns = definition.split_once('(').expect("an index has columns").1;
        let name = if is_key { "key" } else { &name };
        found.insert(index(&table, name, is_unique, columns));
    }
    let references: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT t.relname::text, a.attname::text, r.relname::text,
           CASE k.confdeltype WHEN 'a' THEN 'no action' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE k.confdeltype::text END
         FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) WHERE k.contype = 'f'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    found.extend(references.into_iter().map(|(table, column, to, action)| reference(&table, &column, &to, &action)));
    found
}

/// Where the two differ, a line each.
fn differences(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>) -> BTreeSet<String> {
    let only_sqlite = sqlite.difference(postgres).map(|line| format!("SQLite: {line}"));
    only_sqlite.chain(postgres.difference(sqlite).map(|line| format!("PostgreSQL: {line}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Db::open(&Engines::SqliteLocal.database(folder.path()).await).await.unwrap();
    let postgres = Db::open(&Engines::PostgresGarage.database(folder.path()).await).await.unwrap();
    let (Db::Sqlite(sqlite), Db::Postgres(postgres)) = (&sqlite, &postgres) else { panic!("one of each") };
    let (mut of_sqlite, of_postgres) = (of_sqlite(&sqlite.writer).await, of_postgres(&postgres.requests).await);
    assert!(of_sqlite.len() > 200, "{of_sqlite:#?}");
    let known: BTreeSet<_> = DIFFERENCES.iter().map(|(line, _)| (*line).to_owned()).collect();
    assert_eq!(differences(&of_sqlite, &of_postgres), known);

    // A column, an index and a reference that one engine lacks are found.
    for kind in [".file_size: ", "index messages_channel", "references"] {
        let line = of_sqlite.iter().find(|line| line.contains(kind)).unwrap().clone();
        of_sqlite.remove(&line);
        assert!(differences(&of_sqlite, &of_postgres).contains(&format!("PostgreSQL: {line}")));
        of_sqlite.insert(line);
    }
}
