//! Races: two requests, each of which would be right alone. On PostgreSQL they meet at a locked row, so that both have
//! decided before either writes, and the order of writes alternates by round.

mod file_requests;
mod gateways;
mod hooks;
mod messages;
mod tokens;
mod webhooks;

use attache::files::attachments::removal::RemoveFilesOfChannel;
use attache::jobs::JOBS;
use attache::platform::jobs::{Attempt, INSTALLATION, Queued, Task, run_due};
use serde_json::{Value, json};

use std::fmt::Debug;

use crate::support::{Barrier, PASSWORD, Program, TestApp, User, files, meet, meet_in_order, on_both_engines, text};

on_both_engines![
    concurrent_demotions_leave_one_owner,
    owners_of_whom_one_removes_and_one_demotes_leave_one,
    a_private_channel_keeps_its_last_member,
    a_private_channel_keeps_somebody_when_its_members_change,
    a_token_created_during_removal_is_revoked,
    an_invite_made_while_its_maker_is_removed_is_void,
    changes_of_different_fields_of_a_contact_are_kept,
    files_posted_elsewhere_outlive_their_bucket,
    nothing_is_posted_into_a_bucket_that_is_deleted,
    messages_that_share_a_file_can_be_deleted_and_restored,
    files_in_any_order_are_taken_by_two_messages,
    an_icon_outlives_the_clean_up_of_unsent_files,
    an_upload_removed_while_it_completes_leaves_nothing,
    events_are_numbered_in_the_order_of_commits,
];

/// Returns the number of rounds: `RACE_ROUNDS`.
fn rounds() -> usize {
    std::env::var("RACE_ROUNDS").map_or(5, |rounds| rounds.parse().expect("RACE_ROUNDS is a number"))
}

/// Returns whether the second request of a race comes first in this round.
fn is_reversed(round: usize) -> bool {
    round % 2 == 1
}

/// Compares the outcome of a race with the expected one for this order. On SQLite the first writer is unknown, so there
/// it may be the other one.
#[track_caller]
fn assert_outcome<T: PartialEq + Debug>(app: &TestApp, is_reversed: bool, outcome: &T, in_order: &T, reversed: &T) {
    let (expected, other) = if is_reversed { (reversed, in_order) } else { (in_order, reversed) };
    if !app.is_local_disk() || outcome != other {
        assert_eq!(outcome, expected, "reversed: {is_reversed}");
    }
}

const ORGANIZATION: &str =
    "SELECT 1 FROM organizations WHERE id IN (SELECT organization_id FROM members WHERE id = {id})";
const MEMBERS: &str =
    "SELECT 1 FROM members WHERE organization_id IN (SELECT organization_id FROM members WHERE id = {id})";
const CHANNEL_MEMBERS: &str = "SELECT 1 FROM channel_members WHERE channel_id = {id}";

async fn give_role(user: User, member: String, role: &'static str) -> u16 {
    user.patch(&format!("/api/members/{member}"), json!({ "role": role })).await.status
}

/// Returns the ids of the owners, as a member sees them.
async fn owners(user: &User) -> Vec<String> {
    let members = user.get("/api/members").await.ok();
    let owners = members.as_array().unwrap().iter().filter(|member| member["role"]["name"] == "owner");
    owners.map(|member| text(&member["id"])).collect()
}

async fn concurrent_demotions_leave_one_owner(app: TestApp) {
    let (first, member) = (app.owner().await, app.member().await);
    let second = app.invited("owner", "Otto Owner").await;
    for round in 0..rounds() {
        let is_reversed = is_reversed(round);
        let answers = meet_in_order(
            &app,
            (MEMBERS, &first.member_id),
            is_reversed,
            give_role(first.clone(), second.member_id.clone(), "member"),
            give_role(second.clone(), first.member_id.clone(), "member"),
        );
        let answers = answers.await;
        let left = owners(&member).await;
        assert_eq!(left.len(), 1, "{answers:?}");
        let outcome = (answers, left[0].clone());
        let in_order = ((200, 403), first.member_id.clone());
        assert_outcome(&app, is_reversed, &outcome, &in_order, &((403, 200), second.member_id.clone()));
        let (owner, other) = if left[0] == first.member_id { (&first, &second) } else { (&second, &first) };
        assert_eq!(give_role(owner.clone(), other.member_id.clone(), "owner").await, 200);
    }
}

