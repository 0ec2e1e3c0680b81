//! `attache doctor` finds problems, says what to do, and prints no secret.

use attache::admin::doctor::{Finding, Level, examine};
use attache::platform::config::{Config, DatabaseUrl, StorageConfig};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, Uri};
use axum::response::Response;

use crate::support::{Engines, Installation, TestApp, on_both_engines, on_one_pair};

on_both_engines![
    a_working_setup_is_reported,
    checking_changes_nothing,
    a_database_that_is_away_is_a_problem,
    the_command_prints_and_ends_with_its_verdict
];

on_one_pair![postgres_garage_only, PostgresGarage:
    a_wrong_secret_is_named,
    a_wrong_key_is_named,
    a_wrong_bucket_is_named,
    a_store_that_is_away_is_named,
    a_bucket_that_browsers_may_not_use_is_named,
    a_bucket_that_keeps_deleted_objects_is_named,
];

on_one_pair![sqlite_local_only, SqliteLocal: a_folder_that_cannot_be_written_is_named];

/// Returns the findings for a configuration that differs from the app's.
async fn examined(app: &TestApp, change: impl FnOnce(&mut Config)) -> Vec<Finding> {
    let mut config = app.platform.config.clone();
    change(&mut config);
    examine(&config).await
}

async fn with_s3(app: &TestApp, change: impl FnOnce(&mut attache::platform::config::S3Config)) -> Vec<Finding> {
    examined(app, |config| match &mut config.storage {
        StorageConfig::S3(store) => change(store),
        StorageConfig::LocalDisk { .. } => panic!("this test is about S3"),
    })
    .await
}

#[track_caller]
fn assert_problem(findings: &[Finding], about: &str, named: &str) {
    let problems: Vec<_> = findings.iter().filter(|finding| finding.level == Level::Problem).collect();
    assert!(
        problems.iter().any(|finding| finding.about == about && finding.says.contains(named)),
        "{about}: {named} is not among {problems:?}"
    );
}

async fn a_working_setup_is_reported(app: TestApp) {
    let findings = examined(&app, |_| {}).await;
    let problems: Vec<_> = findings.iter().filter(|finding| finding.level == Level::Problem).collect();
    assert!(problems.is_empty(), "{problems:?}");
    let mut looked_at = vec!["database", "search", "storage", "address", "ffmpeg", "pdftoppm"];
    looked_at.extend(match app.engines {
        Engines::SqliteLocal => vec!["storage: free space"],
        Engines::PostgresGarage => vec!["live updates", "storage: CORS", "storage: clock", "storage: lifecycle"],
    });
    for about in looked_at {
        assert!(findings.iter().any(|finding| finding.about == about), "{about} is not looked at: {findings:?}");
    }
}

async fn checking_changes_nothing(app: TestApp) {
    examined(&app, |_| {}).await;
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [""; 0]);
    }
    // The probe's table does not exist: creating it is not an error.
    app.sql("CREATE TABLE attache_doctor (id INTEGER)", "").await;
}

async fn a_database_that_is_away_is_a_problem(app: TestApp) {
    let findings = examined(&app, |config| {
        config.database = match app.engines {
            Engines::SqliteLocal => DatabaseUrl::Sqlite("/dev/null/attache.db".into()),
            Engines::PostgresGarage => DatabaseUrl::Postgres("postgres://u:hunter2@127.0.0.1:1/d".to_owned()),
        };
    })
    .await;
    assert_problem(&findings, "database", "DATABASE_URL");
    assert!(!format!("{findings:?}").contains("hunter2"));
}

async fn a_wrong_secret_is_named(app: TestApp) {
    let findings = with_s3(&app, |store| store.secret_access_key = "hunter2".into()).await;
    assert_problem(&findings, "storage", "S3_SECRET_ACCESS_KEY");
    assert!(!format!("{findings:?}").contains("hunter2"));
}

async fn a_wrong_key_is_named(app: TestApp) {
    let findings = with_s3(&app, |store| store.access_key_id = "GK000000000000000000000000".into()).await;
    assert_problem(&findings, "storage", "S3_ACCESS_KEY_ID");
}

