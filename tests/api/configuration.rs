//! A wrong configuration stops the start with the name of the variable, and tells no secret.

use crate::support::{Process, run_until_exit};

#[track_caller]
fn assert_refused(variables: &[(&str, &str)], named: &str) {
    let data = tempfile::tempdir().unwrap();
    let output = run_until_exit(data.path(), variables);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{variables:?} was accepted");
    assert!(text.contains(named), "{variables:?}: {named} is not named in: {text}");
    assert!(!text.contains("hunter2"), "a secret was printed: {text}");
    assert!(!text.contains("panicked"), "{text}");
}

const S3: [(&str, &str); 4] = [
    ("S3_BUCKET", "b"),
    ("S3_ENDPOINT", "http://127.0.0.1:1"),
    ("S3_ACCESS_KEY_ID", "id"),
    ("S3_SECRET_ACCESS_KEY", "hunter2"),
];

#[test]
fn half_set_s3_variables_are_named() {
    for (index, (missing, _)) in S3.iter().enumerate() {
        let mut variables = S3.to_vec();
        variables.remove(index);
        assert_refused(&variables, missing);
        variables.push((missing, " "));
        assert_refused(&variables, missing);
    }
    assert_refused(&[("S3_REGION", "auto")], "S3_BUCKET");
}

#[test]
fn wrong_values_are_named() {
    for (name, value) in [
        ("IP", "localhost"),
        ("PORT", "eighty"),
        ("DATA_DIR", "/dev/null/data"),
        ("DATABASE_URL", "mysql://u:hunter2@h/d"),
        ("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/d"),
        ("DATABASE_URL", "sqlite:/dev/null/attache.db"),
        ("STORAGE_ROOT", "/dev/null/files"),
        ("UPLOADS_MAX_FILE_SIZE", "big"),
        ("PUBLIC_URL", "files.example.com"),
        ("TRUST_PROXY", "maybe"),
        ("S3_PUBLIC_READ", "maybe"),
    ] {
        assert_refused(&[(name, value)], name);
    }
}

#[test]
fn settings_that_contradict_each_other_are_named() {
    assert_refused(&[&S3[..], &[("STORAGE_ROOT", "/srv/files")]].concat(), "STORAGE_ROOT");
    assert_refused(&[&S3[..], &[("S3_PUBLIC_READ", "true")]].concat(), "S3_PUBLIC_URL");
    assert_refused(&[&S3[..], &[("S3_PUBLIC_URL", "https://files.example.com")]].concat(), "S3_PUBLIC_READ");
}

#[test]
fn a_port_in_use_is_named() {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(data.path());
    let port = server.base.rsplit(':').next().unwrap();
    assert_refused(&[("PORT", port)], "PORT");
}
