//! Downloads of a link: what counts, for whom, and how long one can continue.

use std::time::Duration;

use attache::files::sharing::public::downloads::forget;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{count_of, create, path};
use crate::support::{Answer, TestApp, User, files, on_both_engines, text};

on_both_engines![
    a_visitor_can_continue_a_download,
    a_program_without_cookies_goes_on_by_ranges,
    parts_side_by_side_count_once,
    concurrent_requests_do_not_exceed_a_limit,
    looking_counts_nothing,
    a_prefetch_is_not_counted,
    opened_and_saved_files_are_both_counted,
    a_zip_that_broke_can_be_asked_for_again,
    a_link_that_is_over_answers_a_download_with_the_page,
    downloads_that_cannot_go_on_are_forgotten,
    a_download_goes_on_after_the_life_of_its_signed_url,
];

/// A visitor without an account. A browser keeps the cookies of a link, a program does not.
#[derive(Clone)]
struct Visitor {
    user: User,
    cookie: String,
    program: String,
}

impl Visitor {
    fn program(app: &TestApp, name: &str) -> Self {
        Self { user: app.anonymous(), cookie: String::new(), program: name.to_owned() }
    }

    /// Returns a browser that has opened the page of a link.
    async fn browser(app: &TestApp, page: &str) -> Self {
        let visitor = Self::program(app, "browser");
        let seen = visitor.get(page, &[]).await;
        let cookie = seen.header("set-cookie").split(';').next().unwrap().to_owned();
        assert!(cookie.starts_with("attache_visitor="), "{cookie}");
        Self { cookie, ..visitor }
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.user.request(method, path).header("user-agent", &self.program);
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.user.send_request(request).await
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers).await
    }

    /// Returns whether these bytes are sent, here or by a redirect to the store; the whole file without a range.
    async fn gets(&self, path: &str, range: &str) -> bool {
        let headers = [("range", range)];
        let headers: &[(&str, &str)] = if range.is_empty() { &[] } else { &headers };
        let mut answer = self.get(path, headers).await;
        // An overloaded database asks for a retry; nothing is counted by then.
        for _ in 0..10 {
            if answer.status != 503 {
                break;
            }
            answer = self.get(path, headers).await;
        }
        assert!(matches!(answer.status, 200 | 206 | 302 | 404), "{path}: {}", answer.status);
        answer.status != 404
    }
}

/// Creates a link to a file of twenty bytes. Returns the link, its page and the file's URL.
async fn shared(app: &TestApp, owner: &User, limits: Value) -> (Value, String, String) {
    let channel = owner.channel(&format!("general-{}", app.platform.clock.new_id())).await;
    let id = owner.send_file(&channel, "a.bin", "application/octet-stream", &[7; 20]).await;
    let mut body = json!({ "attachmentId": id });
    body.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
    let link = create(owner, body).await;
    let page = path(app, &link);
    let file = format!("{page}/{id}?download=1");
    (link, page, file)
}

async fn entries(owner: &User, action: &str) -> usize {
    let log = owner.get(&format!("/api/audit-entries?action={action}")).await.ok();
    log["entries"].as_array().unwrap().len()
}

async fn a_visitor_can_continue_a_download(app: TestApp) {
    let owner = app.owner().await;
    let (link, page, file) = shared(&app, &owner, json!({ "maxDownloads": 1 })).await;
    let (visitor, other) = (Visitor::browser(&app, &page).await, Visitor::browser(&app, &page).await);
    assert!(visitor.gets(&file, "").await);
    app.advance(Duration::from_mins(59));
    for range in ["bytes=12-", "", "bytes=0-", "bytes=0-3"] {
        assert!(visitor.gets(&file, range).await, "{range:?}");
    }
    let inline = file.split('?').next().unwrap();
    assert!(visitor.gets(inline, "").await, "looking at it is the same download");
    for range in ["", "bytes=12-"] {
        assert!(!other.gets(&file, range).await, "{range:?}");
        assert!(!Visitor::program(&app, "browser").gets(&file, range).await, "without the cookie, {range:?}");
    }
    assert!(!visitor.gets(&format!("{page}/zip"), "").await, "all files are another download");
    assert_eq!(count_of(&owner, &link).await, 1);
    assert_eq!(entries(&owner, "share_downloaded").await, 1);
    app.advance(Duration::from_mins(2));
    assert!(!visitor.gets(&file, "bytes=12-").await, "an hour after it began");

    // Without a limit it counts again by then.
    let (link, page, file) = shared(&app, &owner, json!({})).await;
    let visitor = Visitor::browser(&app, &page).await;
    for _ in 0..3 {
        assert!(visitor.gets(&file, "").await);
    }
    assert_eq!(count_of(&owner, &link).await, 1);
    app.advance(Duration::from_mins(61));
    assert!(visitor.gets(&file, "").await);
    assert_eq!(count_of(&owner, &link).await, 2);
}

