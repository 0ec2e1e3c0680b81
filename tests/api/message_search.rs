//! The search in messages of one conversation, and of all.

use attache::admin::doctor::{Level, examine};
use attache::jobs::JOBS;
use attache::platform::db::{Db, text_index};
use attache::platform::jobs::run_due;
use attache::platform::search::fold;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::support::{TestApp, User, files, on_both_engines, on_one_pair};

on_both_engines![
    messages_are_found_by_their_words_newest_first,
    messages_are_found_by_the_names_of_their_files,
    deleted_messages_and_other_channels_are_not_searched,
    pages_follow_each_other,
    a_search_everywhere_finds_visible_messages,
    parts_of_words_are_found,
    words_are_found_in_any_order_and_phrases_as_they_are,
    an_edited_message_is_found_by_its_new_words,
    a_restored_message_is_found_again,
    words_may_be_in_the_text_and_in_names_of_files,
    a_rare_match_is_found_behind_many_messages,
    an_upgrade_indexes_existing_messages,
    texts_of_ten_scripts_are_found_as_by_reading_them,
];

on_one_pair![postgres_garage_only, PostgresGarage: postgres_reads_the_index];

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

/// Returns the ids of all hits in all conversations, page by page.
async fn found_ids(user: &User, search: &str) -> Vec<String> {
    let (search, mut ids, mut before) = (utf8_percent_encode(search, NON_ALPHANUMERIC), Vec::new(), String::new());
    loop {
        let hits = user.get(&format!("/api/messages/found?search={search}{before}")).await.ok();
        let hits = hits.as_array().unwrap();
        ids.extend(hits.iter().map(|hit| hit["id"].as_str().unwrap().to_owned()));
        match hits.last() {
            Some(last) if hits.len() == 30 => before = format!("&before={}", last["id"].as_str().unwrap()),
            _ => return ids,
        }
    }
}

/// Sends a message. Returns its id.
async fn send(user: &User, channel: &str, body: &str) -> String {
    user.send(channel, body, &[]).await.ok()["id"].as_str().unwrap().to_owned()
}

/// Asserts which searches find a message, and which don't.
async fn assert_found(user: &User, id: &str, searches: &[&str], others: &[&str]) {
    for search in searches {
        assert_eq!(found_ids(user, search).await, [id], "{search}");
    }
    for search in others {
        assert_eq!(found_ids(user, search).await, [""; 0], "{search}");
    }
}

async fn parts_of_words_are_found(app: TestApp) {
    let owner = &app.owner().await;
    let channel = owner.channel("general").await;
    for (text, searches, others) in [
        ("Die Straßenbahn fährt ab", &["strasse", "SSENB", "fahr", "ahn", "fährt"][..], &["strassebahn", "bahm"][..]),
        ("call +44 20 7946 0958", &["7946", "095", "958", "+44"], &["7964"][..]),
        ("see https://example.com/a?b=1", &["example.com", "a?b=1", "//ex"], &["example/com"]),
        ("東京都庁", &["東京", "京都", "都庁", "東京都庁", "庁"], &["東都", "京庁"]),
        ("ひらがなとカタカナ", &["がな", "とカ", "ナ"], &["かな"]),
        ("안녕하세요", &["안녕", "하세요", "녕"], &["녕안"]),
        ("fixed 👩\u{200d}🔧❤\u{fe0f}", &["👩\u{200d}🔧", "🔧", "❤", "❤\u{fe0f}"], &["👨\u{200d}🔧", "🎉"]),
        ("สวัสดีครับ", &["สวัส", "ครับ"], &["ครัย"]),
        ("a 5\" pipe, 50%", &["5\" pipe", "5\"", "50%", "0%", "%"], &["\"5", "60%"]),
    ] {
        let id = send(owner, &channel, text).await;
        assert_found(owner, &id, searches, others).await;
        owner.delete(&format!("/api/messages/{id}")).await.ok();
    }
}

async fn words_are_found_in_any_order_and_phrases_as_they_are(app: TestApp) {
    let owner = &app.owner().await;
    let channel = owner.channel("general").await;
    let id = send(owner, &channel, "The old siphon\nleaks in the bath").await;
    let found = ["bath siphon", "leak sip old", "\"siphon leaks\"", "“OLD Siphon” bath", "\"the old\" \"the bath\""];
    let others = ["bath kitchen", "\"siphon old\"", "\"leaks the\"", "\"bath siphon\"", "siphons bath"];
    assert_found(owner, &id, &found, &others).await;
    let hits = owner.get("/api/messages/found?search=leaks%20siphon").await.ok();
    assert_eq!(hits[0]["excerpt"], json!({ "before": "The old siphon ", "hit": "leaks", "after": " in the bath" }));
}

