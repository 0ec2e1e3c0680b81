//! Every statement of the product is prepared on both engines: one that only the other understands fails here, whether or not a
//! test runs it.
//!
//! All statements go through the macros of `platform/db/macros.rs`, with texts that are constant. They are read from the source.

use std::collections::BTreeMap;
use std::path::Path;

use attache::platform::db::Db;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use sqlx::{AssertSqlSafe, Executor, PgConnection, SqlSafeStr};

use crate::support::Engines;

/// The macros that take a statement, and at which place.
const MACROS: [(&str, usize); 6] = [
    ("fetch_all", 2),
    ("fetch_optional", 2),
    ("fetch_value", 2),
    ("fetch_all_of", 2),
    ("execute", 1),
    ("insert_pairs", 1),
];
/// Statements that are chosen when they run: where, the text of the choice, and the file that has those chosen from as fields.
const CHOSEN: [(&str, &str, &str); 2] = [
    (
        "files/library/store/mod.rs",
        "if oldest_first { texts . oldest_first } else { texts . newest_first }",
        "files/library/store/walks.rs",
    ),
    ("files/library/store/mod.rs", "texts (member , wanted) . totals", "files/library/store/walks.rs"),
];
/// Files that build or run statements in another way, and why that is no statement of the product for both engines.
const OTHER_WAYS: [(&str, &str); 6] = [
    ("platform/db/", "the macros themselves, settings of a connection, and locks, which PostgreSQL alone has"),
    ("platform/jobs.rs", "several jobs in one INSERT; the API tests run it"),
    ("files/attachments/store/removal.rs", "a list of files in one UPDATE; the API tests run it"),
    ("platform/events.rs", "NOTIFY, which PostgreSQL alone has"),
    ("admin/doctor/database.rs", "NOTIFY, which PostgreSQL alone has"),
    ("platform/named_enum.rs", "a test"),
];

/// The sources, by their paths in `src`.
fn sources(folder: &Path, root: &Path, found: &mut BTreeMap<String, TokenStream>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, root, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            found.insert(name, std::fs::read_to_string(&path).unwrap().parse().unwrap());
        }
    }
}

