//! Contacts: names, phones, search, pages, and who is assigned.

use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines, text};

on_both_engines![
    a_contact_has_phones_and_a_channel,
    one_phone_at_the_most_is_preferred,
    a_contact_can_be_recognized,
    omitted_fields_of_an_edit_stay,
    contacts_are_found_by_name_and_by_number,
    wildcards_are_letters,
    contacts_come_in_pages_by_name,
    each_contact_of_a_page_has_its_own_phones_and_members,
    names_in_every_script_are_kept,
    assigning_lets_a_guest_in_and_out,
    members_of_others_cannot_be_assigned,
    creators_without_full_view_are_assigned_to_their_contact,
];

fn names(list: &Value) -> Vec<String> {
    let name = |contact: &Value| contact["firstName"].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(name).collect()
}

async fn a_contact_has_phones_and_a_channel(app: TestApp) {
    let owner = app.owner().await;
    let phones =
        json!([{ "number": "+1 (555) 123-4567", "preferred": false }, { "number": "030  901820", "preferred": true }]);
    let body = json!({ "firstName": " Jane ", "lastName": "Doe", "phones": phones });
    let jane = owner.post("/api/contacts", body).await.ok();
    assert_eq!((&jane["firstName"], &jane["lastName"]), (&json!("Jane"), &json!("Doe")));
    assert_eq!(jane["phones"][0], json!({ "number": "+1 (555) 123-4567", "preferred": false }));
    assert_eq!(jane["phones"][1], json!({ "number": "030 901820", "preferred": true }));
    let channel = owner.get(&format!("/api/channels/{}", jane["channelId"].as_str().unwrap())).await.ok();
    assert_eq!((&channel["kind"], &channel["name"]), (&json!("contact"), &json!("Jane Doe")));
    assert_eq!(channel["contactId"], jane["id"]);
    assert_eq!(owner.get(&format!("/api/contacts/{}", jane["id"].as_str().unwrap())).await.ok(), jane);
}

async fn one_phone_at_the_most_is_preferred(app: TestApp) {
    let phone = |preferred: bool| json!({ "number": "5551234", "preferred": preferred });
    let body = json!({ "firstName": "Jane", "phones": [phone(true), phone(true)] });
    app.owner().await.post("/api/contacts", body).await.refused_field("phones");
    let body = json!({ "firstName": "Jane", "phones": [{ "number": "call me" }] });
    app.owner().await.post("/api/contacts", body).await.refused_field("phones");
    let body = json!({ "firstName": "Jane", "phones": [{ "number": "5551234" }] });
    assert_eq!(app.owner().await.post("/api/contacts", body).await.ok()["phones"][0]["preferred"], false);
}

async fn a_contact_can_be_recognized(app: TestApp) {
    let owner = app.owner().await;
    owner.post("/api/contacts", json!({ "firstName": " ", "lastName": "" })).await.refused_field("firstName");
    let by_phone = owner.contact("", "", "+49 30 901820").await;
    let channel = owner.get(&format!("/api/channels/{}", by_phone["channelId"].as_str().unwrap())).await.ok();
    assert_eq!(channel["name"], "+49 30 901820");
    let path = format!("/api/contacts/{}", by_phone["id"].as_str().unwrap());
    owner.patch(&path, json!({ "phones": [] })).await.refused_field("firstName");
}

async fn omitted_fields_of_an_edit_stay(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "Doe", "5551234").await;
    let path = format!("/api/contacts/{}", jane["id"].as_str().unwrap());
    let renamed = owner.patch(&path, json!({ "lastName": "Roe" })).await.ok();
    assert_eq!((&renamed["firstName"], &renamed["lastName"]), (&json!("Jane"), &json!("Roe")));
    assert_eq!(renamed["phones"], jane["phones"]);
    let emptied = owner.patch(&path, json!({ "phones": [] })).await.ok();
    assert_eq!(emptied["phones"], json!([]));
    assert_eq!(owner.get(&path).await.ok(), emptied);
    owner.patch(&path, json!({ "firstName": "x".repeat(101) })).await.refused_field("firstName");
}

async fn contacts_are_found_by_name_and_by_number(app: TestApp) {
    let owner = app.owner().await;
    owner.contact("Jane", "Doe", "+1 (555) 123-4567").await;
    owner.contact("Bob", "Janeson", "").await;
    owner.contact("Zoë", "Ängström", "").await;
    for (search, found) in [
        ("jane", vec!["Bob", "Jane"]),
        ("DOE", vec!["Jane"]),
        ("jane doe", vec!["Jane"]),
        ("doe ja", vec!["Jane"]),
        ("%22jane%20doe%22", vec!["Jane"]),
        ("%22doe%20jane%22", vec![]),
        ("doe%205551", vec!["Jane"]),
        ("555%20123%2045", vec!["Jane"]),
        ("555-123", vec!["Jane"]),
        ("%2B1%20(555)", vec!["Jane"]),
        ("%C3%84NGSTR", vec!["Zoë"]),
        ("nobody", vec![]),
        ("", vec!["Bob", "Jane", "Zoë"]),
    ] {
        assert_eq!(names(&owner.get(&format!("/api/contacts?search={search}")).await.ok()), found, "{search}");
    }
    let email = json!({ "firstName": "Eve", "email": "e.moss@harbor.example" });
    owner.post("/api/contacts", email).await.ok();
    assert_eq!(names(&owner.get("/api/contacts?search=moss@harb%20eve").await.ok()), ["Eve"]);
    assert_eq!(names(&app.other_organization().await.get("/api/contacts?search=jane").await.ok()), [""; 0]);
}

