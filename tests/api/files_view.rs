//! The files view: which files, in which order, for whom.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{TestApp, User, files, on_both_engines, text};

on_both_engines![
    sent_files_are_listed_newest_first_and_page_by_page,
    unsent_failed_and_deleted_files_are_never_there,
    each_member_finds_exactly_the_visible_files,
    files_are_found_by_kind_sender_conversation_and_time,
    files_are_found_by_name_words_and_contact_in_any_script,
    wildcards_and_wrong_questions_do_no_harm,
    totals_match_the_list,
];

async fn list(user: &User, query: &str) -> Value {
    user.get(&format!("/api/files{query}")).await.ok()
}

fn names_in(page: &Value) -> Vec<String> {
    page["files"].as_array().expect("a list of files").iter().map(|file| text(&file["fileName"])).collect()
}

async fn names(user: &User, query: &str) -> Vec<String> {
    names_in(&list(user, query).await)
}

/// Sends a text file with its name as content.
async fn send(user: &User, channel: &str, name: &str) -> String {
    user.send_file(channel, name, "text/plain", name.as_bytes()).await
}

async fn sent_files_are_listed_newest_first_and_page_by_page(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+1 555 1234567").await;
    let channel = text(&jane["channelId"]);
    let first = send(&owner, &channel, "1.txt").await;
    app.advance(Duration::from_secs(1));
    let mut ids = Vec::new();
    for name in ["2.txt", "3.txt"] {
        ids.push(owner.upload(&channel, name, "text/plain", name.as_bytes()).await);
    }
    let sent = owner.send(&channel, "two", &[&ids[0], &ids[1]]).await.ok();
    app.advance(Duration::from_secs(1));
    let team = owner.channel("general").await;
    send(&owner, &team, "4.txt").await;

    let all = list(&owner, "").await;
    assert_eq!(names_in(&all), ["4.txt", "2.txt", "3.txt", "1.txt"]);
    assert_eq!(all["next"], Value::Null);
    let file = &all["files"][1];
    assert_eq!(
        (text(&file["conversation"]), text(&file["sender"]), text(&file["savedAs"]), text(&file["messageId"])),
        ("Jane Doe".to_owned(), "Olga Owner".to_owned(), "Jane_15551234567_2.txt".to_owned(), text(&sent["id"]))
    );
    assert_eq!((text(&file["channelId"]), &file["sentAt"]), (channel, &sent["createdAt"]));
    assert_eq!(text(&all["files"][0]["conversation"]), "#general");
    assert_eq!(text(&all["files"][3]["id"]), first);
    assert_eq!(names(&owner, "?sort=oldest").await, ["1.txt", "2.txt", "3.txt", "4.txt"]);

    for (sort, order) in
        [("newest", ["4.txt", "2.txt", "3.txt", "1.txt"]), ("oldest", ["1.txt", "2.txt", "3.txt", "4.txt"])]
    {
        let mut after = String::new();
        for (place, name) in order.iter().enumerate() {
            let page = list(&owner, &format!("?sort={sort}&limit=1&after={after}")).await;
            assert_eq!(names_in(&page), [*name]);
            assert_eq!(page["next"].is_null(), place == 3);
            page["next"].as_str().unwrap_or_default().clone_into(&mut after);
        }
    }
}

async fn unsent_failed_and_deleted_files_are_never_there(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    owner.upload(&channel, "unsent.txt", "text/plain", b"a").await;
    owner.presign(&channel, "uploading.txt", "text/plain", b"a").await;
    let failed = owner.presign(&channel, "failed.txt", "text/plain", b"a").await;
    owner.fail(&failed.id, "given up").await.ok();
    let deleted = send(&owner, &channel, "deleted.txt").await;
    app.sql("UPDATE attachments SET deleted_at = 1 WHERE id = {id}", &deleted).await;
    send(&owner, &channel, "sent.txt").await;
    for query in ["", "?sort=oldest", &format!("?channel={channel}"), "?search=txt", "?kinds=document"] {
        assert_eq!(names(&owner, query).await, ["sent.txt"], "{query}");
    }
    assert_eq!(owner.get("/api/files/totals").await.ok(), json!({ "count": 1, "size": 8 }));
}