async fn owners_of_whom_one_removes_and_one_demotes_leave_one(app: TestApp) {
    let (mut first, member) = (app.owner().await, app.member().await);
    for round in 0..rounds() {
        let name = format!("Otto Owner {round}");
        let second = first.colleague("owner", &name, &format!("otto{round}@example.com")).await;
        let (admin, removed) = (first.clone(), second.member_id.clone());
        let is_reversed = is_reversed(round);
        let answers = meet_in_order(
            &app,
            (MEMBERS, &first.member_id),
            is_reversed,
            give_role(second.clone(), first.member_id.clone(), "member"),
            async move { admin.delete(&format!("/api/members/{removed}")).await.status },
        );
        let answers = answers.await;
        let left = owners(&member).await;
        assert_eq!(left.len(), 1, "{answers:?}");
        let outcome = (answers, left[0].clone());
        let in_order = ((200, 403), second.member_id.clone());
        assert_outcome(&app, is_reversed, &outcome, &in_order, &((401, 200), first.member_id.clone()));
        if left[0] == second.member_id {
            first = second;
        }
    }
}

async fn leave(user: User, channel: String) -> u16 {
    user.post(&format!("/api/channels/{channel}/leave"), json!({})).await.status
}

async fn sees(user: &User, channel: &str) -> bool {
    user.get(&format!("/api/channels/{channel}")).await.status == 200
}

async fn set_members(user: &User, channel: &str, members: &[&User]) -> u16 {
    let ids: Vec<_> = members.iter().map(|member| member.member_id.clone()).collect();
    user.put(&format!("/api/channels/{channel}/members"), json!({ "memberIds": ids })).await.status
}

async fn a_private_channel_keeps_its_last_member(app: TestApp) {
    let (owner, member) = (app.owner().await, app.member().await);
    for round in 0..rounds() {
        let channel = owner.private_channel(&format!("plans-{round}")).await;
        assert_eq!(set_members(&owner, &channel, &[&owner, &member]).await, 200);
        let is_reversed = is_reversed(round);
        let answers = meet_in_order(
            &app,
            (CHANNEL_MEMBERS, &channel),
            is_reversed,
            leave(owner.clone(), channel.clone()),
            leave(member.clone(), channel.clone()),
        );
        let answers = answers.await;
        assert_ne!(sees(&owner, &channel).await, sees(&member, &channel).await, "{answers:?}");
        assert_outcome(&app, is_reversed, &answers, &(200, 409), &(409, 200));
    }
}

async fn a_private_channel_keeps_somebody_when_its_members_change(app: TestApp) {
    let (owner, admin, member) = (app.owner().await, app.admin().await, app.member().await);
    for round in 0..rounds() {
        let channel = owner.private_channel(&format!("plans-{round}")).await;
        assert_eq!(set_members(&owner, &channel, &[&owner, &member]).await, 200);
        let (user, id) = (owner.clone(), channel.clone());
        let removal = async move {
            let ids = [user.member_id.clone()];
            user.put(&format!("/api/channels/{id}/members"), json!({ "memberIds": ids })).await.status
        };
        // The remaining member leaves while the other one is removed.
        let (is_reversed, leaving) = (is_reversed(round), leave(owner.clone(), channel.clone()));
        let answers = meet_in_order(&app, (CHANNEL_MEMBERS, &channel), is_reversed, removal, leaving).await;
        let seen = [sees(&owner, &channel).await, sees(&member, &channel).await, sees(&admin, &channel).await];
        let in_order = ((200, 409), [true, false, false]);
        assert_outcome(&app, is_reversed, &(answers, seen), &in_order, &((404, 200), [false, true, false]));
    }
}

