//! Verified files never change: with any PUT to old URLs, and with concurrent completions.

use std::time::Duration;

use crate::support::{Answer, TestApp, on_both_engines};

on_both_engines![
    an_old_upload_url_cannot_change_a_complete_file,
    many_completions_and_replayed_puts_freeze_one_file,
    completing_and_failing_at_once_have_one_outcome,
    while_one_request_checks_others_wait_for_its_result,
];

async fn an_old_upload_url_cannot_change_a_complete_file(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.stage(&channel, "a.txt", "text/plain", b"first").await;
    owner.complete(&upload.id).await.ok();
    upload.put_bytes(b"other").await;
    assert_eq!(owner.download(&upload.id, "").await.bytes, b"first");
    owner.complete(&upload.id).await.ok();
    assert_eq!(owner.download(&upload.id, "").await.bytes, b"first");
    if app.is_local_disk() {
        assert_eq!(app.files_under("objects"), [upload.id]);
    }
}

async fn many_completions_and_replayed_puts_freeze_one_file(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for _ in 0..4 {
        let upload = owner.stage(&channel, "a.txt", "text/plain", b"00000").await;
        let completions = futures::future::join_all((0..6).map(|_| owner.complete(&upload.id)));
        let texts: Vec<_> = (1..7).map(|number| format!("{number:05}").into_bytes()).collect();
        let puts = futures::future::join_all(texts.iter().map(|bytes| upload.put_bytes(bytes)));
        let first_complete = async {
            owner.complete(&upload.id).await;
            owner.download(&upload.id, "").await
        };
        let (completed, _, frozen) = tokio::join!(completions, puts, first_complete);
        assert!(completed.iter().all(|answer| answer.status < 500), "{completed:?}");
        owner.complete(&upload.id).await.ok();
        let served = owner.download(&upload.id, "").await;
        assert_eq!(served.status, 200);
        if frozen.status == 200 {
            assert_eq!(served.text(), frozen.text());
        }
    }
}

async fn completing_and_failing_at_once_have_one_outcome(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    for _ in 0..4 {
        let upload = owner.stage(&channel, "a.txt", "text/plain", b"a").await;
        let (completed, failed) = tokio::join!(owner.complete(&upload.id), owner.fail(&upload.id, "x"));
        let outcome = (completed.status, failed.status);
        assert!(outcome == (200, 409) || outcome == (409, 200), "{outcome:?}");
        let served = owner.download(&upload.id, "").await.status;
        assert_eq!(served == 200, completed.status == 200);
    }
}

async fn while_one_request_checks_others_wait_for_its_result(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let upload = owner.stage(&channel, "a.txt", "text/plain", b"a").await;
    let until = app.platform.clock.now().0 + 120_000;
    let lease = |until: &str| format!("UPDATE attachments SET leased_until = {until} WHERE id = {{id}}");
    assert_eq!(app.sql(&lease(&until.to_string()), &upload.id).await, 1);
    let waiting = tokio::spawn({
        let (owner, id) = (owner.clone(), upload.id.clone());
        async move { owner.complete(&id).await }
    });
    // The holder has finished: the other continues.
    assert_eq!(app.sql(&lease("NULL"), &upload.id).await, 1);
    waiting.await.unwrap().ok();
    // A holder that died blocks it no longer than its lease.
    let upload = owner.stage(&channel, "b.txt", "text/plain", b"b").await;
    app.sql(&lease(&until.to_string()), &upload.id).await;
    let refused = tokio::join!(owner.complete(&upload.id), owner.fail(&upload.id, "x"), owner.retry(&upload.id));
    for answer in [refused.0, refused.1, refused.2] {
        Answer::refused(answer, 409, "conflict");
    }
    app.advance(Duration::from_secs(121));
    owner.complete(&upload.id).await.ok();
}