async fn wildcards_are_letters(app: TestApp) {
    let owner = app.owner().await;
    owner.contact("Jane", "", "").await;
    owner.contact("J_ne 100% \\", "", "").await;
    for (search, found) in [("j_ne", 1), ("j%25", 0), ("100%25", 1), ("%5C", 1), ("_", 1), ("'", 0), ("%00", 0)] {
        let list = owner.get(&format!("/api/contacts?search={search}")).await.ok();
        assert_eq!(list.as_array().unwrap().len(), found, "{search}");
    }
}

async fn contacts_come_in_pages_by_name(app: TestApp) {
    let owner = app.owner().await;
    for name in ["Cleo", "Anna", "Bert", "Anna", "Dora"] {
        owner.contact(name, "", "").await;
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = owner.get(&format!("/api/contacts?limit=2{after}")).await.ok();
        let Some(last) = page.as_array().unwrap().last() else { break };
        assert!(page.as_array().unwrap().len() <= 2);
        after = format!("&after={}", last["id"].as_str().unwrap());
        seen.extend(names(&page));
    }
    assert_eq!(seen, ["Anna", "Anna", "Bert", "Cleo", "Dora"]);
    // A contact of another organization is not a valid cursor in this one's list.
    let other = app.other_organization().await;
    other.contact("Zoe", "", "").await;
    assert_eq!(names(&other.get(&format!("/api/contacts?limit=2{after}")).await.ok()), [""; 0]);
}

async fn each_contact_of_a_page_has_its_own_phones_and_members(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    let phones = |numbers: &[&str]| numbers.iter().map(|number| json!({ "number": number })).collect::<Vec<_>>();
    for (name, numbers, assigned) in [
        ("Ada", &["+1 555 1", "+1 555 0"][..], &[&owner.member_id, &member.member_id][..]),
        ("Bob", &[], &[]),
        ("Cem", &["+1 555 2"], &[&member.member_id]),
    ] {
        let made = owner.post("/api/contacts", json!({ "firstName": name, "phones": phones(numbers) })).await.ok();
        let path = format!("/api/contacts/{}/members", text(&made["id"]));
        owner.put(&path, json!({ "memberIds": assigned })).await.ok();
    }
    let list = owner.get("/api/contacts").await.ok();
    let seen = list.as_array().unwrap().iter().map(|contact| {
        let numbers: Vec<_> =
            contact["phones"].as_array().unwrap().iter().map(|phone| text(&phone["number"])).collect();
        (numbers.join(", "), contact["memberIds"].as_array().unwrap().clone())
    });
    let (first, second) = (json!(owner.member_id), json!(member.member_id));
    let expected = [
        ("+1 555 1, +1 555 0".to_owned(), vec![first, second.clone()]),
        (String::new(), vec![]),
        ("+1 555 2".to_owned(), vec![second]),
    ];
    assert_eq!(seen.collect::<Vec<_>>(), expected);
}

async fn names_in_every_script_are_kept(app: TestApp) {
    let owner = app.owner().await;
    for name in ["Žofie", "山田", "مريم", "नेहा", "👩‍🚀", "O'Brien", "\"Q\"", "e\u{301}"] {
        let contact = owner.contact(name, name, "").await;
        let again = owner.get(&format!("/api/contacts/{}", contact["id"].as_str().unwrap())).await.ok();
        assert_eq!(again["firstName"], name);
    }
    owner.post("/api/contacts", json!({ "firstName": "a\u{0}b" })).await.refused_field("firstName");
}

async fn assigning_lets_a_guest_in_and_out(app: TestApp) {
    let (owner, guest) = (app.owner().await, app.guest().await);
    let jane = owner.contact("Jane", "Doe", "").await;
    owner.contact("Bob", "", "").await;
    let path = format!("/api/contacts/{}", jane["id"].as_str().unwrap());
    guest.get(&path).await.refused(403, "forbidden");
    let twice = json!({ "memberIds": [guest.member_id, guest.member_id] });
    let assigned = owner.put(&format!("{path}/members"), twice).await.ok();
    assert_eq!(assigned["memberIds"], json!([guest.member_id]));
    assert_eq!(names(&guest.get("/api/contacts").await.ok()), ["Jane"]);
    guest.get(&path).await.ok();
    let channels = guest.get("/api/channels").await.ok();
    assert_eq!(channels.as_array().unwrap().len(), 1);
    owner.put(&format!("{path}/members"), json!({ "memberIds": [] })).await.ok();
    guest.get(&path).await.refused(403, "forbidden");
    assert_eq!(guest.get("/api/channels").await.ok(), json!([]));
}

async fn members_of_others_cannot_be_assigned(app: TestApp) {
    let (owner, stranger) = (app.owner().await, app.other_organization().await);
    let jane = owner.contact("Jane", "", "").await;
    let path = format!("/api/contacts/{}/members", jane["id"].as_str().unwrap());
    owner.put(&path, json!({ "memberIds": [stranger.member_id] })).await.refused_field("memberIds");
}

async fn creators_without_full_view_are_assigned_to_their_contact(app: TestApp) {
    let permissions = json!(["Contact:ViewAssigned", "Contact:Edit"]);
    app.owner().await.post("/api/roles", json!({ "name": "agent", "permissions": permissions })).await.ok();
    let agent = app.invited("agent", "Ada Agent").await;
    let contact = agent.contact("Jane", "", "").await;
    assert_eq!(contact["memberIds"], json!([agent.member_id]));
    agent.get(&format!("/api/contacts/{}", contact["id"].as_str().unwrap())).await.ok();
}
