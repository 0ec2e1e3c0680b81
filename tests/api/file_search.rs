//! The search in files: by words in their names, messages and contacts.

use attache::platform::db::Db;
use attache::platform::search::fold;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::support::{TestApp, User, on_both_engines, text};

on_both_engines![
    words_may_be_in_the_name_the_message_and_the_contact,
    a_reused_file_is_found_by_the_words_of_each_message_that_shows_it,
    searches_find_the_same_files_as_reading_all,
];

/// Returns the names of all files that a query finds, page by page, and checks that the totals agree.
async fn found(user: &User, search: &str, rest: &str) -> Vec<String> {
    let search = utf8_percent_encode(search, NON_ALPHANUMERIC).to_string();
    let (mut names, mut size, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = user.get(&format!("/api/files?search={search}{rest}&limit=3{after}")).await.ok();
        for file in page["files"].as_array().unwrap() {
            names.push(text(&file["fileName"]));
            size += file["fileSize"].as_u64().unwrap();
        }
        match &page["next"] {
            Value::Null => break,
            next => after = format!("&after={}", next.as_str().unwrap()),
        }
    }
    let totals = user.get(&format!("/api/files/totals?search={search}{rest}")).await.ok();
    assert_eq!(totals, json!({ "count": names.len(), "size": size }), "{search}{rest}");
    names
}

async fn send(user: &User, channel: &str, body: &str, name: &str) -> String {
    let file = user.upload(channel, name, "text/plain", name.as_bytes()).await;
    user.send(channel, body, &[&file]).await.ok();
    file
}

/// Adds newer files in a channel of their own, so many that PostgreSQL does not read the others before its index.
async fn bury(app: &TestApp, owner: &User) {
    let Db::Postgres(_) = &app.platform.db else { return };
    let file = &send(owner, &owner.channel("filling").await, "filling", "filling").await;
    let id = "('ffff0000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid";
    let message = format!(
        "INSERT INTO messages (id, organization_id, channel_id, member_id, body, created_at)
         SELECT {id}, organization_id, channel_id, uploaded_by, 'filling', created_at
         FROM attachments, generate_series(1, 11000) AS number WHERE id = {{id}}"
    );
    assert_eq!(app.sql(&message, file).await, 11_000);
    let files = format!(
        "INSERT INTO attachments (id, organization_id, channel_id, uploaded_by, file_name, file_size, declared_type,
           content_type, media_type, status, attempt_id, message_id, created_at, uploaded_at, kind, search_text)
         SELECT {id}, organization_id, channel_id, uploaded_by, 'filling', 0, declared_type, content_type, media_type, status,
           {id}, {id}, created_at, uploaded_at, kind, 'filling'
         FROM attachments, generate_series(1, 11000) AS number WHERE id = {{id}}"
    );
    assert_eq!(app.sql(&files, file).await, 11_000);
}

async fn words_may_be_in_the_name_the_message_and_the_contact(app: TestApp) {
    let owner = app.owner().await;
    let jane = text(&owner.contact("Jane", "Smith", "+44 (0)20 7946 0958").await["channelId"]);
    let team = owner.channel("general").await;
    let plan = send(&owner, &jane, "for the bath", "Kitchen plan.txt").await;
    send(&owner, &team, "The old siphon\nleaks", "IMG 2041.txt").await;
    bury(&app, &owner).await;
    for (search, expected) in [
        ("kitchen", vec!["Kitchen plan.txt"]),
        ("tchen pla", vec!["Kitchen plan.txt"]),
        ("bath plan.txt", vec!["Kitchen plan.txt"]),
        ("jane kitchen bath", vec!["Kitchen plan.txt"]),
        ("smith", vec!["Kitchen plan.txt"]),
        ("sm it", vec!["Kitchen plan.txt"]),
        ("7946 0958", vec!["Kitchen plan.txt"]),
        ("+44 20 7946", vec!["Kitchen plan.txt"]),
        ("2041", vec!["IMG 2041.txt"]),
        ("leak 2041 SIPHON", vec!["IMG 2041.txt"]),
        ("\"siphon leaks\"", vec!["IMG 2041.txt"]),
        ("\"leaks siphon\"", vec![]),
        ("jane siphon", vec![]),
        ("nothingofit", vec![]),
    ] {
        assert_eq!(found(&owner, search, "").await, expected, "{search}");
    }
    assert_eq!(found(&owner, "txt", &format!("&channel={team}")).await[..], ["IMG 2041.txt"]);
    assert_eq!(found(&owner, "jane", &format!("&channel={team}")).await, [""; 0]);
    assert_eq!(found(&owner, "jane plan", &format!("&channel={jane}")).await, ["Kitchen plan.txt"]);
    assert_eq!(found(&owner, "kitchen", "&kinds=image").await, [""; 0]);
    owner.delete(&format!("/api/attachments/{plan}")).await.ok();
    assert_eq!(found(&owner, "kitchen", "").await, [""; 0]);
    owner.post(&format!("/api/attachments/{plan}/restore"), json!({})).await.ok();
    assert_eq!(found(&owner, "kitchen", "").await, ["Kitchen plan.txt"]);
}

