//! What start and `doctor` say about settings that can't work: the same cause, and what to do. `/readyz` responds only where the
//! server starts.

use std::collections::BTreeMap;

use attache::platform::config::DatabaseUrl;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::support::{Installation, TestApp, on_one_pair};

on_one_pair![postgres_garage_only, PostgresGarage:
    a_database_that_is_not_utf8_is_rejected,
    a_user_that_cannot_create_tables_is_named,
    a_missing_database_is_named,
    a_database_of_a_newer_version_is_named,
    a_wrong_region_is_named,
    a_bucket_that_does_not_exist_is_named,
    a_wrong_key_is_named_at_start,
    a_bucket_in_the_endpoint_is_named,
    a_store_that_is_away_is_named_without_a_signed_url,
    a_key_that_cannot_write_is_named_in_the_log,
];

on_one_pair![sqlite_local_only, SqliteLocal:
    a_second_server_on_one_folder_is_rejected,
    a_restore_under_a_running_server_is_rejected,
    a_newer_sqlite_database_is_named,
];

/// Asserts that start and `doctor` fail, and that both name this. Nothing responds to `/readyz` then.
#[track_caller]
fn assert_both_name(installation: &Installation, changes: &[(&'static str, &str)], named: &str) {
    let mut variables = installation.variables();
    variables.extend(changes.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let start = installation.run_until_exit(&variables);
    let log = String::from_utf8_lossy(&start.stderr);
    assert!(!start.status.success() && log.contains(named), "start does not say {named:?}: {log}");
    let doctor = installation.run_command(&["doctor"], &variables);
    let findings = format!("{}{}", String::from_utf8_lossy(&doctor.stdout), String::from_utf8_lossy(&doctor.stderr));
    assert!(!doctor.status.success() && findings.contains(named), "doctor does not say {named:?}: {findings}");
    for text in [log.as_ref(), &findings] {
        assert!(!text.contains("hunter2") && !text.contains("X-Amz-Signature"), "a secret is printed: {text}");
    }
}

fn postgres_url(installation: &Installation) -> String {
    match &installation.database {
        DatabaseUrl::Postgres(url) => url.clone(),
        DatabaseUrl::Sqlite(_) => panic!("this test is about PostgreSQL"),
    }
}

/// Runs statements on the server of this database.
async fn run(url: &str, statements: &[String]) {
    let mut connection = PgConnection::connect(url).await.expect("the database can be reached");
    for statement in statements {
        connection.execute(AssertSqlSafe(statement.clone())).await.expect(statement);
    }
}

/// Returns the URL of another database on the same server.
fn beside(url: &str, name: &str) -> String {
    format!("{}/{name}", url.rsplit_once('/').expect("a URL with a database").0)
}

async fn a_database_that_is_not_utf8_is_rejected(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    let url = postgres_url(&installation);
    let name = format!("ascii_{}", app.platform.clock.new_id().simple());
    let create = format!("CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
    run(&url, &[create]).await;
    assert_both_name(&installation, &[("DATABASE_URL", &beside(&url, &name))], "--encoding=UTF8");
}

async fn a_user_that_cannot_create_tables_is_named(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    let url = postgres_url(&installation);
    let user = format!("reader_{}", app.platform.clock.new_id().simple());
    let statements = [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned(),
        format!("CREATE ROLE {user} LOGIN PASSWORD 'hunter2'"),
    ];
    run(&url, &statements).await;
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let theirs = format!("{scheme}://{user}:hunter2@{host}");
    assert_both_name(&installation, &[("DATABASE_URL", &theirs)], "GRANT CREATE");
}

async fn a_missing_database_is_named(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    let url = beside(&postgres_url(&installation), "no_such_database");
    assert_both_name(&installation, &[("DATABASE_URL", &url)], "createdb");
}

async fn a_database_of_a_newer_version_is_named(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    installation.start().stop().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (999999, 'later', TRUE, '', 0)";
    run(&postgres_url(&installation), &[newer.to_owned()]).await;
    assert_both_name(&installation, &[], "A newer version of Attaché");
}

async fn a_newer_sqlite_database_is_named(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    installation.start().stop().await;
    let DatabaseUrl::Sqlite(path) = &installation.database else { panic!("this test is about SQLite") };
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.expect("the database can be opened");
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (999999, 'later', TRUE, x'', 0)";
    connection.execute(newer).await.expect("a row can be inserted");
    connection.close().await.expect("the connection closes");
    assert_both_name(&installation, &[], "A newer version of Attaché");
}

async fn a_wrong_region_is_named(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    assert_both_name(&installation, &[("S3_REGION", "elsewhere")], "S3_REGION");
}

async fn a_bucket_that_does_not_exist_is_named(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    assert_both_name(
        &installation,
        &[("S3_BUCKET", "elsewhere")],
        "S3_BUCKET: the bucket \"elsewhere\" does not exist",
    );
}

async fn a_wrong_key_is_named_at_start(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    assert_both_name(&installation, &[("S3_ACCESS_KEY_ID", "GK000000000000000000000000")], "S3_ACCESS_KEY_ID");
    assert_both_name(&installation, &[("S3_SECRET_ACCESS_KEY", "hunter2")], "S3_SECRET_ACCESS_KEY");
}

async fn a_bucket_in_the_endpoint_is_named(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    let variables = installation.variables();
    let endpoint = format!("{}/{}", variables["S3_ENDPOINT"], variables["S3_BUCKET"]);
    assert_both_name(&installation, &[("S3_ENDPOINT", &endpoint)], "S3_ENDPOINT ends with the bucket's name");
}

async fn a_store_that_is_away_is_named_without_a_signed_url(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    assert_both_name(&installation, &[("S3_ENDPOINT", "http://127.0.0.1:1")], "S3_ENDPOINT");
}

/// Returns a proxy of the store that rejects writes, as for a key that can only read.
async fn read_only(endpoint: String) -> String {
    let client = reqwest::Client::new();
    let forward = move |request: Request| {
        let (client, endpoint) = (client.clone(), endpoint.clone());
        async move {
            if request.method() == Method::PUT {
                let denied = "<Error><Code>AccessDenied</Code><Message>Forbidden</Message></Error>";
                return (StatusCode::FORBIDDEN, denied).into_response();
            }
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, 10_000).await.expect("a request without a file is small");
            let url = format!("{endpoint}{}", parts.uri);
            let sent = client.request(parts.method, url).headers(parts.headers).body(body).send().await;
            let answer = sent.expect("the store answers");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = answer.status();
            *response.body_mut() = answer.bytes().await.expect("the store answers").into();
            response
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(forward)).await });
    format!("http://{address}")
}

async fn a_key_that_cannot_write_is_named_in_the_log(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    let endpoint = read_only(installation.variables()["S3_ENDPOINT"].clone()).await;
    let changes = BTreeMap::from([("S3_ENDPOINT", endpoint)]);
    let server = tokio::task::block_in_place(|| installation.start_with(&changes));
    let logged = async || server.log().contains("uploads will fail: S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY");
    crate::support::until("the log names the key", logged).await;
    // Files can be read, so the server serves.
    let ready = reqwest::get(format!("{}/readyz", server.base)).await.expect("the server answers");
    assert_eq!(ready.status(), 200);
    let mut variables = installation.variables();
    variables.extend(changes);
    let doctor = tokio::task::block_in_place(|| installation.run_command(&["doctor"], &variables));
    let findings = String::from_utf8_lossy(&doctor.stdout);
    assert!(findings.contains("allow this key to read, write and delete"), "{findings}");
}

async fn a_second_server_on_one_folder_is_rejected(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    let first = installation.start();
    let mut variables = installation.variables();
    variables.insert("SHUTDOWN_TIMEOUT", "1s".to_owned());
    let second = installation.run_until_exit(&variables);
    let log = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && log.contains("Another server uses"), "{log}");
    // Commands run beside the server.
    assert!(installation.run_command(&["quota"], &variables).status.success());
    // After a crash the next one starts.
    first.kill();
    installation.start().stop().await;
}

async fn a_restore_under_a_running_server_is_rejected(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    let _running = installation.start();
    let restore = installation.run_command(&["restore", "/nowhere"], &installation.variables());
    let log = String::from_utf8_lossy(&restore.stderr);
    assert!(!restore.status.success() && log.contains("Another server uses"), "{log}");
}
