//! Every request that writes, with every fault of its database or its connection to the browser. `store_faults.rs` has
//! those of the store.

mod acts;
mod browser;
mod database;

use dioxus::server::ServerFunction;

use crate::support::{TestApp, on_one_pair};

on_one_pair![sqlite_local, SqliteLocal: every_write_of_a_program_is_in_the_table];

/// Requests with another method than GET that are not in the table.
const EXCEPTIONS: [&str; 4] = [
    // Signs URLs.
    "POST /api/attachments/{id}/parts",
    // Shows what a body would become.
    "POST /api/buckets/{id}/hooks/preview",
    // A refresh token works once: repeating it ends the log-in.
    "POST /api/v1/auth/refresh",
    // Fetches a file, then does what an upload does.
    "POST /api/v1/attachments/download-from-url",
];

fn check(route: &str) {
    let mut known = acts::routes().chain(acts::SHARED_ROUTES.iter().copied());
    let is_known = route.starts_with("GET ") || EXCEPTIONS.contains(&route) || known.any(|(known, _)| known == route);
    assert!(is_known, "{route} is not in the table of faults");
}

#[test]
fn every_write_of_the_app_is_in_the_table() {
    for function in ServerFunction::collect() {
        check(&format!("{} {}", function.method(), function.path().split('?').next().unwrap()));
    }
}

async fn every_write_of_a_program_is_in_the_table(app: TestApp) {
    let document = app.anonymous().get("/api/v1/openapi.json").await.ok();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            check(&format!("{} {}", method.to_uppercase(), path.replace("{deliveryId}", "{delivery}")));
        }
    }
}