async fn a_program_without_cookies_goes_on_by_ranges(app: TestApp) {
    let owner = app.owner().await;
    let (link, _, file) = shared(&app, &owner, json!({ "maxDownloads": 1 })).await;
    let (program, other) = (Visitor::program(&app, "curl/8"), Visitor::program(&app, "Wget/1"));
    let first = program.get(&file, &[]).await;
    assert!(matches!(first.status, 200 | 302));
    let rest = program.get(&file, &[("range", "bytes=18-"), ("if-range", first.header("etag"))]).await;
    assert_eq!(rest.status, if app.is_local_disk() { 206 } else { 302 });
    assert!(!program.gets(&file, "").await, "all of it once more is another download");
    assert!(!program.gets(&file, "bytes=0-").await);
    assert!(!other.gets(&file, "bytes=18-").await, "others do not go on with it");
    assert_eq!(count_of(&owner, &link).await, 1);
    // A browser that opened the file directly continues with its cookie.
    let (link, _, file) = shared(&app, &owner, json!({ "maxDownloads": 1 })).await;
    let first = Visitor::program(&app, "browser").get(&file, &[]).await;
    let cookie = first.header("set-cookie").split(';').next().unwrap().to_owned();
    let browser = Visitor { cookie, ..Visitor::program(&app, "another version") };
    assert!(browser.gets(&file, "").await && browser.gets(&file, "bytes=3-").await);
    assert_eq!(count_of(&owner, &link).await, 1);
}

async fn parts_side_by_side_count_once(app: TestApp) {
    let owner = app.owner().await;
    for limits in [json!({}), json!({ "maxDownloads": 1 })] {
        let (link, page, file) = shared(&app, &owner, limits.clone()).await;
        let program = Visitor::program(&app, "download manager");
        assert_eq!(program.ask(Method::HEAD, &file, &[]).await.header("accept-ranges"), "bytes");
        let ranges: Vec<_> = (0..10).map(|part| format!("bytes={}-{}", part * 2, part * 2 + 1)).collect();
        let sent = join_all(ranges.iter().map(|range| program.gets(&file, range))).await;
        assert_eq!((sent, count_of(&owner, &link).await), (vec![true; 10], json!(1)), "{limits}");
        let (link, page, file) =
            if limits == json!({}) { (link, page, file) } else { shared(&app, &owner, limits).await };
        let before = count_of(&owner, &link).await.as_i64().unwrap();
        let browser = Visitor::browser(&app, &page).await;
        let sent = join_all((0..10).map(|turn| browser.gets(&file, if turn % 2 == 0 { "" } else { "bytes=5-" }))).await;
        assert_eq!((sent, count_of(&owner, &link).await), (vec![true; 10], json!(before + 1)));
    }
}

async fn concurrent_requests_do_not_exceed_a_limit(app: TestApp) {
    let owner = app.owner().await;
    let (link, page, file) = shared(&app, &owner, json!({ "maxDownloads": 5 })).await;
    let inline = file.split('?').next().unwrap();
    let zip = format!("{page}/zip");
    let mut visitors = Vec::new();
    for number in 0..40 {
        visitors.push(match number % 4 {
            0 => (Visitor::browser(&app, &page).await, file.as_str(), ""),
            1 => (Visitor::program(&app, "the same"), inline, ""),
            2 => (Visitor::program(&app, &format!("program {number}")), file.as_str(), "bytes=1-"),
            _ => (Visitor::browser(&app, &page).await, zip.as_str(), ""),
        });
    }
    let sent = join_all(visitors.iter().map(|(visitor, path, range)| visitor.gets(path, range))).await;
    assert_eq!(sent.iter().filter(|sent| **sent).count(), 5, "{sent:?}");
    assert_eq!(count_of(&owner, &link).await, 5);
    assert_eq!(owner.get("/api/share-links").await.ok()[0]["active"], false);
}