/// The parts of a list, by its commas.
fn arguments(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(Vec::new()),
            _ => parts.last_mut().unwrap().push(token),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Calls `visit` with each list of tokens between brackets, and with the whole.
fn each_list(tokens: &TokenStream, visit: &mut impl FnMut(&[TokenTree])) {
    let list: Vec<_> = tokens.clone().into_iter().collect();
    for token in &list {
        if let TokenTree::Group(group) = token {
            each_list(&group.stream(), visit);
        }
    }
    visit(&list);
}

fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

fn is_punct(token: Option<&TokenTree>, c: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

/// The constants of the product: by name, the file and the value's tokens.
type Constants = BTreeMap<String, Vec<(String, Vec<TokenTree>)>>;

fn constants(sources: &BTreeMap<String, TokenStream>) -> Constants {
    let mut found = Constants::new();
    for (file, tokens) in sources {
        each_list(tokens, &mut |list| {
            for (at, token) in list.iter().enumerate() {
                let (true, Some(TokenTree::Ident(name))) = (is_ident(Some(token), "const"), list.get(at + 1)) else {
                    continue;
                };
                let value: Vec<_> =
                    list[at..].iter().skip_while(|token| !is_punct(Some(token), '=')).skip(1).cloned().collect();
                let value = value.into_iter().take_while(|token| !is_punct(Some(token), ';')).collect();
                found.entry(name.to_string()).or_default().push((file.clone(), value));
            }
        });
    }
    found
}

/// The text of an expression. An error is the expression, where it is none that is constant.
fn text(constants: &Constants, file: &str, tokens: &[TokenTree]) -> Result<String, String> {
    let written = || tokens.iter().cloned().collect::<TokenStream>().to_string();
    match tokens {
        [TokenTree::Literal(literal)] => match syn::Lit::new(literal.clone()) {
            syn::Lit::Str(text) => Ok(text.value()),
            syn::Lit::Int(number) => Ok(number.base10_digits().to_owned()),
            _ => Err(written()),
        },
        [TokenTree::Ident(name), TokenTree::Punct(_), TokenTree::Group(parts)] if name == "concatcp" => {
            arguments(parts.stream()).iter().map(|part| text(constants, file, part)).collect()
        }
        [.., TokenTree::Ident(name)] => {
            let all = constants.get(&name.to_string()).ok_or_else(written)?;
            let own = all.iter().find(|(of, _)| of == file);
            match (own, &all[..]) {
                (Some((of, value)), _) | (None, [(of, value)]) => text(constants, of, value),
                _ => panic!("{file}: there are several constants {name}; give them different names"),
            }
        }
        _ => Err(written()),
    }
}

/// A statement of the product.
struct Statement {
    file: String,
    sql: String,
}

fn statements(sources: &BTreeMap<String, TokenStream>) -> Vec<Statement> {
    let constants = constants(sources);
    let mut found = Vec::new();
    for (file, tokens) in sources.iter().filter(|(file, _)| *file != "platform/db/macros.rs") {
        let mut statement = |sql| found.push(Statement { file: file.clone(), sql });
        each_list(tokens, &mut |list| {
            for window in list.windows(3) {
                let [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(group)] = window else {
                    continue;
                };
                let Some((name, place)) = MACROS.iter().find(|(known, _)| name == known) else { continue };
                if bang.as_char() != '!' || group.delimiter() != Delimiter::Parenthesis {
                    continue;
                }
                let arguments = arguments(group.stream());
                match text(&constants, file, &arguments[*place]) {
                    Ok(before) if *name == "insert_pairs" => {
                        statement(format!("{before} VALUES ($1, $2), ($1, $3) ON CONFLICT DO NOTHING"));
                    }
                    Ok(before) if *name == "fetch_all_of" => {
                        let after = text(&constants, file, &arguments[4]).expect("a constant text");
                        statement(format!("{before} IN ($1, $2) {after}"));
                    }
                    Ok(sql) => statement(sql),
                    Err(written) => {
                        let known = CHOSEN.iter().find(|(of, choice, _)| of == file && *choice == written);
                        assert!(known.is_some(), "{file}: {written:?} is no constant text");
                    }
                }
            }
        });
    }
    for from in CHOSEN.iter().map(|(.., from)| *from).collect::<std::collections::BTreeSet<_>>() {
        each_list(&sources[from], &mut |list| {
            for (at, token) in list.iter().enumerate() {
                if is_punct(at.checked_sub(1).and_then(|before| list.get(before)), ':')
                    && is_ident(Some(token), "concatcp")
                    && is_punct(list.get(at + 1), '!')
                {
                    let sql = text(&constants, from, &list[at..at + 3]).expect("a constant text");
                    found.push(Statement { file: from.to_owned(), sql });
                }
            }
        });
    }
    found
}

/// Types that the product binds.
const TYPES: [&str; 5] = ["uuid", "text", "bigint", "boolean", "bytea"];

/// Prepares a statement on PostgreSQL. It needs the type of a parameter that is compared only with NULL: the product sends it with
/// the value, and here one that fits is tried.
async fn prepare_typed(postgres: &mut PgConnection, mut sql: String) -> Result<(), sqlx::Error> {
    loop {
        let Err(error) = prepare(postgres, &sql).await else { return Ok(()) };
        let Some(parameter) = untyped(&error) else { return Err(error) };
        let mut fitting = None;
        for name in TYPES {
            let typed = sql.replace(&format!("{parameter} IS"), &format!("CAST({parameter} AS {name}) IS"));
            match prepare(postgres, &typed).await {
                Ok(()) => return Ok(()),
                Err(error) if untyped(&error).is_some_and(|other| other != parameter) => fitting = Some(typed),
                Err(_) => {}
            }
        }
        sql = fitting.ok_or(error)?;
    }
}

async fn prepare(postgres: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    postgres.prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await.map(|_| ())
}

/// Returns the parameter whose type PostgreSQL can't determine, such as `$6`.
fn untyped(error: &sqlx::Error) -> Option<String> {
    let text = error.as_database_error()?.message();
    Some(text.strip_prefix("could not determine data type of parameter ")?.split_whitespace().next()?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_both_engines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    sources(&root, &root, &mut files);
    let statements = statements(&files);
    assert!(statements.len() > 280, "only {} statements were found", statements.len());
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Db::open(&Engines::SqliteLocal.database(folder.path()).await).await.unwrap();
    let postgres = Db::open(&Engines::PostgresGarage.database(folder.path()).await).await.unwrap();
    let (Db::Sqlite(sqlite), Db::Postgres(postgres)) = (&sqlite, &postgres) else { panic!("one of each") };
    let (mut sqlite, mut postgres) =
        (sqlite.writer.acquire().await.unwrap(), postgres.requests.acquire().await.unwrap());
    let mut wrong = Vec::new();
    for Statement { file, sql } in statements.iter().filter(|statement| !statement.sql.contains("attache_probe")) {
        let here = sqlite.prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await.err();
        let there = prepare_typed(&mut postgres, sql.clone()).await.err();
        let errors = [("SQLite", here), ("PostgreSQL", there)];
        wrong.extend(
            errors.into_iter().filter_map(|(engine, error)| Some(format!("{engine}, {file}: {}\n{sql}", error?))),
        );
    }
    assert!(wrong.is_empty(), "{} of {} statements:\n\n{}", wrong.len(), statements.len(), wrong.join("\n\n"));
    // A statement that one engine alone understands is found.
    let only_postgres = AssertSqlSafe("SELECT id FROM users FOR UPDATE").into_sql_str();
    assert!(sqlite.prepare(only_postgres).await.is_err());
    let only_sqlite = AssertSqlSafe("SELECT rowid FROM users").into_sql_str();
    assert!(postgres.prepare(only_sqlite).await.is_err());
}

#[test]
fn statements_go_through_the_macros() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    sources(&root, &root, &mut files);
    for (file, tokens) in files {
        if OTHER_WAYS.iter().any(|(known, _)| file.starts_with(known)) {
            continue;
        }
        let text = tokens.to_string();
        for way in ["sqlx :: query", "QueryBuilder", "raw_sql", "AssertSqlSafe", "query_as ::", "query_scalar ::"] {
            assert!(!text.contains(way), "{file} has a statement of its own: {way}");
        }
    }
}