async fn a_token_created_during_removal_is_revoked(app: TestApp) {
    let owner = app.owner().await;
    for round in 0..rounds() {
        let email = format!("mo{round}@example.com");
        let member = app.owner().await.colleague("member", "Mo Member", &email).await;
        let (maker, boss, removed) = (member.clone(), owner.clone(), member.member_id.clone());
        let body = json!({ "name": "doorbell", "scopes": ["messages:read"] });
        let is_reversed = is_reversed(round);
        let (_, made) = meet_in_order(
            &app,
            (MEMBERS, &owner.member_id),
            is_reversed,
            async move { boss.delete(&format!("/api/members/{removed}")).await.ok() },
            async move { maker.post("/api/access-tokens", body).await },
        )
        .await;
        assert_outcome(&app, is_reversed, &made.status, &401, &200);
        // A returning member must create new tokens.
        let again = json!({ "token": owner.invite_token("member").await, "name": "Mo", "email": email,
            "password": PASSWORD });
        app.anonymous().post("/api/invites/accept", again).await.ok();
        if made.status == 200 {
            let program = Program::new(&app.base, &text(&made.json()["secret"]));
            assert_eq!(program.get("/messages").await.status, 401);
        }
    }
}

async fn an_invite_made_while_its_maker_is_removed_is_void(app: TestApp) {
    let owner = app.owner().await;
    for round in 0..rounds() {
        let admin = owner.colleague("admin", "Ada Admin", &format!("ada{round}@example.com")).await;
        let (maker, boss, removed) = (admin.clone(), owner.clone(), admin.member_id.clone());
        let is_reversed = is_reversed(round);
        let (_, made) = meet_in_order(
            &app,
            (MEMBERS, &owner.member_id),
            is_reversed,
            async move { boss.delete(&format!("/api/members/{removed}")).await.ok() },
            async move { maker.post("/api/invites", json!({ "role": "member" })).await },
        )
        .await;
        assert_outcome(&app, is_reversed, &made.status, &401, &200);
        if made.status == 200 {
            let url = text(&made.json()["url"]);
            let token = url.rsplit('/').next().unwrap();
            assert_eq!(app.anonymous().get(&format!("/api/invites/{token}")).await.status, 404);
        }
    }
}

async fn changes_of_different_fields_of_a_contact_are_kept(app: TestApp) {
    let owner = app.owner().await;
    let id = text(&owner.contact("Jane", "Doe", "5551234").await["id"]);
    for round in 0..rounds() {
        let change = |field: &'static str, value: Value| {
            let (user, path) = (owner.clone(), format!("/api/contacts/{id}"));
            async move { user.patch(&path, json!({ field: value })).await.ok() }
        };
        let (first, last) = (format!("Jane {round}"), format!("Doe {round}"));
        let rows = "SELECT 1 FROM contacts WHERE id = {id}";
        meet(&app, (rows, &id), change("firstName", json!(first)), change("lastName", json!(last))).await;
        let contact = owner.get(&format!("/api/contacts/{id}")).await.ok();
        assert_eq!((text(&contact["firstName"]), text(&contact["lastName"])), (first, last));
    }
}

/// Creates a bucket with a file in its own message.
async fn bucket_with_file(owner: &User, name: &str) -> (String, String) {
    let bucket = text(&owner.post("/api/buckets", json!({ "name": name })).await.ok()["id"]);
    let file = owner.send_file(&bucket, "plan.txt", "text/plain", b"plan").await;
    (bucket, file)
}

async fn post(user: &User, channel: &str, files: &[&str]) -> impl Future<Output = u16> + Send + 'static {
    let program = user.program(&["messages:write"]).await;
    let message = json!({ "bucketId": channel, "body": "again", "attachmentUuids": files });
    async move { program.post("/messages", message).await.status }
}

/// Runs one job now. `subject` is empty for recurring ones.
fn run_job(app: &TestApp, name: &str, subject: &str) -> impl Future<Output = ()> + Send + 'static + use<> {
    let job = JOBS.iter().find(|job| job.name == name).expect("there is such a job");
    let attempt = Attempt { lane: INSTALLATION, is_last: false };
    let task = Task { subject: subject.parse().unwrap_or_default(), attempt };
    let run = (job.run)(app.platform.clone(), task);
    async move {
        run.await.expect("the job succeeds");
    }
}