/// The list and the check before each download are two implementations of one rule: this compares them.
async fn each_member_finds_exactly_the_visible_files(app: TestApp) {
    let owner = app.owner().await;
    let (jane, bob) = (owner.contact("Jane", "", "").await, owner.contact("Bob", "", "").await);
    let (public, private) = (owner.channel("general").await, owner.private_channel("secret").await);
    let member = app.member().await;
    let theirs = member.private_channel("theirs").await;
    let of_jane = app.guest_of(&jane).await;
    owner
        .put(&format!("/api/channels/{public}/members"), json!({ "memberIds": [owner.member_id, of_jane.member_id] }))
        .await
        .ok();
    for (name, permissions) in [
        ("blind", json!(["Contact:View", "Channel:View"])),
        ("nobody", json!(["Message:ViewAttachment"])),
        ("contacts", json!(["Message:ViewAttachment", "Contact:View"])),
        ("team", json!(["Message:ViewAttachment", "Channel:View"])),
        ("assigned", json!(["Message:ViewAttachment", "Contact:ViewAssigned", "Channel:View"])),
    ] {
        owner.post("/api/roles", json!({ "name": name, "permissions": permissions })).await.ok();
    }
    let mut people = vec![
        owner.clone(),
        app.admin().await,
        member.clone(),
        app.guest().await,
        of_jane,
        app.other_organization().await,
    ];
    for role in ["nobody", "contacts", "team", "assigned", "blind"] {
        people.push(app.invited(role, &format!("Role {role}")).await);
    }
    let mut sent = Vec::new();
    for channel in [&text(&jane["channelId"]), &text(&bob["channelId"]), &public, &private] {
        sent.push(send(&owner, channel, "a.txt").await);
    }
    sent.push(send(&member, &theirs, "a.txt").await);
    let deleted = send(&owner, &public, "deleted.txt").await;
    app.sql("UPDATE attachments SET deleted_at = 1 WHERE id = {id}", &deleted).await;
    sent.push(deleted);

    let mut counts = Vec::new();
    for person in &people {
        let answer = person.get("/api/files").await;
        let found: Vec<_> = match answer.status {
            200 => answer.ok()["files"].as_array().unwrap().iter().map(|file| text(&file["id"])).collect(),
            _ => Vec::new(),
        };
        let mut viewable = Vec::new();
        for id in &sent {
            let status = person.get(&format!("/api/messages/attachments/{id}")).await.status;
            if matches!(status, 200 | 302) {
                viewable.push(id.clone());
            }
        }
        let (mut one, mut other) = (found.clone(), viewable);
        one.sort();
        other.sort();
        assert_eq!(one, other, "{}", person.email);
        counts.push(found.len());
    }
    // Owner and admin can't view others' private channels; the stranger can view nothing.
    assert_eq!(counts, [4, 3, 4, 0, 2, 0, 0, 2, 1, 1, 0]);
}

async fn files_are_found_by_kind_sender_conversation_and_time(app: TestApp) {
    let owner = app.owner().await;
    let member = app.member().await;
    let jane = owner.contact("Jane", "", "").await;
    let (channel, team) = (text(&jane["channelId"]), owner.channel("general").await);
    owner.send_file(&channel, "a.jpg", "image/jpeg", &files::jpeg("x")).await;
    app.advance(Duration::from_hours(24));
    let day = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("x")).await;
    app.advance(Duration::from_hours(24));
    member.send_file(&team, "a.bin", "application/octet-stream", b"\0\x01\x02").await;
    // As a contact's own files arrive: without an uploader.
    let inbound = send(&owner, &channel, "inbound.txt").await;
    app.sql("UPDATE attachments SET uploaded_by = NULL WHERE id = {id}", &inbound).await;

    let sent_at = list(&owner, "?kinds=document&search=a.pdf").await["files"][0]["sentAt"].as_str().unwrap().to_owned();
    let contact = text(&jane["id"]);
    for (query, expected) in [
        ("?kinds=image".to_owned(), vec!["a.jpg"]),
        ("?kinds=document,image".to_owned(), vec!["inbound.txt", "a.pdf", "a.jpg"]),
        ("?kinds=other".to_owned(), vec!["a.bin"]),
        ("?kinds=audio,video".to_owned(), vec![]),
        (format!("?from={}", member.member_id), vec!["a.bin"]),
        (format!("?from={}", owner.member_id), vec!["a.pdf", "a.jpg"]),
        (format!("?from={contact}"), vec!["inbound.txt"]),
        ("?from=contacts".to_owned(), vec!["inbound.txt"]),
        (format!("?channel={channel}"), vec!["inbound.txt", "a.pdf", "a.jpg"]),
        (format!("?channel={channel}&kinds=image"), vec!["a.jpg"]),
        (format!("?since={sent_at}"), vec!["inbound.txt", "a.bin", "a.pdf"]),
        (format!("?until={sent_at}"), vec!["a.jpg"]),
        (format!("?since={sent_at}&sort=oldest"), vec!["a.pdf", "a.bin", "inbound.txt"]),
    ] {
        assert_eq!(names(&owner, &query).await, expected, "{query}");
        let totals = owner.get(&format!("/api/files/totals{query}")).await.ok();
        assert_eq!(totals["count"], expected.len(), "{query}");
    }
    assert_ne!(day, inbound);
    let sender = |page: &Value| text(&page["files"][0]["sender"]);
    assert_eq!(sender(&list(&owner, "?from=contacts").await), "Jane");
}