async fn an_edited_message_is_found_by_its_new_words(app: TestApp) {
    let owner = &app.owner().await;
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let channel = owner.channel("general").await;
    let post = json!({ "bucketId": channel, "title": "Boiler", "body": "drips" });
    let id = program.post("/messages", post).await.created()["id"].as_str().unwrap().to_owned();
    assert_found(owner, &id, &["boiler drips"], &["radiator"]).await;
    program.call("PATCH", &format!("/messages/{id}"), Some(json!({ "title": "Radiator" }))).await.ok();
    assert_found(owner, &id, &["radiator drips"], &["boiler"]).await;
}

async fn a_restored_message_is_found_again(app: TestApp) {
    let owner = &app.owner().await;
    let channel = owner.channel("general").await;
    let id = send(owner, &channel, "needle").await;
    owner.delete(&format!("/api/messages/{id}")).await.ok();
    assert_found(owner, &id, &[], &["needle"]).await;
    owner.post(&format!("/api/messages/{id}/restore"), json!({})).await.ok();
    assert_found(owner, &id, &["needle"], &[]).await;
}

async fn words_may_be_in_the_text_and_in_names_of_files(app: TestApp) {
    let owner = &app.owner().await;
    let contact = owner.contact("Jane", "", "").await;
    let role = json!({ "role": "guest", "permissions": ["Message:Send", "Contact:ViewAssigned"] });
    owner.patch("/api/roles", role).await.ok();
    let guest = &app.guest_of(&contact).await;
    let channel = contact["channelId"].as_str().unwrap();
    let file = owner.upload(channel, "Kitchen plan.txt", "text/plain", b"x").await;
    let sent = owner.send(channel, "for the bath", &[&file]).await.ok();
    let id = sent["id"].as_str().unwrap();
    assert_found(owner, id, &["bath kitchen", "\"kitchen plan\" bath", "plan.txt"], &["\"bath kitchen\""]).await;
    assert_found(guest, id, &["bath"], &["kitchen", "bath kitchen"]).await;
    owner.delete(&format!("/api/attachments/{file}")).await.ok();
    assert_found(owner, id, &["bath"], &["bath kitchen"]).await;
}

/// Adds newer messages, so many that PostgreSQL does not read the others before its index.
async fn bury(app: &TestApp, message: &str) {
    let Db::Postgres(_) = &app.platform.db else { return };
    let added = app
        .sql(
            "INSERT INTO messages (id, organization_id, channel_id, member_id, body, created_at)
             SELECT ('ffff0000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid, organization_id, channel_id, member_id,
               'filling', created_at FROM messages, generate_series(1, 11000) AS number WHERE id = {id}",
            message,
        )
        .await;
    assert_eq!(added, 11_000);
}

async fn a_rare_match_is_found_behind_many_messages(app: TestApp) {
    let owner = &app.owner().await;
    let (public, private) = (owner.channel("general").await, owner.private_channel("board").await);
    let mut sent = Vec::new();
    for number in 0..35 {
        sent.push(send(owner, &public, &format!("needle {number}")).await);
        send(owner, &private, "a needle of the board").await;
        send(owner, &private, "a needle of the board").await;
    }
    bury(&app, &sent[0]).await;
    sent.reverse();
    assert_eq!(found_ids(&app.member().await, "needle").await, sent);
    assert_eq!(found_ids(owner, "needle").await.len(), 105);
    assert_eq!(found_ids(owner, "needle board").await.len(), 70);
    let in_channel = found(owner, &public, "search=needle").await;
    assert_eq!((in_channel.len(), &in_channel[0]["id"]), (30, &json!(sent[0])));
}

/// Makes the database as an older version left it.
async fn forget_index(app: &TestApp, messages: i64) {
    if let Db::Sqlite(_) = &app.platform.db {
        app.sql("INSERT INTO search_grams (search_grams) VALUES ('delete-all')", "").await;
    }
    app.sql("DELETE FROM search_documents", "").await;
    let last = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    let progress = format!("VALUES (1, {{id}}, 0, {messages})");
    app.sql(&format!("INSERT INTO message_index_progress (id, before_id, indexed, total) {progress}"), last).await;
}

async fn an_upgrade_indexes_existing_messages(app: TestApp) {
    let owner = &app.owner().await;
    let channel = owner.channel("general").await;
    let complete = json!({ "complete": true, "indexed": 0, "total": 0 });
    assert_eq!(owner.get("/api/messages/index").await.ok(), complete);
    let file = owner.upload(&channel, "Needle.txt", "text/plain", b"x").await;
    let mut sent = vec![owner.send(&channel, "a file", &[&file]).await.ok()["id"].as_str().unwrap().to_owned()];
    for number in 0..250 {
        sent.push(send(owner, &channel, &format!("needle {number}")).await);
    }
    forget_index(&app, 251).await;
    let state = json!({ "complete": false, "indexed": 0, "total": 251 });
    assert_eq!(owner.get("/api/messages/index").await.ok(), state);
    let finding = examine(&app.platform.config).await.into_iter().find(|finding| finding.about == "search").unwrap();
    assert_eq!(finding.level, Level::Advice);
    assert!(finding.says.starts_with("0 of 251 messages are indexed."), "{finding}");

    // A new message is found at once, an edited one when the job is done.
    sent.push(send(owner, &channel, "another needle").await);
    assert_eq!(found_ids(owner, "another needle").await, sent[251..]);
    let program = owner.program(&["messages:write", "messages:read"]).await;
    let edited = sent.remove(100);
    program.call("PATCH", &format!("/messages/{edited}"), Some(json!({ "body": "changed" }))).await.ok();
    bury(&app, &sent[0]).await;
    run_due(&app.platform, JOBS).await.expect("jobs can be read");
    assert_eq!(owner.get("/api/messages/index").await.ok(), complete);
    sent.reverse();
    assert_eq!(found_ids(owner, "needle").await, sent);
    assert_eq!(found_ids(owner, "changed").await, [edited]);
    let files = owner.get("/api/files?search=needle").await.ok();
    assert_eq!(files["files"][0]["fileName"], "Needle.txt");
    let finding = examine(&app.platform.config).await.into_iter().find(|finding| finding.about == "search").unwrap();
    assert_eq!((finding.level, finding.says.as_str()), (Level::Good, "all messages are indexed"));
}

/// Letters of a script, from which words are made.
const SCRIPTS: [&str; 12] = [
    "aäeéßnıTSø",
    "αάσςΣωΩι",
    "аяйёЖщі",
    "ابتنُورَةك",
    "אבגשׁםל",
    "कलुकिंति",
    "กขสวัดีร",
    "東京都市山川",
    "かがアァバヴー",
    "한글각가ᄒ",
    "👩🔧❤👍🎉",
    "0159+-.%_",
];

/// A small generator, whose numbers are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }

    fn word(&mut self) -> String {
        let letters: Vec<char> = SCRIPTS[self.below(SCRIPTS.len())].chars().collect();
        (0..=self.below(5)).map(|_| letters[self.below(letters.len())]).collect()
    }

    /// Returns a part of a text of one to four characters, without spaces around it.
    fn part(&mut self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let from = self.below(letters.len());
        let to = (from + 1 + self.below(4)).min(letters.len());
        fold(&letters[from..to].iter().collect::<String>()).trim().to_owned()
    }
}

