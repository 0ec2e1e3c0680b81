//! SQL texts that read and write all columns of a table. Names are those of the database itself, never input.

use super::{Column, Kind, Table};

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn expressions(table: &Table, mut of: impl FnMut(&Column, &str) -> String) -> String {
    joined(table.columns.iter().zip(&table.declared).map(move |(column, declared)| of(column, declared)))
}

/// Returns each row as a JSON array, sorted by key.
pub fn read_sqlite(table: &Table) -> String {
    let values = expressions(table, |column, _| {
        let name = quoted(&column.name);
        match column.kind {
            Kind::Bytes => format!("CASE WHEN {name} IS NULL THEN NULL ELSE lower(hex({name})) END"),
            Kind::Integer | Kind::Text => name,
            Kind::Boolean => format!("CAST({name} AS INTEGER)"),
        }
    });
    let order = joined(table.key.iter().map(|name| quoted(name)));
    format!("SELECT json_array({values}) FROM {} ORDER BY {order}", quoted(&table.name))
}

/// The same for PostgreSQL, in the order of SQLite.
pub fn read_postgres(table: &Table) -> String {
    let values = expressions(table, |column, declared| {
        let name = quoted(&column.name);
        match (column.kind, declared) {
            (Kind::Bytes, "uuid") => format!("replace({name}::text, '-', '')"),
            (Kind::Bytes, _) => format!("encode({name}, 'hex')"),
            (Kind::Integer | Kind::Text, _) => name,
            (Kind::Boolean, _) => format!("{name}::int"),
        }
    });
    let kind_of = |name: &String| table.columns.iter().find(|column| column.name == *name).map(|column| column.kind);
    let order = joined(table.key.iter().map(|name| match kind_of(name) {
        Some(Kind::Text) => format!("{} COLLATE \"C\"", quoted(name)),
        _ => quoted(name),
    }));
    format!("SELECT json_build_array({values})::text FROM {} ORDER BY {order}", quoted(&table.name))
}

fn insert(table: &Table, values: &str, from: &str) -> String {
    let columns = joined(table.columns.iter().map(|column| quoted(&column.name)));
    format!("INSERT INTO {} ({columns}) SELECT {values} FROM {from}", quoted(&table.name))
}

/// Inserts the rows of a JSON array of rows, its only parameter.
pub fn write_sqlite(table: &Table) -> String {
    let mut at = 0;
    let values = expressions(table, |column, _| {
        let value = format!("value ->> {at}");
        at += 1;
        if column.kind == Kind::Bytes { format!("unhex({value})") } else { value }
    });
    insert(table, &values, "json_each($1)")
}

/// The same for PostgreSQL.
pub fn write_postgres(table: &Table) -> String {
    let mut at = 0;
    let values = expressions(table, |column, declared| {
        let value = format!("(value ->> {at})");
        at += 1;
        match (column.kind, declared) {
            (Kind::Bytes, "uuid") => format!("{value}::uuid"),
            (Kind::Bytes, _) => format!("decode({value}, 'hex')"),
            (Kind::Integer, _) => format!("{value}::bigint"),
            (Kind::Boolean, _) => format!("{value}::int::boolean"),
            (Kind::Text, _) => value,
        }
    });
    insert(table, &values, "jsonb_array_elements($1::jsonb) AS rows (value)")
}