const FILE: &str = "SELECT 1 FROM attachments WHERE id = {id}";

async fn files_posted_elsewhere_outlive_their_bucket(app: TestApp) {
    let owner = app.owner().await;
    let general = owner.channel("general").await;
    for round in 0..rounds() {
        let (bucket, file) = bucket_with_file(&owner, &format!("door-{round}")).await;
        let post = post(&owner, &general, &[&file]).await;
        // A waiter for the file's lock finds its bucket deleted, so only this order is possible.
        let mut barrier = Barrier::hold(&app, FILE, &file).await;
        let posted = barrier.start(post).await;
        owner.delete(&format!("/api/buckets/{bucket}")).await.ok();
        let purged = barrier.start(run_job(&app, RemoveFilesOfChannel::NAME, &bucket)).await;
        barrier.release().await;
        purged.await.unwrap();
        let posted = posted.await.unwrap();
        run_due(&app.platform, JOBS).await.unwrap();
        let found = owner.download(&file, "").await.status;
        assert_outcome(&app, false, &(posted, found), &(404, 404), &(201, 200));
    }
}

async fn nothing_is_posted_into_a_bucket_that_is_deleted(app: TestApp) {
    let owner = app.owner().await;
    for round in 0..rounds() {
        let (bucket, _) = bucket_with_file(&owner, &format!("door-{round}")).await;
        let file = owner.upload(&bucket, "late.txt", "text/plain", b"late").await;
        let (sender, deleter) = (owner.clone(), owner.clone());
        let (channel, id, late) = (bucket.clone(), bucket.clone(), file.clone());
        let is_reversed = is_reversed(round);
        let (_, sent) = meet_in_order(
            &app,
            ("SELECT 1 FROM channels WHERE id = {id}", &bucket),
            is_reversed,
            async move { deleter.delete(&format!("/api/buckets/{id}")).await.ok() },
            async move { sender.send(&channel, "late", &[&late]).await.status },
        )
        .await;
        let written = app.count("messages WHERE channel_id = {id} AND body = 'late'", &bucket).await;
        assert_outcome(&app, is_reversed, &written, &0, &1);
        run_due(&app.platform, JOBS).await.unwrap();
        let kept = app.sql("UPDATE attachments SET id = id WHERE id = {id} AND purged_at IS NULL", &file).await;
        assert_eq!(kept, 0, "sent: {sent}");
    }
}

async fn messages_that_share_a_file_can_be_deleted_and_restored(app: TestApp) {
    let owner = app.owner().await;
    let general = owner.channel("general").await;
    let file = owner.upload(&general, "plan.txt", "text/plain", b"plan").await;
    owner.send(&general, "first", &[&file]).await.ok();
    assert_eq!(post(&owner, &general, &[&file]).await.await, 201);
    let messages = owner.messages(&general).await;
    let (mut deleted, mut kept) = (text(&messages[0]["id"]), text(&messages[1]["id"]));
    owner.delete(&format!("/api/messages/{deleted}")).await.ok();
    for _ in 0..rounds() {
        let (one, other) = (owner.clone(), owner.clone());
        let (restored, removed) = (deleted.clone(), kept.clone());
        meet(
            &app,
            (FILE, &file),
            async move { one.post(&format!("/api/messages/{restored}/restore"), json!({})).await.ok() },
            async move { other.delete(&format!("/api/messages/{removed}")).await.ok() },
        )
        .await;
        assert_eq!(owner.download(&file, "").await.bytes, b"plan", "a message still has it");
        std::mem::swap(&mut deleted, &mut kept);
    }
}

async fn files_in_any_order_are_taken_by_two_messages(app: TestApp) {
    let owner = app.owner().await;
    let (general, random) = (owner.channel("general").await, owner.channel("random").await);
    let mut sent = Vec::new();
    for name in ["a.txt", "b.txt", "c.txt"] {
        sent.push(owner.send_file(&general, name, "text/plain", name.as_bytes()).await);
    }
    let files: Vec<_> = sent.iter().map(String::as_str).collect();
    let reversed: Vec<_> = files.iter().rev().copied().collect();
    for _ in 0..rounds() {
        let (one, other) = (post(&owner, &general, &files).await, post(&owner, &random, &reversed).await);
        // Both have locked their first file when they request the last.
        assert_eq!(meet(&app, (FILE, files[1]), one, other).await, (201, 201));
    }
}