async fn looking_counts_nothing(app: TestApp) {
    let owner = app.owner().await;
    for limits in [json!({}), json!({ "maxDownloads": 1 })] {
        let (link, page, file) = shared(&app, &owner, limits).await;
        let opened = entries(&owner, "share_opened").await;
        let visitor = Visitor::program(&app, "browser");
        for path in [&page, &file, &format!("{page}/zip")] {
            let answer = visitor.ask(Method::HEAD, path, &[("range", "bytes=0-3")]).await;
            assert!(matches!(answer.status, 200 | 206), "{path}: {}", answer.status);
        }
        assert_eq!(entries(&owner, "share_opened").await, opened, "HEAD is no visit");
        let seen = visitor.get(&page, &[]).await.text();
        assert_eq!(entries(&owner, "share_opened").await, opened + 1);
        // Everything that a browser loads automatically.
        for source in seen.split("src=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert_ne!(format!("{source}?download=1"), file);
            visitor.get(source, &[]).await;
        }
        if app.is_local_disk() {
            assert_eq!(visitor.get(&file, &[("range", "bytes=20-")]).await.status, 416);
        }
        assert_eq!(visitor.get(&format!("{page}/nothing"), &[]).await.status, 404);
        assert_eq!(count_of(&owner, &link).await, 0);
        assert!(visitor.gets(&file, "").await);
        assert_eq!(count_of(&owner, &link).await, 1);
    }
}

async fn a_prefetch_is_not_counted(app: TestApp) {
    let owner = app.owner().await;
    let (link, page, file) = shared(&app, &owner, json!({ "maxDownloads": 1 })).await;
    let visitor = Visitor::browser(&app, &page).await;
    let opened = entries(&owner, "share_opened").await;
    for purpose in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "prefetch; anonymous-client-ip"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        assert_eq!(visitor.get(&page, &[purpose]).await.status, 200, "{purpose:?}");
        // Uncounted bytes would bypass the limit.
        for path in [&file, file.split('?').next().unwrap(), &format!("{page}/zip")] {
            let answer = visitor.get(path, &[purpose]).await;
            assert_eq!((answer.status, answer.header("content-disposition")), (503, ""), "{path} {purpose:?}");
            assert!(answer.header("content-type").starts_with("text/html"));
        }
    }
    assert_eq!(entries(&owner, "share_opened").await, opened);
    assert_eq!((count_of(&owner, &link).await, entries(&owner, "share_downloaded").await), (json!(0), 0));
    assert!(visitor.gets(&file, "").await, "the link is not used up");
}

async fn opened_and_saved_files_are_both_counted(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.pdf", "application/pdf", &files::pdf("x")).await;
    let link = create(&owner, json!({ "attachmentId": id })).await;
    let page = path(&app, &link);
    for (turn, query) in ["", "?download=1", "", "?download=true"].into_iter().enumerate() {
        assert!(Visitor::browser(&app, &page).await.gets(&format!("{page}/{id}{query}"), "").await);
        assert_eq!(count_of(&owner, &link).await, turn + 1);
        assert_eq!(entries(&owner, "share_downloaded").await, turn + 1);
        assert_eq!(entries(&owner, "share_opened").await, turn + 1);
    }
}