async fn files_are_found_by_name_words_and_contact_in_any_script(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Zoë", "Ångström", "+1 555 1234567").await;
    let (channel, team) = (text(&jane["channelId"]), owner.channel("general").await);
    send(&owner, &channel, "Фото Кухни.txt").await;
    let id = owner.upload(&team, "写真.txt", "text/plain", b"x").await;
    owner.send(&team, "The KITCHEN of Müller", &[&id]).await.ok();
    // As another system writes it: a letter and an accent.
    send(&owner, &team, "re\u{301}sume\u{301}.txt").await;
    for (search, expected) in [
        ("фото", vec!["Фото Кухни.txt"]),
        ("ФОТО", vec!["Фото Кухни.txt"]),
        ("кух", vec!["Фото Кухни.txt"]),
        ("写", vec!["写真.txt"]),
        ("kitchen", vec!["写真.txt"]),
        ("MÜLLER", vec!["写真.txt"]),
        ("ångström", vec!["Фото Кухни.txt"]),
        ("résumé", vec!["re\u{301}sume\u{301}.txt"]),
        ("nothing", vec![]),
    ] {
        let query = percent_encoding::utf8_percent_encode(search, percent_encoding::NON_ALPHANUMERIC);
        assert_eq!(names(&owner, &format!("?search={query}")).await, expected, "{search}");
    }
}

async fn wildcards_and_wrong_questions_do_no_harm(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for name in ["100%.txt", "a_b.txt", "ab.txt"] {
        send(&owner, &channel, name).await;
    }
    assert_eq!(names(&owner, "?search=%25").await, ["100%.txt"]);
    assert_eq!(names(&owner, "?search=_").await, ["a_b.txt"]);
    assert_eq!(names(&owner, "?search=%5C").await, Vec::<String>::new());
    assert_eq!(names(&owner, "?search=%00").await.len(), 3);
    assert_eq!(names(&owner, &format!("?search={}", "x".repeat(5000))).await, Vec::<String>::new());
    assert_eq!(names(&owner, "?limit=0").await.len(), 1);
    for (query, field) in
        [("kinds=nothing", "kinds"), ("from=me", "from"), ("sort=size", "sort"), ("after=1.2", "after")]
    {
        let refused = owner.get(&format!("/api/files?{query}")).await.refused(422, "invalid_value");
        assert_eq!(refused["data"]["field"], field);
    }
    owner.get("/api/files?channel=00000000-0000-0000-0000-000000000000").await.refused(404, "not_found");
}

async fn totals_match_the_list(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    assert_eq!(owner.get("/api/files/totals").await.ok(), json!({ "count": 0, "size": 0 }));
    for name in ["1.txt", "22.txt"] {
        send(&owner, &channel, name).await;
    }
    let totals = owner.get("/api/files/totals?search=22").await.ok();
    assert_eq!(totals, json!({ "count": 1, "size": 6 }));
    assert_eq!(
        owner.get(&format!("/api/files/totals?channel={channel}")).await.ok(),
        json!({ "count": 2, "size": 11 })
    );
}
