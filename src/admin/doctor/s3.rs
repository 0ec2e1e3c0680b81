//! Checks of an S3-compatible store, in the way a browser uses it: a signed PUT from the app's origin.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Method, Response};
use sha2::{Digest, Sha256};

use super::Finding;
use crate::platform::clock::Clock;
use crate::platform::config::S3Config;
use crate::platform::storage::remedy::{Rejection, remedy};
use crate::platform::storage::{KeptVersions, ObjectKey, PutTerms, R2, SignedPut};

const ABOUT: &str = "storage";
const CORS: &str = "storage: CORS";
const CLOCK: &str = "storage: clock";
const LIFECYCLE: &str = "storage: lifecycle";
const VERSIONS: &str = "storage: versions";
const PROBE: &[u8] = b"attache doctor";
/// S3 rejects signatures that are fifteen minutes off.
const SKEW_MAX: i64 = 60;
const ANSWER_MAX: Duration = Duration::from_secs(20);

pub async fn examine(config: &S3Config, origin: &str, clock: &Clock) -> Vec<Finding> {
    let store = R2::new(config);
    // A staged upload without an owner: the clean-up removes it after a crash.
    let key = ObjectKey::Staging(clock.new_id(), clock.new_id());
    let terms = PutTerms {
        content_type: "text/plain".to_owned(),
        checksum: Some(STANDARD.encode(Sha256::digest(PROBE))),
        size: PROBE.len() as u64,
        now: clock.now(),
        expires_in: Duration::from_mins(1),
    };
    let client = Client::builder().timeout(ANSWER_MAX).no_proxy().build();
    let (signed, client) = match (store.presign_put(&key, &terms).await, client) {
        (Ok(signed), Ok(client)) => (signed, client),
        (Err(error), _) => return vec![Finding::problem(ABOUT, error.to_string())],
        (_, Err(error)) => return vec![Finding::problem(ABOUT, error.to_string())],
    };
    let put = match put(&client, &signed, origin).await {
        Ok(answer) => answer,
        Err(error) => {
            // Its URL is signed.
            let detail = format!("{:#}", anyhow::Error::from(error.without_url()));
            let rejection = Rejection { status: None, code: "", detail: &detail };
            return vec![Finding::problem(ABOUT, remedy(config, rejection))];
        }
    };
    let mut findings = vec![time(put.headers(), clock)];
    let exposed = lists(put.headers(), "access-control-expose-headers", "etag");
    if !put.status().is_success() {
        findings.push(rejected(put, config).await);
        return findings;
    }
    findings.push(read_back(&store, &key, &config.bucket).await);
    findings.push(preflight(&client, &signed, origin, exposed).await);
    findings.push(lifecycle(&store).await);
    findings.extend(versions(&store).await);
    findings
}

async fn put(client: &Client, signed: &SignedPut, origin: &str) -> reqwest::Result<Response> {
    let mut request = client.put(&signed.url).header(header::ORIGIN, origin).body(PROBE);
    for (name, value) in &signed.headers {
        request = request.header(name, value);
    }
    request.send().await
}

/// Returns a finding that depends on the store's own error code, such as `<Code>SignatureDoesNotMatch</Code>`.
async fn rejected(answer: Response, config: &S3Config) -> Finding {
    let status = Some(answer.status().as_u16());
    let text = answer.text().await.unwrap_or_default();
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    Finding::problem(ABOUT, remedy(config, Rejection { status, code, detail: "" }))
}

async fn read_back(store: &R2, key: &ObjectKey, bucket: &str) -> Finding {
    let read = store.read_start(key, PROBE.len() as u64).await;
    let deleted = store.delete(key).await;
    match (read, deleted) {
        (Ok(bytes), Ok(())) if bytes == PROBE => {
            Finding::good(ABOUT, format!("this key can write, read and delete in the bucket {bucket}"))
        }
        (Ok(_), Ok(())) => Finding::problem(
            ABOUT,
            format!(
                "The bucket {bucket} returns different bytes than were \
            stored."
            ),
        ),
        (Err(error), _) => Finding::problem(
            ABOUT,
            format!(
                "{bucket} is not readable ({error}). Allow this key to \
            read it."
            ),
        ),
        (_, Err(error)) => Finding::problem(
            ABOUT,
            format!(
                "Objects in {bucket} cannot be deleted ({error}). Allow this key to \
                delete."
            ),
        ),
    }
}

