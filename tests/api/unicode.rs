//! Names, searches, emails and passwords, in all Unicode forms of the same text.

use attache::jobs::JOBS;
use attache::platform::jobs::run_due;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::support::{Answer, TestApp, User, on_both_engines};

on_both_engines![
    names_that_look_the_same_are_taken,
    a_bucket_is_found_by_its_name_in_every_form,
    every_search_finds_every_form,
    every_search_finds_a_phone_however_it_is_written,
    contacts_sort_by_their_letters,
    emails_and_passwords_are_the_same_in_every_form,
    an_upgrade_folds_existing_texts,
];

const NAMES: [&str; 5] = ["Garten-Möwe", "Ärmel", "Straße 7", "Σίσυφος", "کتاب"];

/// Returns the same name, written in other ways.
fn ways(name: &str) -> Vec<String> {
    let mut ways = vec![
        name.nfc().collect(),
        name.nfd().collect(),
        name.to_uppercase(),
        name.to_lowercase(),
        format!("\u{200b}{name}\u{3164}"),
        format!("{name}\u{2060}"),
    ];
    let mut inside: Vec<char> = name.chars().collect();
    inside.insert(2, '\u{ad}');
    ways.push(inside.into_iter().collect());
    ways
}

async fn names_that_look_the_same_are_taken(app: TestApp) {
    let owner = app.owner().await;
    let bot = owner.post("/api/bots", json!({ "name": "Ringer" })).await.ok()["id"].as_str().unwrap().to_owned();
    let bucket = owner.post("/api/buckets", json!({ "name": "Deploys" })).await.ok()["id"].as_str().unwrap().to_owned();
    let rename_bot = format!("/api/bots/{bot}");
    let rename_bucket = format!("/api/buckets/{bucket}");
    for name in NAMES {
        for path in ["/api/channels", "/api/buckets", "/api/bots", "/api/roles"] {
            let make = async |name: &str| {
                let body = match path {
                    "/api/channels" => json!({ "name": name, "kind": "team", "private": false }),
                    "/api/roles" => json!({ "name": name, "permissions": [] }),
                    _ => json!({ "name": name }),
                };
                owner.post(path, body).await
            };
            make(name).await.ok();
            for way in ways(name) {
                let answer = make(&way).await;
                assert_eq!(answer.status, 409, "{path} {way:?}: {}", answer.text());
                assert_eq!(answer.json()["data"]["field"], "name");
            }
            // An accent makes another name.
            if name == "Ärmel" {
                make("Armel").await.ok();
            }
        }
        for way in ways(name) {
            owner.patch(&rename_bot, json!({ "name": way })).await.refused(409, "conflict");
            owner.patch(&rename_bucket, json!({ "name": way })).await.refused(409, "conflict");
        }
    }
}

async fn a_bucket_is_found_by_its_name_in_every_form(app: TestApp) {
    let owner = app.owner().await;
    let program = owner.program(&["messages:write"]).await;
    for name in NAMES {
        owner.post("/api/buckets", json!({ "name": name })).await.ok();
        for way in ways(name) {
            let answer = program.post("/messages", json!({ "bucketId": way, "body": "words" })).await;
            assert_eq!(answer.status, 201, "{way:?}: {}", answer.text());
        }
    }
}

async fn search(user: &User, path: &str, text: &str) -> Value {
    let text = utf8_percent_encode(text, NON_ALPHANUMERIC);
    let sign = if path.contains('?') { '&' } else { '?' };
    user.get(&format!("{path}{sign}search={text}")).await.ok()
}

