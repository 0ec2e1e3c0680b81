//! Visibility of conversations: for random organizations, every route returns what a plain reference rule says.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stress::random::{Random, seed};
use crate::support::{Program, TestApp, User, on_both_engines, text};

on_both_engines![every_route_follows_the_one_rule];

const PEOPLE: usize = 6;
const PLACES: usize = 9;
/// A word in every message.
const WORD: &str = "siphon";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Contact,
    Public,
    Private,
    Bucket,
}

#[derive(Debug)]
struct Place {
    kind: Kind,
    channel: String,
    message: String,
    file: String,
    /// Indices of the people who are assigned to the contact or members of the channel.
    people: Vec<usize>,
}

struct Person {
    user: User,
    all_contacts: bool,
    assigned_contacts: bool,
    public_channels: bool,
}

/// The reference rule.
fn can_view(index: usize, person: &Person, place: &Place) -> bool {
    let is_in = place.people.contains(&index);
    match place.kind {
        Kind::Contact => person.all_contacts || (person.assigned_contacts && is_in),
        Kind::Public | Kind::Bucket => person.public_channels || is_in,
        Kind::Private => is_in,
    }
}

async fn person(owner: &User, index: usize, random: &mut Random) -> Person {
    let mut chance = || random.below(2) == 0;
    let (all_contacts, assigned_contacts, public_channels) = (chance(), chance(), chance());
    let mut permissions = vec!["Message:ViewAttachment", "Message:Send"];
    for (is_given, name) in
        [(all_contacts, "Contact:View"), (assigned_contacts, "Contact:ViewAssigned"), (public_channels, "Channel:View")]
    {
        permissions.extend(is_given.then_some(name));
    }
    let role = format!("role {index}");
    owner.post("/api/roles", json!({ "name": role, "permissions": permissions })).await.ok();
    let user = owner.colleague(&role, &format!("Person {index}"), &format!("person{index}@example.com")).await;
    Person { user, all_contacts, assigned_contacts, public_channels }
}

async fn place(owner: &User, people: &[Person], index: usize, random: &mut Random) -> Place {
    let kind = [Kind::Contact, Kind::Public, Kind::Private, Kind::Bucket][random.below(4)];
    let name = format!("place-{index}");
    let mut contact = Value::Null;
    let channel = match kind {
        Kind::Contact => {
            contact = owner.contact(&name, "", "").await;
            text(&contact["channelId"])
        }
        Kind::Public => owner.channel(&name).await,
        Kind::Private => owner.private_channel(&name).await,
        Kind::Bucket => text(&owner.post("/api/buckets", json!({ "name": name })).await.ok()["id"]),
    };
    let file = owner.upload(&channel, &format!("{name}.txt"), "text/plain", name.as_bytes()).await;
    let message = if kind == Kind::Bucket {
        let body = json!({ "bucketId": channel, "body": WORD, "attachmentUuids": [file] });
        text(&owner.program(&["messages:write"]).await.post("/messages", body).await.created()["id"])
    } else {
        text(&owner.send(&channel, WORD, &[&file]).await.ok()["id"])
    };
    let mut chosen: Vec<_> = (0..people.len()).filter(|_| random.below(3) == 0).collect();
    if kind == Kind::Bucket {
        chosen.clear();
    } else if kind == Kind::Private && chosen.is_empty() {
        chosen.push(random.below(people.len()));
    }
    let ids: Vec<_> = chosen.iter().map(|index| people[*index].user.member_id.clone()).collect();
    let path = match kind {
        Kind::Contact => Some(format!("/api/contacts/{}/members", text(&contact["id"]))),
        Kind::Public | Kind::Private => Some(format!("/api/channels/{channel}/members")),
        Kind::Bucket => None,
    };
    if let Some(path) = path {
        owner.put(&path, json!({ "memberIds": ids })).await.ok();
    }
    Place { kind, channel, message, file, people: chosen }
}

fn ids(list: &Value) -> BTreeSet<String> {
    list.as_array().expect("a list").iter().map(|item| text(&item["id"])).collect()
}

