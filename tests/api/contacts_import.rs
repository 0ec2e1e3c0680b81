//! Import of contacts from CSV files, and their export.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, User, meet, on_both_engines, text};

on_both_engines![
    a_preview_shows_what_an_import_does_and_changes_nothing,
    the_rows_of_a_preview_can_be_imported_and_repeated,
    an_exported_file_changes_nothing,
    rows_that_fail_do_not_stop_the_others,
    contacts_of_others_are_not_touched,
    damaged_files_are_rejected_with_a_reason,
    ten_thousand_rows_are_imported,
    two_imports_of_one_file_create_each_contact_once,
    phones_that_are_alike_are_compared_with_few,
    an_import_is_one_audit_entry,
    pages_hear_of_few_contacts_and_reload_after_many,
    an_import_requires_permission_to_edit_contacts,
];

const PREVIEW: &str = "/api/contacts/import/preview";

async fn preview(user: &User, file: impl Into<Vec<u8>>) -> Answer {
    user.send_request(user.request(Method::POST, PREVIEW).body(file.into())).await
}

/// Returns the outcome of each row, in order.
fn kinds(preview: &Value) -> Vec<&str> {
    let rows = preview["rows"].as_array().expect("rows");
    rows.iter().map(|row| row["outcome"]["kind"].as_str().expect("a kind")).collect()
}

/// Returns the rows that a page sends.
fn rows(preview: &Value) -> Vec<Value> {
    let rows = preview["rows"].as_array().expect("rows").iter();
    let changes = rows.filter(|row| matches!(row["outcome"]["kind"].as_str(), Some("create" | "update")));
    changes.map(|row| row["row"].clone()).collect()
}

/// Imports a file like a page. Returns the sums of created, updated and unchanged rows.
async fn import(user: &User, file: impl Into<Vec<u8>>) -> (u64, u64, u64) {
    let rows = rows(&preview(user, file).await.ok());
    let (mut sums, mut id, mut remaining) = ((0, 0, 0), Value::Null, rows.len());
    for batch in rows.chunks(200) {
        remaining -= batch.len();
        let body = json!({ "rows": batch, "remaining": remaining, "importId": id });
        let result = user.post("/api/contacts/import", body).await.ok();
        assert_eq!(result["errors"], json!([]));
        id = result["importId"].clone();
        let count = |name: &str| result[name].as_u64().expect("a number");
        sums = (sums.0 + count("created"), sums.1 + count("updated"), sums.2 + count("unchanged"));
    }
    sums
}

async fn contacts(user: &User) -> Vec<Value> {
    user.get("/api/contacts?limit=200").await.ok().as_array().expect("a list").clone()
}

async fn export(user: &User) -> String {
    let answer = user.get("/api/contacts/export.csv").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8; header=present"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"contacts.csv\"");
    answer.text()
}

async fn a_preview_shows_what_an_import_does_and_changes_nothing(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "+44 20 7946 0958").await;
    owner.contact("Bob", "", "5551234").await;
    let before = contacts(&owner).await;
    let file = "First Name,Last Name,Phone 1 - Value,E-mail 1 - Value,Birthday\n\
        Janet,Doe,020 7946 0958,jane@example.com,1990\n\
        Bob,,555 12 34,,\n\
        Eve,Moss,,eve@example.com,\n\
        Joe,,no number,,\n\
        Ann,,\"+44 20 7946 0958 ::: 5551234\",,\n";
    let shown = preview(&owner, file).await.ok();
    assert_eq!(kinds(&shown), ["update", "unchanged", "create", "error", "error"]);
    assert_eq!(shown["ignoredColumns"], json!(["Birthday"]));
    let first = &shown["rows"][0];
    assert_eq!((&first["name"], &first["row"]["line"]), (&json!("Jane Doe"), &json!(2)));
    let changes = json!([
        { "field": "First name", "old": "Jane", "new": "Janet" },
        { "field": "Email", "old": "", "new": "jane@example.com" },
    ]);
    assert_eq!(first["outcome"]["changes"], changes);
    let message = |row: usize| text(&shown["rows"][row]["outcome"]["message"]);
    assert!(message(3).contains("is not a phone number"), "{}", message(3));
    assert!(message(4).contains("two contacts") && message(4).contains("Bob") && message(4).contains("Jan"));
    assert_eq!(contacts(&owner).await, before);
    assert_eq!(owner.get(&format!("/api/contacts/{}", text(&jane["id"]))).await.ok(), jane);
}

