//! Names of people and of organisations, changed by who may.

use serde_json::json;

use crate::support::{TestApp, on_both_engines};

on_both_engines![
    a_new_name_stands_at_what_was_written_before,
    an_organization_is_renamed_by_who_manages_it,
    wrong_names_name_the_field,
];

async fn a_new_name_stands_at_what_was_written_before(app: TestApp) {
    let (member, admin) = (app.member().await, app.admin().await);
    let channel = admin.channel("general").await;
    member.send(&channel, "hello", &[]).await.ok();
    let mut heard = admin.listen().await;
    member.patch("/api/auth/user", json!({ "name": "  Mia   Meyer " })).await.ok();
    heard.next_named("access.changed").await;
    assert_eq!(member.get("/api/auth/session").await.ok()["user"]["name"], "Mia Meyer");
    assert_eq!(admin.messages(&channel).await[0]["author"]["name"], "Mia Meyer");
    assert_eq!(admin.get("/api/auth/session").await.ok()["user"]["name"], "Adam Admin");
}

async fn an_organization_is_renamed_by_who_manages_it(app: TestApp) {
    let (member, admin) = (app.member().await, app.admin().await);
    let other = app.other_organization().await;
    let before = other.get("/api/auth/session").await.ok()["organization"]["name"].clone();
    member.patch("/api/organization", json!({ "name": "Mine" })).await.refused(403, "forbidden");
    admin.patch("/api/organization", json!({ "name": "Harbour & Sons" })).await.ok();
    assert_eq!(member.get("/api/auth/session").await.ok()["organization"]["name"], "Harbour & Sons");
    assert_eq!(other.get("/api/auth/session").await.ok()["organization"]["name"], before);
}

async fn wrong_names_name_the_field(app: TestApp) {
    let owner = app.owner().await;
    for wrong in ["", "  ", &"x".repeat(101)] {
        owner.patch("/api/auth/user", json!({ "name": wrong })).await.refused_field("name");
        owner.patch("/api/organization", json!({ "name": wrong })).await.refused_field("name");
    }
}