async fn a_zip_that_broke_can_be_asked_for_again(app: TestApp) {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let first = owner.upload(&channel, "a.txt", "text/plain", b"1").await;
    let second = owner.upload(&channel, "b.txt", "text/plain", b"2").await;
    let message = text(&owner.send(&channel, "", &[&first, &second]).await.ok()["id"]);
    let link = create(&owner, json!({ "messageId": message, "maxDownloads": 1 })).await;
    let page = path(&app, &link);
    let zip = format!("{page}/zip");
    let (visitor, other) = (Visitor::browser(&app, &page).await, Visitor::browser(&app, &page).await);
    for _ in 0..3 {
        assert_eq!(visitor.get(&zip, &[]).await.header("content-type"), "application/zip");
    }
    assert_eq!(visitor.ask(Method::HEAD, &zip, &[]).await.status, 200);
    assert_eq!((count_of(&owner, &link).await, entries(&owner, "share_downloaded").await), (json!(1), 2));
    for stranger in [&other, &Visitor::program(&app, "browser")] {
        assert_eq!(stranger.get(&zip, &[]).await.status, 404);
        assert_eq!(stranger.ask(Method::HEAD, &zip, &[]).await.status, 404);
    }
    assert!(!visitor.gets(&format!("{page}/{first}"), "").await, "a file by itself is another download");
}

async fn a_link_that_is_over_answers_a_download_with_the_page(app: TestApp) {
    let owner = app.owner().await;
    let (_, page, file) = shared(&app, &owner, json!({ "maxDownloads": 1 })).await;
    assert!(Visitor::browser(&app, &page).await.gets(&file, "").await);
    let (revoked, revoked_page, revoked_file) = shared(&app, &owner, json!({})).await;
    let began = Visitor::browser(&app, &revoked_page).await;
    assert!(began.gets(&revoked_file, "").await);
    owner.poke(&format!("/api/share-links/{}/revoke", text(&revoked["id"]))).await.ok();
    let (_, expired_page, expired_file) = shared(&app, &owner, json!({ "expiresIn": 60 })).await;
    let late = Visitor::browser(&app, &expired_page).await;
    assert!(late.gets(&expired_file, "").await);
    app.advance(Duration::from_secs(61));
    let stranger = Visitor::program(&app, "browser");
    for (visitor, path) in [
        (&stranger, &file),
        (&stranger, &format!("{page}/zip")),
        (&began, &revoked_file),
        (&began, &format!("{revoked_page}/zip")),
        (&late, &expired_file),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = visitor.ask(method, path, &[]).await;
            assert_eq!((answer.status, answer.header("content-disposition")), (404, ""), "{path}");
            assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        }
        assert!(visitor.get(path, &[]).await.text().contains("This link does not work"), "{path}");
    }
}

async fn downloads_that_cannot_go_on_are_forgotten(app: TestApp) {
    let owner = app.owner().await;
    let (_, page, file) = shared(&app, &owner, json!({})).await;
    assert!(Visitor::browser(&app, &page).await.gets(&file, "").await);
    app.advance(Duration::from_mins(59));
    assert_eq!(forget(&app.platform).await.unwrap(), 0);
    app.advance(Duration::from_mins(2));
    assert_eq!(forget(&app.platform).await.unwrap(), 1);
}

/// Follows a redirect to the store as programs do, with the same headers.
async fn followed(visitor: &Visitor, path: &str, headers: &[(&str, &str)]) -> Answer {
    let answer = visitor.get(path, headers).await;
    match answer.status {
        302 => visitor.get(answer.header("location"), headers).await,
        _ => answer,
    }
}

async fn a_download_goes_on_after_the_life_of_its_signed_url(app: TestApp) {
    let owner = app.owner().await;
    let (_, page, file) = shared(&app, &owner, json!({ "maxDownloads": 2 })).await;
    let id = file.rsplit('/').next().unwrap();
    let member = Visitor { user: owner.clone(), ..Visitor::program(&app, "browser") };
    let inside = format!("/api/messages/attachments/{id}");
    for (visitor, path) in
        [(&Visitor::browser(&app, &page).await, &file), (&Visitor::program(&app, "curl"), &file), (&member, &inside)]
    {
        let first = followed(visitor, path, &[]).await;
        assert_eq!((first.status, first.bytes.len()), (200, 20), "{path}");
        app.advance(Duration::from_mins(6));
        let rest = followed(visitor, path, &[("range", "bytes=12-"), ("if-range", first.header("etag"))]).await;
        assert_eq!((rest.status, rest.bytes.as_slice()), (206, &first.bytes[12..]), "{path}");
        assert_eq!(rest.header("etag"), first.header("etag"));
        assert_eq!(rest.header("content-range"), "bytes 12-19/20");
    }
}