async fn the_rows_of_a_preview_can_be_imported_and_repeated(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "5551234").await;
    let file = "Name;Mobile;Email;Company;Notes\nJane Roe;5551234;;;\nEve Moss;;Eve@Example.com;Moss & Co;\"two\nlines\"\nOnly Name;;;;\n";
    let shown = preview(&owner, file).await.ok();
    let body = json!({ "rows": rows(&shown), "remaining": 0 });
    for (created, updated, unchanged) in [(2, 1, 0), (0, 0, 3)] {
        let result = owner.post("/api/contacts/import", body.clone()).await.ok();
        let counts = [&result["created"], &result["updated"], &result["unchanged"]];
        assert_eq!(counts, [&json!(created), &json!(updated), &json!(unchanged)]);
    }
    let all = contacts(&owner).await;
    assert_eq!(all.len(), 3);
    assert_eq!(owner.get(&format!("/api/contacts/{}", text(&jane["id"]))).await.ok()["lastName"], "Roe");
    let eve = all.iter().find(|contact| contact["firstName"] == "Eve").expect("Eve was created");
    assert_eq!((&eve["email"], &eve["company"]), (&json!("eve@example.com"), &json!("Moss & Co")));
    assert_eq!(eve["note"], "two\nlines");
    // It has a conversation like any other.
    owner.send(&text(&eve["channelId"]), "Hello", &[]).await.ok();
    assert_eq!(import(&owner, file).await, (0, 0, 0));
}

async fn an_exported_file_changes_nothing(app: TestApp) {
    let owner = app.owner().await;
    let phones = json!([{ "number": "+1 (555) 123-4567" }, { "number": "030 901820 ext. 5", "preferred": true }]);
    let full = json!({ "firstName": "=Jane", "lastName": "O'Hara; -x", "phones": phones, "email": "jane@example.com",
        "company": "@home", "note": "- one\n+ two, \"three\"" });
    owner.post("/api/contacts", full).await.ok();
    // Contacts that only their ids distinguish.
    for _ in 0..2 {
        owner.contact("Twin", "", "5551234").await;
        owner.contact("Only Name", "", "").await;
    }
    owner.contact("", "", "1234567").await;
    let before = contacts(&owner).await;
    let file = export(&owner).await;
    assert!(file.starts_with("\u{feff}\"First name\",\"Last name\",\"Phone\",\"Other phones\""), "{file}");
    assert!(file.contains("\"'=Jane\"") && file.contains("\"'@home\""), "{file}");
    let shown = preview(&owner, file.as_bytes()).await.ok();
    assert_eq!(kinds(&shown), ["unchanged"; 6], "{shown}");
    assert_eq!(shown["ignoredColumns"], json!([]));
    assert_eq!(import(&owner, file.as_bytes()).await, (0, 0, 0));
    assert_eq!(contacts(&owner).await, before);
    // It also comes in with another separator, and into another organization.
    let stranger = app.other_organization().await;
    assert_eq!(
        kinds(&preview(&stranger, file.as_bytes()).await.ok()).iter().filter(|kind| **kind == "create").count(),
        4
    );
    let head = owner.call("HEAD", "/api/contacts/export.csv", None).await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
}

async fn rows_that_fail_do_not_stop_the_others(app: TestApp) {
    let owner = app.owner().await;
    owner.contact("Jane", "", "5551234").await;
    owner.contact("Bob", "", "7654321").await;
    let row = |line: u32, contact: Value| json!({ "line": line, "contact": contact });
    let phones = |numbers: &[&str]| numbers.iter().map(|number| json!({ "number": number })).collect::<Vec<_>>();
    let rows = [
        row(2, json!({ "firstName": "Eve" })),
        row(3, json!({ "phones": phones(&["5551234", "7654321"]) })),
        row(4, json!({ "firstName": "x".repeat(101) })),
        row(5, json!({ "firstName": "a\u{0}b" })),
        row(6, json!({ "email": "nothing" })),
        row(7, json!({})),
        row(8, json!({ "note": "x".repeat(2001), "firstName": "Long" })),
        row(9, json!({ "firstName": "Zoë" })),
    ];
    let result = owner.post("/api/contacts/import", json!({ "rows": rows, "remaining": 0 })).await.ok();
    assert_eq!((&result["created"], &result["updated"]), (&json!(2), &json!(0)));
    let errors: Vec<_> =
        result["errors"].as_array().expect("a list").iter().map(|error| error["line"].clone()).collect();
    assert_eq!(errors, [3, 4, 5, 6, 7, 8]);
    let many: Vec<_> = (0..201).map(|line| row(line, json!({ "firstName": "Many" }))).collect();
    owner.post("/api/contacts/import", json!({ "rows": many, "remaining": 0 })).await.refused(400, "malformed_request");
}