/// A text, and searches that find it.
const SEARCHES: [(&str, &[&str]); 7] = [
    ("Amélie Müller", &["amélie", "Ame\u{301}lie", "AMELIE", "muller", "MÜLLER", "mu\u{308}ller", "Ａｍｅｌｉｅ"]),
    ("Zoe\u{308} Ångstro\u{308}m", &["zoë", "zoe", "angstrom", "A\u{30a}ngström"]),
    ("İstanbul Işık", &["istanbul", "İSTANBUL", "ISTANBUL", "ışık", "isik", "IŞIK"]),
    ("Straße", &["strasse", "STRASSE", "straße", "STRAẞE"]),
    ("har\u{200b}bor", &["harbor", "har\u{ad}bor"]),
    ("Σίσυφος", &["ΣΙΣΥΦΟΣ", "σισυφος"]),
    ("한글", &["\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"]),
];

async fn every_search_finds_every_form(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for (name, _) in SEARCHES {
        owner.contact(name, "", "").await;
        owner.send(&channel, &format!("words of {name}."), &[]).await.ok();
        let id = owner.upload(&channel, &format!("{name}.txt"), "text/plain", b"x").await;
        owner.send(&channel, "", &[&id]).await.ok();
        let named = owner.channel(&format!("room {name}")).await;
        let id = owner.upload(&named, "plan.txt", "text/plain", b"x").await;
        owner.send(&named, "", &[&id]).await.ok();
    }
    let messages = format!("/api/channels/{channel}/found");
    for (name, typed) in SEARCHES {
        owner.patch("/api/auth/user", json!({ "name": name })).await.ok();
        for typed in typed {
            let members = search(&owner, "/api/members", typed).await;
            assert_eq!(members.as_array().unwrap().len(), 1, "{typed} in members: {members}");
            let contacts = search(&owner, "/api/contacts", typed).await;
            assert_eq!(contacts.as_array().unwrap().len(), 1, "{typed} in contacts: {contacts}");
            assert_eq!(contacts[0]["firstName"], name);
            let files = search(&owner, "/api/files", typed).await;
            assert_eq!(files["files"].as_array().unwrap().len(), 1, "{typed} in files: {files}");
            let found = search(&owner, &messages, typed).await;
            assert_eq!(found.as_array().unwrap().len(), 2, "{typed} in messages: {found}");
            let hit = found[1]["excerpt"]["hit"].as_str().unwrap();
            assert!(name.nfc().collect::<String>().contains(hit) && !hit.is_empty(), "{typed}: {hit}");
            let log = search(&owner, "/api/audit-entries?action=uploaded", typed).await;
            assert_eq!(log["entries"].as_array().unwrap().len(), 2, "{typed} in the log: {log}");
        }
    }
}

async fn every_search_finds_a_phone_however_it_is_written(app: TestApp) {
    let owner = app.owner().await;
    let ways = [
        "+44 (0)20 7946 0958",
        "+442079460958",
        "0044 20 7946 0958",
        "tel:+44-20-7946-0958",
        "020 7946 0958",
        "+44 20 7946 0958 ext. 89",
        "＋４４　２０　７９４６　０９５８",
        "7946 0958",
    ];
    owner.contact("Other", "", "+49 170 1234567").await;
    for stored in &ways[..7] {
        let contact = owner.contact("Jane", "", stored).await;
        let channel = contact["channelId"].as_str().unwrap();
        let id = owner.upload(channel, "photo.txt", "text/plain", b"x").await;
        owner.send(channel, "", &[&id]).await.ok();
    }
    for typed in ways {
        let contacts = search(&owner, "/api/contacts", typed).await;
        assert_eq!(contacts.as_array().unwrap().len(), 7, "{typed} in contacts: {contacts}");
        let files = search(&owner, "/api/files", typed).await;
        assert_eq!(files["files"].as_array().unwrap().len(), 7, "{typed} in files: {files}");
        let log = search(&owner, "/api/audit-entries?action=uploaded", typed).await;
        assert_eq!(log["entries"].as_array().unwrap().len(), 7, "{typed} in the log: {log}");
    }
}

