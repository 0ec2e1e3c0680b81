//! What the dialog "Go to" finds: names of channels, contacts and files that the caller can view.

use serde_json::Value;

use crate::support::{TestApp, User, files, on_both_engines, text};

on_both_engines![names_are_found_in_one_response, nothing_hidden_is_found];

async fn find(user: &User, search: &str) -> Value {
    user.get(&format!("/api/go-to?search={search}")).await.ok()
}

fn names(found: &Value, kind: &str, field: &str) -> Vec<String> {
    found[kind].as_array().unwrap().iter().map(|hit| text(&hit[field])).collect()
}

async fn names_are_found_in_one_response(app: TestApp) {
    let owner = app.owner().await;
    let harbor = owner.channel("Harbör office").await;
    owner.channel("repairs").await;
    owner.contact("Jane", "Harbor", "+1 (555) 123-4567").await;
    owner.send_file(&harbor, "harbor-plan.png", "image/png", &files::picture(4, 4)).await;
    let found = find(&owner, "harbor").await;
    assert_eq!(names(&found, "channels", "name"), ["Harbör office"]);
    assert_eq!(names(&found, "contacts", "lastName"), ["Harbor"]);
    assert_eq!(names(&found, "files", "fileName"), ["harbor-plan.png"]);
    // In any order, and by phone.
    assert_eq!(names(&find(&owner, "off%20harb").await, "channels", "name"), ["Harbör office"]);
    assert_eq!(names(&find(&owner, "5551234").await, "contacts", "firstName"), ["Jane"]);
    // Two letters have no index of files.
    assert_eq!(find(&owner, "ha").await["files"].as_array().map(Vec::len), Some(0));
    for nothing in ["", "%20", "%00", "%25", "_", "%22%22"] {
        assert_eq!(names(&find(&owner, nothing).await, "channels", "name"), Vec::<String>::new(), "{nothing}");
    }
    for number in 0..10 {
        owner.channel(&format!("harbor {number}")).await;
    }
    assert_eq!(find(&owner, "harbor").await["channels"].as_array().map(Vec::len), Some(8));
}

async fn nothing_hidden_is_found(app: TestApp) {
    let (owner, member, stranger) = (app.owner().await, app.member().await, app.other_organization().await);
    let secret = owner.private_channel("secret plans").await;
    owner.send_file(&secret, "secret.png", "image/png", &files::picture(4, 4)).await;
    let jane = owner.contact("Secret", "Jane", "").await;
    let guest = app.guest().await;
    for user in [&member, &stranger, &guest] {
        let found = find(user, "secret").await;
        assert_eq!(names(&found, "channels", "name"), Vec::<String>::new());
        assert_eq!(names(&found, "files", "fileName"), Vec::<String>::new());
    }
    assert_eq!(names(&find(&member, "secret").await, "contacts", "firstName"), ["Secret"]);
    for user in [&stranger, &guest] {
        assert_eq!(names(&find(user, "secret").await, "contacts", "firstName"), Vec::<String>::new());
    }
    let assigned = app.guest_of(&jane).await;
    assert_eq!(names(&find(&assigned, "secret").await, "contacts", "firstName"), ["Secret"]);
}