async fn contacts_of_others_are_not_touched(app: TestApp) {
    let (owner, member, stranger) = (app.owner().await, app.member().await, app.other_organization().await);
    let jane = owner.contact("Jane", "", "5551234").await;
    let id = text(&jane["id"]);
    // By its id in another organization.
    let file = format!("First name,Contact ID\nJanet,{id}\n");
    assert_eq!(kinds(&preview(&stranger, file.as_bytes()).await.ok()), ["create"]);
    assert_eq!(import(&stranger, file.as_bytes()).await, (1, 0, 0));
    // By a member who can't view it.
    let permissions = json!(["Contact:ViewAssigned", "Contact:Edit"]);
    owner.patch("/api/roles", json!({ "role": "member", "permissions": permissions })).await.ok();
    for file in [format!("First name,Contact ID\nJanet,{id}\n"), "First name,Phone\nJanet,5551234\n".to_owned()] {
        let shown = preview(&member, file).await.ok();
        assert_eq!(kinds(&shown), ["error"]);
        assert!(!shown.to_string().contains("Jane\""), "{shown}");
    }
    assert_eq!(import(&member, "First name\nMine\n").await, (1, 0, 0));
    assert_eq!(contacts(&member).await.len(), 1, "the creator is assigned");
    assert!(!export(&member).await.contains("Jane"));
    assert_eq!(owner.get(&format!("/api/contacts/{id}")).await.ok()["firstName"], "Jane");
}

async fn damaged_files_are_rejected_with_a_reason(app: TestApp) {
    let owner = app.owner().await;
    let large = vec![b'a'; 5 * 1024 * 1024 + 1];
    preview(&owner, large).await.refused(413, "too_large");
    let rows = format!("Phone\n{}", "5551234\n".repeat(10_001));
    for file in [Vec::new(), b"PK\x03\x04\0\0\0\x08\0\xff\xfe\0\0".to_vec(), b"a,b\n1,2\n".to_vec(), rows.into_bytes()]
    {
        preview(&owner, file).await.refused_field("file");
    }
    preview(&owner, format!("Phone,{}\n5551234\n", "a,".repeat(600))).await.refused_field("file");
    // Damaged rows are errors of their lines.
    for (file, line) in [
        ("First name,Phone\nJane,123\n\"Bob,456\n".to_owned(), 3),
        ("First name,Phone\nJane,123\nBob,456,789\n".to_owned(), 3),
        (format!("First name,Note\nJane,x\nBob,{}\n", "x".repeat(1_000_000)), 3),
        ("First name,Phone\nJane,123\n\"Bob\nEve\",456\n".to_owned(), 3),
    ] {
        let shown = preview(&owner, file).await.ok();
        let errors: Vec<_> =
            shown["rows"].as_array().expect("rows").iter().filter(|row| row["outcome"]["kind"] == "error").collect();
        let lines: Vec<_> = errors.iter().map(|row| row["row"]["line"].clone()).collect();
        assert_eq!(lines, [line]);
    }
    let mut state: u64 = 7;
    for round in 0..40 {
        let bytes: &[u8] = if round % 2 == 0 { b"ab12\"';,\n\r\t=+@ " } else { b"ab12\"';,\n\r\t\0\xff\xfe\xe9=+@ " };
        let mut file = b"First name;Phone;E-mail\n".to_vec();
        for _ in 0..200 {
            // A linear congruential generator, so that each run has the same files.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            file.push(bytes[usize::try_from(state >> 33).unwrap() % bytes.len()]);
        }
        let status = preview(&owner, file).await.status;
        assert!(matches!(status, 200 | 422), "{status}");
    }
}

async fn ten_thousand_rows_are_imported(app: TestApp) {
    let owner = app.owner().await;
    let mut file = "First name,Last name,Phone,Email\n".to_owned();
    for number in 0..10_000 {
        writeln!(file, "First{number},Last,+44 20 7{number:07},p{number}@example.com").expect("texts grow");
    }
    assert_eq!(import(&owner, file.clone()).await, (10_000, 0, 0));
    let shown = preview(&owner, file).await.ok();
    assert!(kinds(&shown).iter().all(|kind| *kind == "unchanged"));
    assert_eq!(export(&owner).await.lines().count(), 10_001);
    assert_eq!(app.count("channels WHERE kind = 'contact'", "").await, 10_000);
}

