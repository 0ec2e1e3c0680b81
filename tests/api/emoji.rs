//! Custom emoji: names, permissions, removal and restoring.

use serde_json::{Value, json};

use crate::support::{TestApp, Upload, User, files, on_both_engines, text};

on_both_engines![
    names_are_checked_and_kept_in_lower_case,
    a_name_is_given_once_also_when_two_come_at_once,
    a_removed_emoji_can_be_restored_unless_its_name_was_taken,
    others_hear_that_the_emoji_changed,
    another_organization_has_its_own,
    unicode_is_listed_for_pickers,
];

async fn add(user: &User, name: &str) -> String {
    user.picture(json!({ "type": "custom-emoji", "name": name }), &files::png(name)).await
}

async fn names(user: &User) -> Vec<String> {
    let list = user.get("/api/emoji").await.ok();
    list.as_array().expect("a list").iter().map(|emoji| text(&emoji["name"])).collect()
}

fn request(name: &str) -> Value {
    json!({ "type": "custom-emoji", "name": name, "fileSize": 30, "contentType": "image/png" })
}

async fn names_are_checked_and_kept_in_lower_case(app: TestApp) {
    let (member, guest) = (app.member().await, app.guest().await);
    for wrong in ["", "a", "two words", "party:parrot", "ümlaut", "smile", "+1", ":rocket:", &"a".repeat(33)] {
        member.post("/api/uploads/presign", request(wrong)).await.refused_field("name");
    }
    guest.post("/api/uploads/presign", request("mine")).await.refused(403, "forbidden");
    let id = add(&member, ":Party_Parrot+1-2:").await;
    let list = guest.get("/api/emoji").await.ok();
    let emoji = &list[0];
    assert_eq!(emoji["name"], "party_parrot+1-2");
    assert_eq!((&emoji["id"], &emoji["addedBy"]), (&json!(id), &json!("Mia Member")));
    assert_eq!(guest.get(&text(&emoji["url"])).await.status, 200);
}

async fn a_name_is_given_once_also_when_two_come_at_once(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let second = app.second_server().await;
    let bytes = files::png("x");
    let mut body = request("party_parrot");
    body["fileSize"] = json!(bytes.len());
    let mut tries = Vec::new();
    for user in [&owner, &owner, &member, &member] {
        let upload = Upload::new(user.post("/api/uploads/presign", body.clone()).await.ok(), &bytes);
        assert_eq!(upload.put().await.status, 200);
        let user = if tries.len() % 2 == 0 { user.clone() } else { user.at(&second.base) };
        tries.push((user, format!("/api/pictures/{}", upload.id)));
    }
    let completions = tries.iter().map(|(user, path)| {
        let path = format!("{path}/complete");
        async move { user.poke(&path).await }
    });
    let answers = futures::future::join_all(completions).await;
    let mut passed = 0;
    for (answer, (user, path)) in answers.into_iter().zip(&tries) {
        if answer.status == 200 {
            passed += 1;
        } else {
            assert_eq!(answer.refused(409, "conflict")["data"]["field"], "name");
            user.get(path).await.refused(404, "not_found");
        }
    }
    assert_eq!(passed, 1);
    assert_eq!(names(&owner).await, ["party_parrot"]);
    // Known before anything is sent.
    owner.post("/api/uploads/presign", body).await.refused(409, "conflict");
}

async fn a_removed_emoji_can_be_restored_unless_its_name_was_taken(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let first = add(&owner, "party_parrot").await;
    let path = format!("/api/emoji/{first}");
    assert_ne!(member.delete(&path).await.ok()["removedAt"], Value::Null);
    member.delete(&path).await.ok();
    assert!(names(&owner).await.is_empty());
    assert_eq!(owner.get("/api/emoji/removed").await.ok()[0]["name"], "party_parrot");
    member.poke(&format!("{path}/restore")).await.ok();
    member.poke(&format!("{path}/restore")).await.ok();
    assert_eq!(names(&owner).await, ["party_parrot"]);
    assert_eq!(owner.get("/api/emoji/removed").await.ok(), json!([]));

    member.delete(&path).await.ok();
    let second = add(&owner, "party_parrot").await;
    let refused = member.poke(&format!("{path}/restore")).await.refused(409, "conflict");
    assert_eq!(refused["data"]["field"], "name");
    owner.delete(&format!("/api/emoji/{second}")).await.ok();
    member.poke(&format!("{path}/restore")).await.ok();
    // The picture of an emoji is removed by the emoji.
    owner.delete(&format!("/api/pictures/{first}")).await.refused_field("id");
}

async fn others_hear_that_the_emoji_changed(app: TestApp) {
    let (owner, guest) = (app.owner().await, app.guest().await);
    let mut events = guest.listen().await;
    let id = add(&owner, "party_parrot").await;
    assert_eq!(events.next_named("emoji.changed").await.data, json!({}));
    owner.delete(&format!("/api/emoji/{id}")).await.ok();
    events.next_named("emoji.changed").await;
}

async fn another_organization_has_its_own(app: TestApp) {
    let (owner, stranger) = (app.owner().await, app.other_organization().await);
    let id = add(&owner, "party_parrot").await;
    assert!(names(&stranger).await.is_empty());
    stranger.delete(&format!("/api/emoji/{id}")).await.refused(404, "not_found");
    add(&stranger, "party_parrot").await;
    assert_eq!(names(&owner).await, ["party_parrot"]);
}

async fn unicode_is_listed_for_pickers(app: TestApp) {
    let answer = app.anonymous().get("/api/emoji/unicode").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=86400");
    let groups = answer.ok();
    let groups = groups.as_array().expect("groups");
    assert_eq!(groups.len(), 9);
    let count: usize = groups.iter().map(|group| group["emoji"].as_array().expect("emoji").len()).sum();
    assert!(count > 1800, "{count}");
    let all: Vec<_> = groups.iter().flat_map(|group| group["emoji"].as_array().unwrap()).collect();
    let light = |emoji: &str| all.iter().find(|known| known[0] == emoji).map(|known| text(&known[3])).expect(emoji);
    assert_eq!((light("👋").as_str(), light("🎉").as_str(), light("🤝").as_str()), ("👋🏻", "", "🤝🏻"));
    assert_eq!(all.iter().filter(|known| known[0].as_str().unwrap().contains('\u{1f3fb}')).count(), 0, "each once");
    assert_eq!(groups[0]["emoji"][0], json!(["😀", "grinning face", "grinning", ""]));
}