async fn contacts_sort_by_their_letters(app: TestApp) {
    let owner = app.owner().await;
    let sorted = ["adam", "A\u{308}rmel", "_zero", "Ann Abe", "Anna", "Bo", "Østen", "Östers", "Zoe"];
    let mut given = sorted;
    given.reverse();
    for name in given {
        owner.contact(name, "", "").await;
    }
    let mut names: Vec<String> = Vec::new();
    let mut after = String::new();
    loop {
        let page = owner.get(&format!("/api/contacts?limit=2{after}")).await.ok();
        let page = page.as_array().unwrap();
        names.extend(page.iter().map(|contact| contact["firstName"].as_str().unwrap().to_owned()));
        let Some(last) = page.last() else { break };
        after = format!("&after={}", last["id"].as_str().unwrap());
    }
    assert_eq!(names, ["_zero", "adam", "Ann Abe", "Anna", "A\u{308}rmel", "Bo", "Østen", "Östers", "Zoe"]);
}

async fn log_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.anonymous().post("/api/auth/log-in", json!({ "email": email, "password": password })).await
}

async fn emails_and_passwords_are_the_same_in_every_form(app: TestApp) {
    let owner = app.owner().await;
    let (email, password) = ("Jose\u{301}@example.com", "Cre\u{300}me bru\u{302}le\u{301}e 7");
    let token = owner.invite_token("member").await;
    let account = json!({ "token": token, "name": "José", "email": email, "password": password });
    let made = app.anonymous().post("/api/invites/accept", account).await.ok();
    assert_eq!(made["user"]["email"], "jos\u{e9}@example.com");
    for email in [email.nfc().collect::<String>(), email.nfd().collect()] {
        for password in [password.nfc().collect::<String>(), password.nfd().collect()] {
            log_in(&app, &email, &password).await.ok();
        }
        log_in(&app, &email, "Creme brulee 7").await.refused(401, "wrong_credentials");
    }
}

async fn an_upgrade_folds_existing_texts(app: TestApp) {
    let owner = app.owner().await;
    let contact = owner.contact("Amélie", "", "+44 (0)20 7946 0958").await;
    let channel = owner.channel("general").await;
    owner.send(&channel, "die Straße", &[]).await.ok();
    let id = owner.upload(&channel, "Übersicht.txt", "text/plain", b"x").await;
    owner.send(&channel, "", &[&id]).await.ok();
    // As an older version left it.
    let contact = contact["id"].as_str().unwrap();
    app.sql("UPDATE contacts SET search_text = 'amélie 4402079460958' WHERE id = {id}", contact).await;
    app.sql("UPDATE messages SET search_text = lower(body) WHERE channel_id = {id}", &channel).await;
    app.sql("UPDATE attachments SET search_text = 'übersicht.txt' WHERE id = {id}", &id).await;
    app.sql("UPDATE audit_entries SET search_text = 'übersicht.txt' WHERE attachment_id = {id}", &id).await;
    app.sql("UPDATE channels SET name_key = NULL, search_text = '' WHERE id = {id}", &channel).await;
    let app = app.restart().await;
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
    assert_eq!(app.sql("DELETE FROM refolds WHERE after_id <> {id}", &id).await, 0, "all tables are done");
    assert_eq!(search(&owner, "/api/contacts", "amelie").await.as_array().unwrap().len(), 1);
    assert_eq!(search(&owner, "/api/contacts", "+442079460958").await.as_array().unwrap().len(), 1);
    let messages = format!("/api/channels/{channel}/found");
    assert_eq!(search(&owner, &messages, "strasse").await.as_array().unwrap().len(), 1);
    assert_eq!(search(&owner, "/api/files", "ubersicht").await["files"].as_array().unwrap().len(), 1);
    let log = search(&owner, "/api/audit-entries?action=uploaded", "ubersicht").await;
    assert_eq!(log["entries"].as_array().unwrap().len(), 1);
    owner
        .post("/api/channels", json!({ "name": "General", "kind": "team", "private": false }))
        .await
        .refused(409, "conflict");
}
