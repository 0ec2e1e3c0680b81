//! Every request that writes, with every fault of its database or its connection to the browser. `store_faults.rs` has
//! those of the store.

mod acts;
mod browser;
mod database;
mod rest_acts;

use dioxus::server::ServerFunction;

/// Requests with another method than GET that write nothing a fault could interrupt.
const WITHOUT_WRITES: [&str; 2] = [
    // Signs URLs.
    "POST /api/attachments/{id}/parts",
    // Shows what a body would become.
    "POST /api/buckets/{id}/hooks/preview",
];

#[test]
fn every_write_is_in_the_table() {
    for function in ServerFunction::collect() {
        let route = format!("{} {}", function.method(), function.path().split('?').next().unwrap());
        let is_known = route.starts_with("GET ")
            || WITHOUT_WRITES.contains(&route.as_str())
            || acts::ROUTES.iter().any(|(known, _)| *known == route);
        assert!(is_known, "{route} is not in the table of faults");
    }
}
