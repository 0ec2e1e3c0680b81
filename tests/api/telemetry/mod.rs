//! What an operator sees: request ids, log lines, metrics, and no secret in any of them.

mod failed_uploads;
mod log_lines;
mod metrics;
mod request_ids;
mod secrets;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{PASSWORD, Process, User};

async fn signed_up(server: &Process) -> User {
    let mut owner = User::new(&server.base);
    let body = json!({ "name": "Olga", "email": "o@example.com", "password": PASSWORD, "organization": "Harbour" });
    owner.entered(owner.post("/api/auth/sign-up", body).await, "o@example.com");
    owner
}

/// The variables that make a server write JSON lines.
fn in_json() -> BTreeMap<&'static str, String> {
    BTreeMap::from([("LOG_FORMAT", "json".to_owned())])
}

/// The lines of a log in JSON.
fn lines(server: &Process) -> Vec<Value> {
    let log = server.log();
    log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The lines with this message.
fn lines_with(server: &Process, message: &str) -> Vec<Value> {
    lines(server).into_iter().filter(|line| line["message"] == message).collect()
}