async fn an_icon_outlives_the_clean_up_of_unsent_files(app: TestApp) {
    let owner = app.owner().await;
    let bucket = text(&owner.post("/api/buckets", json!({ "name": "door" })).await.ok()["id"]);
    for round in 0..rounds() {
        let icon = owner.upload(&bucket, "icon.png", "image/png", &files::picture(20, 20)).await;
        app.sql("UPDATE attachments SET uploaded_at = 0 WHERE id = {id}", &icon).await;
        let (user, path, body) =
            (owner.clone(), format!("/api/buckets/{bucket}"), json!({ "iconAttachmentUuid": icon }));
        let is_reversed = is_reversed(round);
        let (set, ()) = meet_in_order(
            &app,
            (FILE, &icon),
            is_reversed,
            async move { user.patch(&path, body).await },
            run_job(&app, "remove_never_sent_files", ""),
        )
        .await;
        let outcome = (set.status, owner.download(&icon, "").await.status);
        assert_outcome(&app, is_reversed, &outcome, &(200, 200), &(404, 404));
    }
}

async fn an_upload_removed_while_it_completes_leaves_nothing(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for _ in 0..rounds() {
        let id = owner.stage(&channel, "photo.png", "image/png", &files::png("photo")).await.id;
        let (user, completed) = (owner.clone(), id.clone());
        let complete = async move { user.complete(&completed).await.status };
        let (user, removed) = (owner.clone(), id);
        let remove = async move { user.delete(&format!("/api/uploads/{removed}")).await.status };
        let answers = tokio::join!(tokio::spawn(complete), tokio::spawn(remove));
        assert_eq!(answers.1.as_ref().unwrap(), &200, "{answers:?}");
        assert_eq!(owner.get("/api/uploads/unsent").await.ok(), json!([]), "{answers:?}");
        assert_eq!(owner.get("/api/storage").await.ok()["usedBytes"], 0, "{answers:?}");
    }
}

/// Both have written their message when they come to the number of its event.
async fn events_are_numbered_in_the_order_of_commits(app: TestApp) {
    let owner = app.owner().await;
    let (one, other) = (owner.channel("one").await, owner.channel("other").await);
    let program = owner.program(&["messages:read"]).await;
    let mut known = text(&owner.send(&one, "known", &[]).await.ok()["id"]);
    let positions = "SELECT 1 FROM event_positions
        WHERE organization_id IN (SELECT organization_id FROM members WHERE id = {id})";
    for round in 0..rounds() {
        let send = |channel: &str, body: &'static str| {
            let (owner, channel) = (owner.clone(), channel.to_owned());
            async move { owner.send(&channel, body, &[]).await.status }
        };
        let is_reversed = is_reversed(round);
        let statuses = meet_in_order(
            &app,
            (positions, &owner.member_id),
            is_reversed,
            send(&one, "first"),
            send(&other, "second"),
        );
        assert_eq!(statuses.await, (200, 200));
        let page = program.get(&format!("/messages?after={known}")).await.ok();
        let bodies: Vec<_> =
            page["messages"].as_array().unwrap().iter().map(|message| text(&message["body"])).collect();
        assert_outcome(
            &app,
            is_reversed,
            &bodies,
            &["second", "first"].map(str::to_owned).to_vec(),
            &["first", "second"].map(str::to_owned).to_vec(),
        );
        known = text(&page["messages"][0]["id"]);
        let events = app.count("events", "").await;
        assert_eq!(
            app.count("events WHERE number BETWEEN 1 AND (SELECT max(last_number) FROM event_positions)", "").await,
            events
        );
        assert_eq!(events, 1 + 2 * i64::try_from(round + 1).unwrap(), "without gaps");
    }
}