async fn every_route_follows_the_one_rule(app: TestApp) {
    let mut random = seed("visibility");
    let owner = app.owner().await;
    let mut people = Vec::new();
    for index in 0..PEOPLE {
        people.push(person(&owner, index, &mut random).await);
    }
    let mut places = Vec::new();
    for index in 0..PLACES {
        places.push(place(&owner, &people, index, &mut random).await);
    }
    // Files of buckets are reused in messages of other buckets: `reused[n]` is where file `n` is too.
    let program = owner.program(&["messages:write"]).await;
    let buckets: Vec<_> = (0..PLACES).filter(|place| places[*place].kind == Kind::Bucket).collect();
    let mut homes: Vec<_> = (0..PLACES).map(|place| vec![place]).collect();
    for home in &buckets {
        let other = buckets[random.below(buckets.len())];
        let body =
            json!({ "bucketId": places[other].channel, "body": "again", "attachmentUuids": [places[*home].file] });
        program.post("/messages", body).await.created();
        homes[*home].push(other);
    }
    for (index, person) in people.iter().enumerate() {
        let visible: Vec<_> = (0..PLACES).filter(|place| can_view(index, person, &places[*place])).collect();
        let facts = format!("seed {random:?}, person {index}, {places:#?}");
        let channels: BTreeSet<_> = visible.iter().map(|place| places[*place].channel.clone()).collect();
        assert_eq!(ids(&person.user.get("/api/channels?limit=500").await.ok()), channels, "{facts}");
        let mut listed = BTreeSet::new();
        for kind in ["contact", "team", "bucket"] {
            listed.extend(ids(&person.user.get(&format!("/api/conversations?kind={kind}")).await.ok()));
        }
        assert_eq!(listed, channels, "{facts}");
        let files = (0..PLACES).filter(|file| homes[*file].iter().any(|home| visible.contains(home)));
        let files: BTreeSet<_> = files.map(|file| places[file].file.clone()).collect();
        assert_eq!(ids(&person.user.get("/api/files?limit=200").await.ok()["files"]), files, "{facts}");
        assert_eq!(person.user.get("/api/files/totals").await.ok()["count"], files.len(), "{facts}");
        let messages: BTreeSet<_> = visible.iter().map(|place| places[*place].message.clone()).collect();
        let found = person.user.get(&format!("/api/messages/found?search={WORD}")).await.ok();
        assert_eq!(ids(&found), messages, "{facts}");
        for place in &places {
            let status = person.user.get(&format!("/api/channels/{}", place.channel)).await.status;
            let refused = if place.kind == Kind::Contact { 403 } else { 404 };
            assert_eq!(status, if channels.contains(&place.channel) { 200 } else { refused }, "{place:?} {facts}");
            let opened = person.user.get(&format!("/api/conversations/{}?panel=true", place.channel)).await;
            assert_eq!(opened.status, status, "{place:?} {facts}");
            if status == 200 {
                let opened = opened.ok();
                assert_eq!(opened["feed"]["messages"][0]["id"], place.message, "{place:?} {facts}");
                // Omitted on a machine that is too slow.
                if let Some(overview) = opened["panel"].get("files") {
                    assert!(ids(&overview["latest"]["files"]).is_subset(&files), "{place:?} {facts}");
                }
            }
            let file = person.user.download(&place.file, "").await;
            assert_eq!(file.status == 200, files.contains(&place.file), "{place:?} {facts}");
        }
        for bound in visible.iter().filter(|place| places[**place].kind == Kind::Bucket) {
            let scopes = ["messages:read", "attachments:read"];
            let program = person.user.bound_program(&scopes, &places[*bound].channel).await;
            check_bound(&program, *bound, &places, &homes).await;
        }
    }
}

/// Checks that a token that is bound to a bucket can access exactly its contents.
async fn check_bound(program: &Program, bound: usize, places: &[Place], homes: &[Vec<usize>]) {
    for (index, place) in places.iter().enumerate() {
        let messages = program.get(&format!("/messages?bucketId={}", place.channel)).await.status;
        assert_eq!(messages == 200, index == bound, "{place:?}");
        let file = program.get(&format!("/attachments/{}", place.file)).await.status;
        assert_eq!(file == 200, homes[index].contains(&bound), "{place:?}");
    }
}