async fn texts_of_ten_scripts_are_found_as_by_reading_them(app: TestApp) {
    let owner = &app.owner().await;
    let channel = owner.channel("general").await;
    let mut numbers = Numbers(1);
    let mut texts: Vec<(String, String)> = Vec::new();
    for _ in 0..60 {
        let words: Vec<_> = (0..=numbers.below(5)).map(|_| numbers.word()).collect();
        let answer = owner.send(&channel, &words.join(" "), &[]).await.ok();
        texts.push((answer["id"].as_str().unwrap().to_owned(), fold(answer["body"].as_str().unwrap())));
    }
    bury(&app, &texts[0].0).await;
    texts.reverse();
    let mut many = 0;
    for _ in 0..250 {
        let text = texts[numbers.below(texts.len())].1.clone();
        let terms: Vec<_> =
            (0..=numbers.below(2)).map(|_| numbers.part(&text)).filter(|term| !term.is_empty()).collect();
        let quoted = terms.iter().map(|term| if term.contains(' ') { format!("\"{term}\"") } else { term.clone() });
        let typed = quoted.collect::<Vec<_>>().join(" ");
        let is_match = |text: &str| !terms.is_empty() && terms.iter().all(|term| text.contains(term.as_str()));
        let expected: Vec<_> = texts.iter().filter(|(_, text)| is_match(text)).map(|(id, _)| id.clone()).collect();
        many += usize::from(expected.len() > 1);
        assert_eq!(found_ids(owner, &typed).await, expected, "{typed:?}");
    }
    assert!(many > 50, "only {many} searches have several matches");
}

async fn postgres_reads_the_index(app: TestApp) {
    let Db::Postgres(pools) = &app.platform.db else { panic!("this test is about PostgreSQL") };
    app.sql(
        "INSERT INTO search_documents (id, grams) SELECT gen_random_uuid(), concat('g', number % 10, ' ', number)
         FROM generate_series(1, 50000) AS number",
        "",
    )
    .await;
    app.sql("ANALYZE search_documents", "").await;
    for (sql, gram) in [
        (text_index::postgres::NEWEST, "g1"),
        (text_index::postgres::NEWEST, "g1 77"),
        (text_index::postgres::NEWEST, "zzz"),
        (text_index::postgres::NEWEST_OF_ANY, "g1"),
    ] {
        let explain = sql.replace("$1", &format!("'{gram}'")).replace("$5", "'77 78 zzz'").replace("$4", "60");
        let explain = explain.replace("$2", "'00000000-0000-0000-0000-000000000000'");
        let explain = format!("EXPLAIN {}", explain.replace("$3", "'ffffffff-0000-7000-8000-000000000000'"));
        let steps: Vec<String> = sqlx::query_scalar(AssertSqlSafe(explain)).fetch_all(&pools.requests).await.unwrap();
        let steps = steps.join("\n");
        assert!(steps.contains("search_documents_grams") && !steps.contains("Seq Scan"), "{gram}: {steps}");
    }
}
