//! Back-ups by `BACKUP_TO` and `BACKUP_EVERY`: when they are made, and how their success and failure are told.

use std::collections::BTreeMap;
use std::time::Duration;

use attache::admin::backup::create::create;
use attache::admin::doctor::{Finding, Level, examine};
use attache::platform::config::{ArchiveConfig, BackupConfig, Config, StorageConfig};
use attache::platform::jobs::run_due;

use super::run_jobs;
use crate::support::{Installation, TestApp, User, files_under, on_both_engines, until};

on_both_engines![
    back_ups_are_made_when_they_are_due,
    a_failure_is_told_and_tried_again,
    two_servers_make_one,
    a_target_beside_the_files_is_refused,
    success_is_in_the_metrics,
];

const HOUR: Duration = Duration::from_hours(1);

async fn scheduled(app: &TestApp, to: &str) -> TestApp {
    let backup = BackupConfig { to: Some(to.to_owned()), every: 6 * HOUR, store: None };
    TestApp::start_with(app.engines, |config| config.backup = backup).await
}

fn manifests(folder: &str) -> usize {
    files_under(folder.as_ref()).iter().filter(|name| name.ends_with("/manifest.json")).count()
}

async fn last(config: &Config) -> Finding {
    let findings = examine(config).await;
    findings.into_iter().find(|finding| finding.about == "back-up: last").expect("doctor looks at the last back-up")
}

async fn back_ups_are_made_when_they_are_due(app: TestApp) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let to = folder.path().join("back-ups");
    let to = to.to_str().expect("a path");
    let app = scheduled(&app, to).await;
    assert_eq!(last(&app.platform.config).await.level, Level::Advice);
    for (made, pause) in [(1, 5 * HOUR), (1, HOUR + Duration::from_mins(2)), (2, HOUR)] {
        run_jobs(&app.platform).await;
        assert_eq!(manifests(to), made);
        app.advance(pause);
    }
    assert_eq!(last(&app.platform.config).await.level, Level::Good);
    assert_eq!(app.count("backup_runs WHERE succeeded_at IS NOT NULL AND failed_at IS NULL", "").await, 1);
}

async fn a_failure_is_told_and_tried_again(app: TestApp) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let to = folder.path().join("back-ups");
    std::fs::write(&to, "no folder").expect("it can be written");
    let app = scheduled(&app, to.to_str().expect("a path")).await;
    run_due(&app.platform, attache::jobs::JOBS).await.expect("jobs can be read");
    let finding = last(&app.platform.config).await;
    assert_eq!(finding.level, Level::Problem, "{finding}");
    assert!(finding.says.contains("Cannot write to") && finding.says.contains("never"), "{finding}");
    std::fs::remove_file(&to).expect("it can be removed");
    app.advance(Duration::from_mins(5));
    run_jobs(&app.platform).await;
    assert!(!to.exists(), "it is not tried again at once");
    app.advance(Duration::from_mins(6));
    run_jobs(&app.platform).await;
    assert_eq!(manifests(to.to_str().expect("a path")), 1);
    assert_eq!(last(&app.platform.config).await.level, Level::Good);
}

async fn two_servers_make_one(app: TestApp) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let to = folder.path().to_str().expect("a path");
    let app = scheduled(&app, to).await;
    let second = app.second_server().await;
    tokio::join!(run_jobs(&app.platform), run_jobs(&second.platform));
    assert_eq!(manifests(to), 1);
}

async fn a_target_beside_the_files_is_refused(app: TestApp) {
    let own = match &app.platform.config.storage {
        StorageConfig::LocalDisk { root } => ArchiveConfig::Folder(root.join("back-ups")),
        StorageConfig::S3(store) => ArchiveConfig::Bucket { store: store.clone(), prefix: "back-ups/".to_owned() },
    };
    let refused = create(&app.platform, &own).await.expect_err("it must be refused");
    assert!(refused.to_string().contains("where the files are stored"), "{refused}");
}

async fn success_is_in_the_metrics(app: TestApp) {
    let installation = Installation::new(app.engines).await;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let to = folder.path().to_str().expect("a path").to_owned();
    let token = "0123456789abcdef0123456789abcdef";
    let server = installation.start_with(&BTreeMap::from([("BACKUP_TO", to), ("METRICS_TOKEN", token.to_owned())]));
    let operator = User::new(&server.base);
    let value = async |name: &str| {
        let asked = operator.request(reqwest::Method::GET, "/metrics").bearer_auth(token);
        let text = operator.send_request(asked).await.text();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {text}"));
        line.rsplit_once(' ').and_then(|(_, number)| number.parse::<f64>().ok()).expect("a number")
    };
    let success = "attache_backup_last_success_timestamp_seconds";
    until("the first back-up is made", async || value(success).await > 1_700_000_000.0).await;
    assert!(value("attache_backup_last_failure_timestamp_seconds").await < 1.0);
}