async fn two_imports_of_one_file_create_each_contact_once(app: TestApp) {
    const ORGANIZATION: &str =
        "SELECT 1 FROM organizations WHERE id IN (SELECT organization_id FROM members WHERE id = {id})";
    let owner = app.owner().await;
    let send = |user: &User, rows: Vec<Value>| {
        let user = user.clone();
        async move { user.post("/api/contacts/import", json!({ "rows": rows, "remaining": 0 })).await.ok() }
    };
    for round in 0..5 {
        let row = |line: u32, number: String| json!({ "line": line, "contact": { "firstName": format!("Jane {line}"), "phones": [{ "number": number }] } });
        let one: Vec<_> = (2..6).map(|line| row(line, format!("+44 20 79{round}0 {line:04}"))).collect();
        let other: Vec<_> = (2..6).map(|line| row(line, format!("020 79{round}0{line:04}"))).collect();
        let (first, second) =
            meet(&app, (ORGANIZATION, &owner.member_id), send(&owner, one), send(&owner, other)).await;
        let created = first["created"].as_u64().unwrap() + second["created"].as_u64().unwrap();
        let unchanged = first["unchanged"].as_u64().unwrap() + second["unchanged"].as_u64().unwrap();
        assert_eq!((created, unchanged), (4, 4), "{first} {second}");
    }
    assert_eq!(contacts(&owner).await.len(), 20);
}

async fn phones_that_are_alike_are_compared_with_few(app: TestApp) {
    let owner = app.owner().await;
    // Of one telephone system, then with one ending in different countries.
    let rows: Vec<_> = (0..3000).map(|number| format!("N{number},+49 30 1234567 ext. {number}\n")).collect();
    let shown = preview(&owner, format!("Name,Phone\n{}", rows.concat())).await.ok();
    assert!(kinds(&shown).iter().all(|kind| *kind == "create"));
    let rows: Vec<_> = (100..700).map(|country| format!("N{country},+{country}1234567890\n")).collect();
    let shown = preview(&owner, format!("Name,Phone\n{}", rows.concat())).await.ok();
    assert!(kinds(&shown).contains(&"error"));
    let phones: Vec<_> = (0..5000).map(|number| format!("+4930{number:07}")).collect();
    let shown = preview(&owner, format!("Name,Phone\nN,{}\n", phones.join(" ::: "))).await.ok();
    assert_eq!(kinds(&shown), ["error"]);
}

async fn an_import_is_one_audit_entry(app: TestApp) {
    let owner = app.owner().await;
    owner.contact("Jane", "", "5551234").await;
    let mut file = "First name,Phone\nJanet,5551234\n".to_owned();
    for number in 0..300 {
        writeln!(file, "First{number},77{number:05}").expect("texts grow");
    }
    assert_eq!(import(&owner, file.clone()).await, (300, 1, 0));
    import(&owner, file).await;
    export(&owner).await;
    let entries = async |action: &str| {
        owner.get(&format!("/api/audit-entries?action={action}")).await.ok()["entries"].as_array().unwrap().clone()
    };
    let imported = entries("contacts_imported").await;
    assert_eq!(imported.len(), 1, "{imported:?}");
    assert_eq!(imported[0]["detail"], "300 created, 1 updated");
    assert_eq!(imported[0]["actor"]["name"], "Olga Owner");
    assert_eq!(entries("contacts_exported").await.len(), 1);
    // Only the one who began an import continues its entry.
    let id = imported[0]["id"].clone();
    let body = json!({ "rows": [{ "line": 2, "contact": { "firstName": "New" } }], "remaining": 0, "importId": id });
    let other = app.admin().await.post("/api/contacts/import", body).await.ok();
    assert_ne!(other["importId"], id);
    assert_eq!(entries("contacts_imported").await.len(), 2);
}

async fn pages_hear_of_few_contacts_and_reload_after_many(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let jane = owner.contact("Jane", "", "5551234").await;
    let mut heard = member.listen().await;
    import(&owner, "First name,Phone\nJanet,5551234\nEve,7654321\n").await;
    let first = heard.next().await;
    assert_eq!((first.name.as_str(), &first.data["contactId"]), ("contact.updated", &jane["id"]));
    assert_eq!(heard.next().await.name, "contact.created");
    let mut file = "First name\n".to_owned();
    for number in 0..500 {
        writeln!(file, "Person {number}").expect("texts grow");
    }
    import(&owner, file).await;
    owner.contact("Last", "", "").await;
    let mut names = Vec::new();
    while names.last().is_none_or(|name| name != "contact.created") {
        names.push(heard.next().await.name);
    }
    assert_eq!(names, ["resync", "contact.created"]);
}

async fn an_import_requires_permission_to_edit_contacts(app: TestApp) {
    let guest = app.guest().await;
    preview(&guest, "First name\nJane\n").await.refused(403, "forbidden");
    guest.get("/api/contacts/export.csv").await.refused(403, "forbidden");
    let body = json!({ "rows": [{ "line": 2, "contact": { "firstName": "Jane" } }], "remaining": 0 });
    guest.post("/api/contacts/import", body).await.refused(403, "forbidden");
    let anonymous = app.anonymous();
    preview(&anonymous, "First name\nJane\n").await.refused(401, "unauthenticated");
}