async fn a_wrong_bucket_is_named(app: TestApp) {
    let findings = with_s3(&app, |store| store.bucket = "elsewhere".into()).await;
    assert_problem(&findings, "storage", "S3_BUCKET");
}

async fn a_store_that_is_away_is_named(app: TestApp) {
    let findings = with_s3(&app, |store| store.endpoint = "http://127.0.0.1:1".into()).await;
    assert_problem(&findings, "storage", "S3_ENDPOINT");
}

async fn a_bucket_that_keeps_deleted_objects_is_named(app: TestApp) {
    let StorageConfig::S3(store) = &app.platform.config.storage else { panic!("this test is about S3") };
    let rule = |inner: &str| {
        format!(
            "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>{inner}\
             </Rule></LifecycleConfiguration>"
        )
    };
    let other = rule("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>");
    let expires =
        rule("<NoncurrentVersionExpiration><NoncurrentDays>14</NoncurrentDays></NoncurrentVersionExpiration>");
    for (lifecycle, level, says) in
        [(other, Level::Problem, "NoncurrentVersionExpiration"), (expires, Level::Good, "14 more days")]
    {
        let versioned = changed_store(store.endpoint.clone(), move |uri, response| {
            let body = match uri.query().unwrap_or_default() {
                query if query.starts_with("versioning") => {
                    "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>".to_owned()
                }
                query if query.starts_with("lifecycle") => lifecycle.clone(),
                _ => return,
            };
            *response = Response::new(Body::from(body));
        });
        let versioned = versioned.await;
        let findings = with_s3(&app, |store| store.endpoint = versioned).await;
        let found = findings.iter().find(|finding| finding.about == "storage: versions").expect("it is looked at");
        assert!(found.level == level && found.says.contains(says), "{found:?}");
    }
}

async fn a_bucket_that_browsers_may_not_use_is_named(app: TestApp) {
    let StorageConfig::S3(store) = &app.platform.config.storage else { panic!("this test is about S3") };
    let without_rules = changed_store(store.endpoint.clone(), without_cors).await;
    let findings = with_s3(&app, |store| store.endpoint = without_rules).await;
    assert_problem(&findings, "storage: CORS", "http://localhost");
}

/// Removes CORS headers, as if the bucket had no rules.
fn without_cors(_: &Uri, response: &mut Response) {
    let is_cors = |name: &&HeaderName| name.as_str().starts_with("access-control-");
    let names: Vec<_> = response.headers().keys().filter(is_cors).cloned().collect();
    for name in names {
        response.headers_mut().remove(name);
    }
}

/// Returns a proxy of the store that changes its responses.
async fn changed_store(
    endpoint: String,
    change: impl Fn(&Uri, &mut Response) + Clone + Send + Sync + 'static,
) -> String {
    let client = reqwest::Client::new();
    let forward = move |request: Request| {
        let (client, endpoint, change) = (client.clone(), endpoint.clone(), change.clone());
        async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, 10_000).await.expect("a probe is small");
            let answer = client
                .request(parts.method, format!("{endpoint}{}", parts.uri))
                .headers(parts.headers)
                .body(body)
                .send()
                .await
                .expect("the store answers");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            response.headers_mut().remove("transfer-encoding");
            *response.body_mut() = answer.bytes().await.expect("the store answers").into();
            change(&parts.uri, &mut response);
            response
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound socket has an address");
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(forward)).await });
    format!("http://{address}")
}

async fn a_folder_that_cannot_be_written_is_named(app: TestApp) {
    let findings = examined(&app, |config| {
        config.storage = StorageConfig::LocalDisk { root: "/dev/null/files".into() };
    })
    .await;
    assert_problem(&findings, "storage", "STORAGE_ROOT");
}

async fn the_command_prints_and_ends_with_its_verdict(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    let mut variables = installation.variables();
    let output = installation.run_command(&["doctor"], &variables);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("ok       database"), "{text}");
    assert!(text.ends_with("No problems found.\n"), "{text}");
    variables.insert("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/d".to_owned());
    let output = installation.run_command(&["doctor"], &variables);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("PROBLEM  database") && !text.contains("hunter2"), "{text}");
}
