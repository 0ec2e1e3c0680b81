//! An invalid configuration stops the start with the name of the variable, and without secrets.

use std::collections::BTreeMap;

use crate::crashes::owner_of;
use crate::support::{Engines, Installation, as_process_on_both_engines};

as_process_on_both_engines![
    wrong_values_are_named,
    half_set_s3_variables_are_named,
    settings_that_contradict_each_other_are_named,
    a_port_in_use_is_named,
    a_quota_is_set_for_one_organization,
    the_operator_can_create_a_reset_link_for_anybody,
];

/// A secret in the test's own settings.
const SECRET: &str = "hunter2";

const S3: [(&str, &str); 4] = [
    ("S3_BUCKET", "b"),
    ("S3_ENDPOINT", "http://127.0.0.1:1"),
    ("S3_ACCESS_KEY_ID", "id"),
    ("S3_SECRET_ACCESS_KEY", SECRET),
];

/// Asserts that the server rejects these variables, in addition to those of the engines, with this name.
#[track_caller]
fn assert_refused(installation: &Installation, changed: &[(&'static str, &str)], named: &str) {
    let mut variables = installation.variables();
    variables.extend(changed.iter().map(|(name, value)| (*name, (*value).to_owned())));
    assert_refused_with(installation, &variables, named);
}

#[track_caller]
fn assert_refused_with(installation: &Installation, variables: &BTreeMap<&'static str, String>, named: &str) {
    let output = installation.run_until_exit(variables);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{variables:?} was accepted");
    assert!(text.contains(named), "{variables:?}: {named} is not named in: {text}");
    assert!(!text.contains("panicked") && !text.contains("Failure("), "{text}");
    let own = installation.variables();
    let password = own.get("DATABASE_URL").and_then(|url| url.split(':').nth(2)?.split('@').next());
    let secrets = [Some(SECRET), password, own.get("S3_SECRET_ACCESS_KEY").map(String::as_str)];
    for secret in secrets.into_iter().flatten() {
        assert!(!text.contains(secret), "a secret was printed: {text}");
    }
}

async fn wrong_values_are_named(installation: Installation) {
    for (name, value) in [
        ("IP", "localhost"),
        ("PORT", "eighty"),
        ("DATABASE_URL", "mysql://u:hunter2@h/d"),
        ("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/d"),
        ("DATABASE_URL", "sqlite:/dev/null/attache.db"),
        ("UPLOADS_MAX_FILE_SIZE", "big"),
        ("ORGANIZATION_QUOTA", "much"),
        ("PUBLIC_URL", "files.example.com"),
        ("PUBLIC_URL", "https://example.com/files"),
        ("ATTACHMENTS_MAX_AGE", "7"),
        ("TRUST_PROXY", "maybe"),
        ("S3_PUBLIC_READ", "maybe"),
    ] {
        assert_refused(&installation, &[(name, value)], name);
    }
    match installation.engines {
        Engines::SqliteLocal => {
            assert_refused(&installation, &[("DATA_DIR", "/dev/null/data")], "DATA_DIR");
            assert_refused(&installation, &[("STORAGE_ROOT", "/dev/null/files")], "STORAGE_ROOT");
            // All of its folders exist, and one is not writable.
            let root = installation.data().join("unwritable");
            for folder in ["objects", "parts"] {
                std::fs::create_dir_all(root.join(folder)).expect("a folder can be made");
            }
            std::os::unix::fs::symlink("/proc/self", root.join("tmp")).expect("a link can be made");
            assert_refused(&installation, &[("STORAGE_ROOT", root.to_str().expect("text"))], "STORAGE_ROOT");
        }
        Engines::PostgresGarage => {
            let url = &installation.variables()["DATABASE_URL"];
            let (_, server) = url.split_once('@').unwrap();
            let wrong_password = format!("postgres://postgres:{SECRET}@{server}");
            let no_such_database = format!("{}/nowhere", url.rsplit_once('/').unwrap().0);
            for wrong in [wrong_password, no_such_database] {
                assert_refused(&installation, &[("DATABASE_URL", &wrong)], "DATABASE_URL");
            }
            // Reported at once, and in words.
            let refused = [("DATABASE_URL", "postgres://u:p@127.0.0.1:1/d"), ("S3_ENDPOINT", "http://127.0.0.1:1")];
            for wrong in refused {
                assert_refused(&installation, &[wrong], "onnection refused");
            }
            for (name, value) in [
                ("S3_BUCKET", "nowhere"),
                ("S3_ENDPOINT", "http://127.0.0.1:1"),
                ("S3_ENDPOINT", "127.0.0.1"),
                ("S3_ACCESS_KEY_ID", "GK000000000000000000000000"),
                ("S3_SECRET_ACCESS_KEY", SECRET),
                ("S3_REGION", "elsewhere"),
            ] {
                assert_refused(&installation, &[(name, value)], name);
            }
        }
    }
}

async fn half_set_s3_variables_are_named(installation: Installation) {
    let whole: BTreeMap<_, _> = match installation.engines {
        Engines::SqliteLocal => S3.map(|(name, value)| (name, value.to_owned())).into(),
        Engines::PostgresGarage => installation.variables(),
    };
    for (missing, _) in S3 {
        let mut variables = whole.clone();
        variables.remove(missing);
        assert_refused_with(&installation, &variables, missing);
        variables.insert(missing, " ".to_owned());
        assert_refused_with(&installation, &variables, missing);
    }
    assert_refused_with(&installation, &BTreeMap::from([("S3_REGION", "auto".to_owned())]), "S3_BUCKET");
}

async fn settings_that_contradict_each_other_are_named(installation: Installation) {
    for (set, named) in
        [(("STORAGE_ROOT", "/srv/files"), "STORAGE_ROOT"), (("S3_PUBLIC_READ", "true"), "S3_PUBLIC_URL")]
    {
        let changed = match installation.engines {
            Engines::SqliteLocal => [&S3[..], &[set]].concat(),
            Engines::PostgresGarage => vec![set],
        };
        assert_refused(&installation, &changed, named);
    }
}

async fn a_port_in_use_is_named(installation: Installation) {
    let server = installation.start();
    let port = server.base.rsplit(':').next().unwrap();
    assert_refused(&installation, &[("PORT", port)], "PORT");
}

async fn a_quota_is_set_for_one_organization(installation: Installation) {
    let server = installation.start();
    let owner = owner_of(&server).await;
    let quota = |arguments: &[&str]| {
        let output = installation.run_command(&[&["quota"], arguments].concat(), &installation.variables());
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).expect("text"))
    };
    let listed = quota(&[]);
    assert!(listed.0 && listed.1.contains("0 B of no limit  Harbour"), "{listed:?}");
    let set = quota(&["Harbour", "50GB"]);
    assert!(set.0 && set.1.contains("0 B of 50 GB  Harbour"), "{set:?}");
    assert_eq!(owner.get("/api/storage").await.ok()["quotaBytes"], 50_000_000_000_i64);
    let set = quota(&["Harbour", "default"]);
    assert!(set.0 && set.1.contains("no limit"), "{set:?}");
    assert_eq!(owner.get("/api/storage").await.ok()["quotaBytes"], serde_json::Value::Null);
    for (wrong, named) in [(["Habour", "50GB"], "no organization \"Habour\""), (["Harbour", "much"], "is not a size")] {
        let refused = quota(&wrong);
        assert!(!refused.0 && refused.1.contains(named), "{refused:?}");
    }
}

async fn the_operator_can_create_a_reset_link_for_anybody(installation: Installation) {
    let server = installation.start();
    let owner = owner_of(&server).await;
    let reset = |email: &str| installation.run_command(&["reset-password", email], &installation.variables());
    let refused = reset("nobody@example.com");
    let said = String::from_utf8(refused.stderr).expect("text");
    assert!(!refused.status.success() && said.contains("No account has the email nobody@example.com"), "{said}");

    let made = reset(" OWNER@example.com");
    assert!(made.status.success(), "{made:?}");
    let link = String::from_utf8(made.stdout).expect("text");
    let (_, token) = link.trim().split_once("/reset/").expect("the link alone is on standard output");
    let set = serde_json::json!({ "token": token, "password": "another horse battery" });
    owner.at(&server.base).post("/api/auth/password-reset", set).await.ok();
    assert_eq!(owner.get("/api/auth/session").await.ok()["role"]["name"], "owner");
}