async fn a_reused_file_is_found_by_the_words_of_each_message_that_shows_it(app: TestApp) {
    let owner = app.owner().await;
    let member = app.member().await;
    let (board, team) = (owner.private_channel("board").await, owner.channel("general").await);
    let file = send(&owner, &board, "secret words", "Report.txt").await;
    let program = owner.program(&["messages:write"]).await;
    let again = json!({ "bucketId": team, "body": "public words", "attachmentUuids": [file] });
    program.post("/messages", again).await.created();
    bury(&app, &owner).await;
    assert_eq!(found(&owner, "report secret", "").await, ["Report.txt"]);
    // To the owner it is shown where it was sent first.
    assert_eq!(found(&owner, "report public", "").await, [""; 0]);
    assert_eq!(found(&owner, "report public", &format!("&channel={team}")).await, ["Report.txt"]);
    assert_eq!(found(&member, "report public", "").await, ["Report.txt"]);
    assert_eq!(found(&member, "report secret", "").await, [""; 0]);
}

/// A small generator, whose numbers are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }

    fn words(&mut self, most: usize) -> Vec<&'static str> {
        (0..self.below(most + 1)).map(|_| WORDS[self.below(WORDS.len())]).collect()
    }
}

const WORDS: [&str; 14] = [
    "Kitchen",
    "kitsch",
    "Müller",
    "mulch",
    "2041",
    "041",
    "東京都",
    "京都",
    "Фото",
    "фон",
    "👩\u{200d}🔧",
    "a",
    "Straße",
    "stras",
];

/// A file, its conversation, and all texts that a search compares.
struct Sent {
    name: String,
    is_private: bool,
    text: String,
}

async fn searches_find_the_same_files_as_reading_all(app: TestApp) {
    let owner = app.owner().await;
    let member = app.member().await;
    let mut numbers = Numbers(7);
    let mut channels = Vec::new();
    for (first, last) in [("Müller", "Anna"), ("Kitchen", "Straße"), ("東京都", "")] {
        let contact = owner.contact(first, last, "").await;
        channels.push((text(&contact["channelId"]), false, fold(&format!("{first} {last}"))));
    }
    channels.push((owner.channel("general").await, false, String::new()));
    channels.push((owner.private_channel("board").await, true, String::new()));
    let mut sent = Vec::new();
    for number in 0..40 {
        let (channel, is_private, contact) = &channels[numbers.below(channels.len())];
        let name = format!("{} {number:02}.txt", numbers.words(3).join(" "));
        let body = numbers.words(3).join(" ");
        send(&owner, channel, &format!("{body} filled"), &name).await;
        let name = text(&owner.get("/api/files?limit=1").await.ok()["files"][0]["fileName"]);
        sent.push(Sent { text: format!("{}\n{}\n{contact}", fold(&name), fold(&body)), is_private: *is_private, name });
    }
    bury(&app, &owner).await;
    let mut many = 0;
    for _ in 0..60 {
        let mut terms: Vec<String> = numbers.words(3).into_iter().map(fold).collect();
        terms.push(fold(&WORDS[numbers.below(WORDS.len())].chars().take(3).collect::<String>()));
        let search = terms.join(" ");
        let is_match = |file: &&Sent| terms.iter().all(|term| file.text.contains(term.as_str()));
        let names = |files: Vec<&Sent>| files.into_iter().map(|file| file.name.clone()).collect::<Vec<_>>();
        let all: Vec<&Sent> = sent.iter().filter(is_match).collect();
        many += usize::from(all.len() > 3);
        assert_eq!(found(&owner, &search, "&sort=oldest").await, names(all.clone()), "{search}");
        let visible: Vec<&Sent> = all.into_iter().rev().filter(|file| !file.is_private).collect();
        assert_eq!(found(&member, &search, "").await, names(visible), "{search}");
    }
    assert!(many > 10, "only {many} searches have several matches");
}
