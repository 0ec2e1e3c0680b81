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
const CHOSEN: [(&str, &str, &str); 4] = [
    (
        "files/library/store/mod.rs",
        "if oldest_first { texts . oldest_first } else { texts . newest_first }",
        "files/library/store/walks.rs",
    ),
    (
        "files/library/store/candidates.rs",
        "if oldest_first { texts . oldest_first } else { texts . newest_first }",
        "files/library/store/walks.rs",
    ),
    ("files/library/store/totals.rs", "texts (member , wanted) . totals", "files/library/store/walks.rs"),
    ("files/library/store/totals.rs", "texts (member , wanted) . sums", "files/library/store/walks.rs"),
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

/// Prepares a statement on PostgreSQL, and returns it as prepared. It needs the type of a parameter that is compared only with
/// NULL: the product sends it with the value, and here one that fits is tried.
async fn prepare_typed(postgres: &mut PgConnection, mut sql: String) -> Result<String, sqlx::Error> {
    loop {
        let Err(error) = prepare(postgres, &sql).await else { return Ok(sql) };
        let Some(parameter) = untyped(&error) else { return Err(error) };
        let mut fitting = None;
        for name in TYPES {
            let typed = sql.replace(&format!("{parameter} IS"), &format!("CAST({parameter} AS {name}) IS"));
            match prepare(postgres, &typed).await {
                Ok(()) => return Ok(typed),
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

/// Tables that grow with use.
const LARGE: [&str; 5] = ["messages", "attachments", "message_attachments", "channel_reads", "events"];

/// Statements that read all of a large table: the file, a part of the text, and why they may.
const READ_ALL: [(&str, &str, &str); 3] = [
    ("files/quotas/", "GROUP BY", "the storage page counts all files"),
    ("files/quotas/", "ORDER BY a.file_size DESC", "the storage page lists the largest of all files"),
    ("files/attachments/store/", "multipart_id = $1", "a daily job, for uploads that were left over"),
];

/// 100,000 messages in 1,040 conversations, a third of them with a file, as `u7(milliseconds, number)` names them.
const FILL: &str = "
SET session_replication_role = replica;
CREATE FUNCTION u7(ms bigint, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(ms), 12, '0') || '7' || lpad(to_hex(n % 4096), 3, '0') || '8' || substr(md5(n::text), 1, 15))::uuid $$;
INSERT INTO organizations (id, name, created_at) VALUES (u7(1, 1), 'Harbour', 1);
INSERT INTO users (id, email, name, password_hash, created_at)
  SELECT u7(2, n), n || '@example.com', 'Person ' || n, '', 1 FROM generate_series(1, 200) n;
INSERT INTO members (id, organization_id, user_id, role_id, created_at)
  SELECT u7(2, n), u7(1, 1), u7(2, n), u7(1, 1), 1 FROM generate_series(1, 200) n;
INSERT INTO contacts (id, organization_id, first_name, last_name, search_text, created_at, updated_at)
  SELECT u7(3, n), u7(1, 1), 'First ' || n, 'Last', 'first ' || n, 1, 1 FROM generate_series(1, 1000) n;
INSERT INTO channels (id, organization_id, kind, name, private, contact_id, created_at, last_sequence)
  SELECT u7(4, n), u7(1, 1), 'contact', '', false, u7(3, n), 1, 100 FROM generate_series(1, 1000) n;
INSERT INTO channels (id, organization_id, kind, name, private, created_at, last_sequence)
  SELECT u7(4, n), u7(1, 1), CASE WHEN n < 1021 THEN 'team' ELSE 'bucket' END, 'place ' || n, false, 1, 100
  FROM generate_series(1001, 1040) n;
INSERT INTO messages (id, organization_id, channel_id, member_id, body, created_at, search_text, sequence)
  SELECT u7(n * 10, n), u7(1, 1), u7(4, 1 + CASE n % 3 WHEN 0 THEN 1000 + n / 3 % 40 ELSE n % 1000 END), u7(2, 1 + n % 200),
    'text ' || n, n * 10, 'text ' || n, n / 1000 FROM generate_series(1, 100000) n;
UPDATE channels c SET last_message_id = (SELECT m.id FROM messages m WHERE m.channel_id = c.id ORDER BY m.id DESC LIMIT 1);
INSERT INTO channel_reads (channel_id, member_id, last_read_id)
  SELECT c.id, m.id, c.last_message_id FROM channels c CROSS JOIN (SELECT id FROM members LIMIT 20) m;
INSERT INTO attachments (id, organization_id, channel_id, uploaded_by, file_name, file_size, declared_type, content_type, media_type,
    status, attempt_id, message_id, created_at, uploaded_at, kind, search_text)
  SELECT id, organization_id, channel_id, member_id, id || '.jpg', 1000, 'image/jpeg', 'image/jpeg', 'IMAGE', 'complete', id, id,
    created_at, created_at, 'image', id || '.jpg' FROM messages WHERE created_at / 10 % 3 = 0;
INSERT INTO message_attachments (message_id, position, attachment_id) SELECT message_id, 0, id FROM attachments;
INSERT INTO events (organization_id, number, kind, channel_id, subject_id, message_id, created_at)
  SELECT organization_id, row_number() OVER (ORDER BY id), 'message.created', channel_id, id, id, created_at FROM messages
  WHERE created_at > 800000;
ANALYZE";

/// With the statistics of a large installation, PostgreSQL reads large tables along an index, with the one plan that it makes for all
/// values. The plans of SQLite are tested beside the statements.
#[tokio::test(flavor = "multi_thread")]
async fn large_tables_are_read_along_an_index() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    sources(&root, &root, &mut files);
    let folder = tempfile::tempdir().unwrap();
    let postgres = Db::open(&Engines::PostgresGarage.database(folder.path()).await).await.unwrap();
    let Db::Postgres(postgres) = &postgres else { panic!("PostgreSQL") };
    let mut postgres = postgres.requests.acquire().await.unwrap();
    postgres.execute(FILL).await.unwrap();
    let mut wrong = Vec::new();
    for Statement { file, sql } in statements(&files) {
        let is_read = sql.trim_start().to_uppercase().starts_with("SELECT");
        let may_read_all = READ_ALL.iter().any(|(of, part, _)| file.starts_with(of) && sql.contains(part));
        if !is_read || may_read_all || sql.contains("attache_probe") {
            continue;
        }
        let plan = plan_of(&mut postgres, sql).await;
        wrong.extend(
            LARGE
                .iter()
                .filter(|table| plan.contains(&format!("Seq Scan on {table} ")))
                .map(|table| format!("{file} reads all of {table}:\n{plan}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Returns the plan for all values of the parameters.
async fn plan_of(postgres: &mut PgConnection, sql: String) -> String {
    let typed = prepare_typed(postgres, sql).await.unwrap();
    let last = (1..100).rev().find(|number| typed.contains(&format!("${number}"))).unwrap_or(0);
    let values = if last == 0 { String::new() } else { format!("({})", vec!["NULL"; last].join(", ")) };
    let prepare = format!("DEALLOCATE ALL; PREPARE plan_of AS {typed}");
    postgres.execute(AssertSqlSafe(prepare)).await.unwrap();
    let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE plan_of{values}"));
    let lines: Vec<String> = sqlx::query_scalar(explain).persistent(false).fetch_all(postgres).await.unwrap();
    lines.join("\n")
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
