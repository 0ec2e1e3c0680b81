//! The search in messages of one conversation, and of all.

use serde_json::{Value, json};

use crate::support::{TestApp, User, files, on_both_engines};

on_both_engines![
    messages_are_found_by_their_words_newest_first,
    messages_are_found_by_the_names_of_their_files,
    deleted_messages_and_other_channels_are_not_searched,
    pages_follow_each_other,
    a_search_everywhere_finds_visible_messages,
];

async fn found(user: &User, channel: &str, query: &str) -> Vec<Value> {
    let answer = user.get(&format!("/api/channels/{channel}/found?{query}")).await.ok();
    answer.as_array().unwrap().clone()
}

async fn messages_are_found_by_their_words_newest_first(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for body in ["The Siphon\nleaks 100%", "nothing", "ein Sípho\u{301}n"] {
        owner.send(&channel, body, &[]).await.ok();
    }
    let hits = found(&owner, &channel, "search=%20siphon").await;
    assert_eq!(hits.len(), 2, "accents do not matter");
    assert_eq!(hits[1]["excerpt"], json!({ "before": "The ", "hit": "Siphon", "after": " leaks 100%" }));
    assert_eq!((&hits[1]["author"]["kind"], hits[1].get("fileName")), (&json!("member"), None));
    assert_eq!(found(&owner, &channel, "search=S%C3%8DPH%C3%93N").await[0]["excerpt"]["hit"], "Síphón");
    // Wildcards are ordinary characters here.
    assert_eq!(found(&owner, &channel, "search=0%25").await.len(), 1);
    for nothing in ["search=", "search=%25%25", "search=_", "search=%20", "search=%00"] {
        assert_eq!(found(&owner, &channel, nothing).await, Vec::<Value>::new(), "{nothing}");
    }
}

async fn messages_are_found_by_the_names_of_their_files(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.upload(&channel, "Kitchen.png", "image/png", &files::picture(4, 4)).await;
    let second = owner.upload(&channel, "Bath Leak.png", "image/png", &files::picture(5, 4)).await;
    owner.send(&channel, "Both rooms", &[&first, &second]).await.ok();
    let hits = found(&owner, &channel, "search=leak").await;
    assert_eq!(hits[0]["fileName"], "Bath Leak.png");
    assert_eq!(hits[0]["excerpt"], json!({ "before": "Bath ", "hit": "Leak", "after": ".png" }));
    // By the text, which comes before names.
    let hits = found(&owner, &channel, "search=rooms").await;
    assert_eq!((hits.len(), hits[0].get("fileName")), (1, None));
    owner.delete(&format!("/api/attachments/{second}")).await.ok();
    assert_eq!(found(&owner, &channel, "search=leak").await, Vec::<Value>::new());
}

async fn deleted_messages_and_other_channels_are_not_searched(app: TestApp) {
    let owner = app.owner().await;
    let member = app.member().await;
    let channel = owner.channel("general").await;
    let private = owner.private_channel("board").await;
    owner.send(&private, "needle", &[]).await.ok();
    let gone = owner.send(&channel, "needle", &[]).await.ok();
    assert_eq!(found(&owner, &channel, "search=needle").await.len(), 1);
    owner.delete(&format!("/api/messages/{}", gone["id"].as_str().unwrap())).await.ok();
    assert_eq!(found(&owner, &channel, "search=needle").await, Vec::<Value>::new());
    member.get(&format!("/api/channels/{private}/found?search=needle")).await.refused(404, "not_found");
}

async fn pages_follow_each_other(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for number in 0..33 {
        owner.send(&channel, &format!("drip {number}."), &[]).await.ok();
    }
    let first = found(&owner, &channel, "search=drip").await;
    assert_eq!((first.len(), &first[0]["excerpt"]["after"]), (30, &json!(" 32.")));
    let before = first[29]["id"].as_str().unwrap();
    let next = found(&owner, &channel, &format!("search=drip&before={before}")).await;
    let rest: Vec<_> = next.iter().map(|hit| hit["excerpt"]["after"].as_str().unwrap()).collect();
    assert_eq!(rest, [" 2.", " 1.", " 0."]);
}

async fn a_search_everywhere_finds_visible_messages(app: TestApp) {
    let owner = app.owner().await;
    let (jane, bob) = (owner.contact("Jane", "Doe", "").await, owner.contact("Bob", "", "").await);
    let (public, private) = (owner.channel("general").await, owner.private_channel("board").await);
    for channel in [jane["channelId"].as_str().unwrap(), bob["channelId"].as_str().unwrap(), &public, &private] {
        owner.send(channel, "The needle", &[]).await.ok();
    }
    let file = owner.upload(&public, "Needle.txt", "text/plain", b"x").await;
    owner.send(&public, "see the file", &[&file]).await.ok();
    let gone = owner.send(&public, "needle", &[]).await.ok();
    owner.delete(&format!("/api/messages/{}", gone["id"].as_str().unwrap())).await.ok();

    let places = async |user: &User| {
        let hits = user.get("/api/messages/found?search=NEEDLE").await.ok();
        let hits = hits.as_array().unwrap().clone();
        for hit in &hits {
            let channel = hit["channelId"].as_str().unwrap();
            let here = found(user, channel, "search=needle").await;
            assert!(here.contains(hit), "{hit}");
        }
        hits.iter().map(|hit| hit["conversation"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(places(&owner).await, ["#general", "#board", "#general", "Bob", "Jane Doe"]);
    assert_eq!(places(&app.member().await).await, ["#general", "#general", "Bob", "Jane Doe"]);
    assert_eq!(places(&app.guest_of(&jane).await).await, ["Jane Doe"]);
    assert_eq!(places(&app.other_organization().await).await, Vec::<String>::new());

    let first = owner.get("/api/messages/found?search=the%20needle").await.ok();
    let before = first[1]["id"].as_str().unwrap();
    let rest = owner.get(&format!("/api/messages/found?search=the%20needle&before={before}")).await.ok();
    assert_eq!(rest.as_array().unwrap()[..], first.as_array().unwrap()[2..]);
}
