//! The work of a rejection: the same for a link that exists and for one that does not. The expensive part, checking a
//! password, is counted in the log; measuring time would be less exact and fail more often.

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Installation, User, as_process_on_both_engines, text, until};

as_process_on_both_engines![each_password_costs_one_check];

const CHECK: &str = "checking a password";

async fn each_password_costs_one_check(installation: Installation) {
    let variables = BTreeMap::from([("RUST_LOG", "info,attache::people::accounts::password=debug".to_owned())]);
    let server = installation.start_with(&variables);
    let owner = User::new(&server.base);
    let person =
        json!({ "name": "O", "email": "o@example.com", "password": "correct horse battery", "organization": "O" });
    owner.post("/api/auth/sign-up", person).await.ok();
    let channel = owner.channel("general").await;
    let id = owner.send_file(&channel, "a.txt", "text/plain", b"a").await;
    let link = async |life: i64| -> Value {
        let body = json!({ "attachmentId": id, "password": "letmein", "expiresIn": life });
        owner.post("/api/share-links", body).await.ok()
    };
    let page = |link: &Value| text(&link["url"]).strip_prefix(&server.base).unwrap().to_owned();
    let (open, revoked, expired) = (link(3600).await, link(3600).await, link(1).await);
    owner.poke(&format!("/api/share-links/{}/revoke", text(&revoked["id"]))).await.ok();
    let stranger = User::new(&server.base);
    until("the link is over", async || stranger.get(&page(&expired)).await.status == 404).await;

    let enter = async |path: &str, password: &str| {
        let request =
            stranger.request(Method::POST, path).header("origin", &server.base).form(&[("password", password)]);
        stranger.send_request(request).await
    };
    let mut checks = server.logged(CHECK);
    let mut refusals = Vec::new();
    for (path, password, status) in [
        (page(&open), "letmeout", StatusCode::FORBIDDEN),
        ("/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(), "letmein", StatusCode::NOT_FOUND),
        ("/s/x".to_owned(), "letmein", StatusCode::NOT_FOUND),
        (page(&revoked), "letmein", StatusCode::NOT_FOUND),
        (page(&expired), "letmein", StatusCode::NOT_FOUND),
        (page(&open), "letmein", StatusCode::SEE_OTHER),
    ] {
        let answer = enter(&path, password).await;
        assert_eq!(answer.status, status, "{path}");
        checks += 1;
        until("the log says so", async || server.logged(CHECK) >= checks).await;
        assert_eq!(server.logged(CHECK), checks, "{path}");
        if status == StatusCode::NOT_FOUND {
            refusals.push(answer.text());
        }
    }
    assert!(refusals.windows(2).all(|two| two[0] == two[1]), "they look the same");
    // Viewing costs no check, for any token.
    for path in [page(&open), page(&revoked), page(&expired), "/s/x".to_owned()] {
        stranger.get(&path).await;
    }
    enter("/s/y", "letmein").await;
    until("the log says so", async || server.logged(CHECK) > checks).await;
    assert_eq!(server.logged(CHECK), checks + 1);
}