/// Sends the preflight request that a browser sends before an upload.
async fn preflight(client: &Client, signed: &SignedPut, origin: &str, etag_exposed: bool) -> Finding {
    let wanted: Vec<String> = signed.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let answer = client
        .request(Method::OPTIONS, &signed.url)
        .header(header::ORIGIN, origin)
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "PUT")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, wanted.join(","))
        .send()
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let error = error.without_url();
            return Finding::problem(CORS, format!("The store does not answer the CORS preflight ({error})."));
        }
    };
    let headers = answer.headers();
    let allows = |name, value: &str| lists(headers, name, value);
    let mut missing = Vec::new();
    if !answer.status().is_success() || !allows("access-control-allow-origin", origin) {
        missing.push(format!("the origin {origin}"));
    }
    if !allows("access-control-allow-methods", "PUT") {
        missing.push("the method PUT".to_owned());
    }
    for name in wanted.iter().filter(|name| !allows("access-control-allow-headers", name)) {
        missing.push(format!("the header {name}"));
    }
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Finding::problem(
            CORS,
            format!(
                "Browsers cannot upload. Allow {missing} in the bucket's CORS rules (see the README). The origin is \
                 PUBLIC_URL."
            ),
        );
    }
    if !etag_exposed {
        return Finding::problem(CORS, "Large uploads fail. Expose the header ETag in the bucket's CORS rules.");
    }
    Finding::good(CORS, format!("browsers can upload from {origin}"))
}

/// Returns whether a list header contains this value, or `*`.
fn lists(headers: &HeaderMap, name: &str, value: &str) -> bool {
    let lists = headers.get_all(name).into_iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).any(|one| one == "*" || one.eq_ignore_ascii_case(value))
}

fn time(headers: &HeaderMap, clock: &Clock) -> Finding {
    let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let Some(store) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
        return Finding::advice(CLOCK, "The store does not report its time. Synchronize both clocks with NTP.");
    };
    let since_epoch = store.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let off = clock.now().0 / 1000 - i64::try_from(since_epoch.as_secs()).unwrap_or(0);
    if off.abs() > SKEW_MAX {
        let advice = format!(
            "This machine's clock is {off} seconds off the store's, so signed URLs fail. Synchronize \
            it with NTP."
        );
        return Finding::problem(CLOCK, advice);
    }
    Finding::good(CLOCK, "matches the store's")
}

/// Checks whether bytes that are deleted permanently really go. Returns nothing for a store without versions.
async fn versions(store: &R2) -> Option<Finding> {
    match store.kept_versions().await.ok()? {
        KeptVersions::None => None,
        KeptVersions::Days(days) => {
            Some(Finding::good(VERSIONS, format!("deleted objects are gone after {days} more days")))
        }
        KeptVersions::Forever => Some(Finding::problem(
            VERSIONS,
            "The bucket keeps every deleted object. Add a lifecycle rule that expires noncurrent versions, such as after \
             30 days (NoncurrentVersionExpiration), and deletes expired object delete markers.",
        )),
    }
}

async fn lifecycle(store: &R2) -> Finding {
    match store.aborts_unfinished_uploads().await {
        Ok(true) => Finding::good(LIFECYCLE, "the store also removes unfinished uploads"),
        Ok(false) => Finding::advice(
            LIFECYCLE,
            "Attaché removes unfinished uploads itself. To clean up after a long outage, add a rule that aborts \
             incomplete multipart uploads after 7 days.",
        ),
        Err(error) => Finding::advice(LIFECYCLE, format!("The store does not report its lifecycle rules ({error}).")),
    }
}
