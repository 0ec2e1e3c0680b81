//! A damaged or half-written back-up is noticed and named, and a failed restore leaves the installation empty.

use attache::admin::backup::check_all;

use super::{Empty, Target, back_up, fill};
use crate::support::{Installation, TestApp, on_both_engines};

on_both_engines![
    damage_is_named_and_nothing_is_restored,
    a_back_up_without_a_manifest_is_incomplete,
    a_newer_back_up_needs_a_newer_version,
    an_older_back_up_is_chosen_by_its_name,
    the_commands_end_with_their_verdict,
];

async fn problems(target: &Target) -> String {
    check_all(&target.archive().await).await.expect("it can be checked").join("\n")
}

type Change = fn(&mut Vec<u8>);

async fn damage_is_named_and_nothing_is_restored(app: TestApp) {
    let app = TestApp::start_alone(app.engines).await;
    let (owner, channel) = fill(&app).await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"twelve bytes").await;
    let cut: Change = |bytes| bytes.truncate(bytes.len() / 2);
    let flip: Change = |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    };
    let cases: [(&str, Change); 7] = [
        ("/manifest.json", cut),
        ("/manifest.json", |bytes| {
            let text = String::from_utf8_lossy(bytes).replace("\"rows\": 1", "\"rows\": 2");
            *bytes = text.into_bytes();
        }),
        ("/rows/messages.jsonl.gz", cut),
        ("/rows/messages.jsonl.gz", flip),
        ("/objects/000001.jsonl.gz", flip),
        (&*id, cut),
        (&*id, flip),
    ];
    for (file, change) in cases {
        let target = Target::new(app.engines).await;
        back_up(&app, &target).await;
        let name = target.file(file).await;
        target.change(&name, change).await;
        let empty = Empty::new(&app, app.engines).await;
        let refused = empty.refusal(&target).await;
        assert!(refused.contains(&name) && refused.contains("damaged"), "{name}: {refused}");
        let found = problems(&target).await;
        assert!(found.contains(&name) && found.contains("damaged"), "{name}: {found}");
        // The database has no tables if nothing was begun.
        if attache::platform::db::Db::connect(&empty.config.database).await.unwrap().migration().await.unwrap() > 0 {
            empty.assert_empty().await;
        }
    }
    let target = Target::new(app.engines).await;
    back_up(&app, &target).await;
    let name = target.file(&id).await;
    target.archive().await.delete(&name).await.expect("it can be removed");
    assert!(problems(&target).await.contains(&format!("{name} is missing")));
    let empty = Empty::new(&app, app.engines).await;
    assert!(empty.refusal(&target).await.contains(&format!("{name} is missing")));
}

async fn a_back_up_without_a_manifest_is_incomplete(app: TestApp) {
    let target = Target::new(app.engines).await;
    fill(&app).await;
    let made = back_up(&app, &target).await;
    let manifest = target.file("/manifest.json").await;
    target.archive().await.delete(&manifest).await.expect("it can be removed");
    let incomplete = format!("The back-up {} is incomplete", made.name);
    assert!(problems(&target).await.contains(&incomplete));
    let empty = Empty::new(&app, app.engines).await;
    assert!(empty.refusal(&target).await.contains(&incomplete));
    // The next one copies nothing twice, and removes it.
    let next = back_up(&app, &target).await;
    assert_eq!(next.copied, 0);
    assert_eq!(problems(&target).await, "");
    assert!(!target.files().await.iter().any(|name| name.contains(&made.name)));
}

async fn a_newer_back_up_needs_a_newer_version(app: TestApp) {
    let target = Target::new(app.engines).await;
    back_up(&app, &target).await;
    let manifest = target.file("/manifest.json").await;
    let newest = attache::platform::db::Db::newest_migration();
    target
        .change(&manifest, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            *bytes = text.replace(&format!("\"migration\": {newest}"), "\"migration\": 9000").into_bytes();
        })
        .await;
    let empty = Empty::new(&app, app.engines).await;
    let refused = empty.refusal(&target).await;
    assert!(refused.contains("newer version") && refused.contains(env!("CARGO_PKG_VERSION")), "{refused}");
}

async fn an_older_back_up_is_chosen_by_its_name(app: TestApp) {
    let target = Target::new(app.engines).await;
    let owner = app.owner().await;
    let older = back_up(&app, &target).await;
    let channel = owner.channel("general").await;
    owner.send(&channel, "later", &[]).await.ok();
    let newer = back_up(&app, &target).await;
    target.change(&format!("snapshots/{}/manifest.json", newer.name), |bytes| bytes.truncate(10)).await;
    let empty = Empty::new(&app, app.engines).await;
    let refused = empty.refusal(&target).await;
    assert!(refused.contains(&newer.name) && refused.contains(&format!("Others are: {}", older.name)), "{refused}");
    let restored = attache::admin::backup::restore::restore(&empty.config, &target.config, Some(&older.name)).await;
    assert_eq!(restored.expect("it can be restored").name, older.name);
    assert_eq!(super::rows_of(&empty.config.database).await["messages"], Vec::<super::Row>::new());
}

async fn the_commands_end_with_their_verdict(app: TestApp) {
    let source = Installation::alone(app.engines).await;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let place = folder.path().join("back-up");
    let place = place.to_str().expect("a path");
    let run = |installation: &Installation, arguments: &[&str]| {
        let output = installation.run_command(arguments, &installation.variables());
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains("panicked"), "{text}");
        (output.status.code(), text)
    };
    let (code, text) = run(&source, &["backup", place, "--check"]);
    assert!(code == Some(1) && text.contains("There is no folder"), "{text}");
    let (code, text) = run(&source, &["backup", place]);
    assert!(code == Some(0) && text.contains("rows, 0 files"), "{text}");
    let (code, text) = run(&source, &["backup", place, "--check"]);
    assert!(code == Some(0) && text.contains("complete and undamaged"), "{text}");
    let (code, text) = run(&source, &["verify"]);
    assert!(code == Some(0) && text.contains("No problems found."), "{text}");
    let target = Installation::alone(app.engines).await;
    let (code, text) = run(&target, &["restore", place]);
    assert!(code == Some(0) && text.contains("All match their checksums."), "{text}");
    let (code, text) = run(&target, &["restore", "/nowhere"]);
    assert!(code == Some(1) && text.contains("/nowhere"), "{text}");
    let (code, text) = run(&source, &["backup"]);
    assert!(code == Some(1) && text.contains("BACKUP_TO"), "{text}");
}
