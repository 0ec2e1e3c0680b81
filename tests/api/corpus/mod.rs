//! Generated files of every detectable type, sent under every name of their type and without one: each is detected and
//! shown as the table says, and returned byte for byte. `make corpus` sends all of them, `make test` a tenth.

mod bytes;

use attache::files::attachments::file_name::FileName;
use attache::files::attachments::media_type::{FileKind, MediaType};
use attache::jobs::JOBS;
use attache::platform::file_types::{self, Family, FileType, OCTET_STREAM, Preview};
use attache::platform::jobs::run_due;
use serde_json::Value;

use crate::support::zip::unzip;
use crate::support::{Engines, TestApp, User, on_both_engines, text};

on_both_engines![a_tenth_of_the_corpus_matches_the_table];

/// Number of files in a message.
const PER_MESSAGE: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make corpus"]
async fn the_corpus_matches_the_table_on_sqlite() {
    compare(TestApp::start(Engines::SqliteLocal).await, &samples()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make corpus"]
async fn the_corpus_matches_the_table_on_postgres() {
    compare(TestApp::start(Engines::PostgresGarage).await, &samples()).await;
}

async fn a_tenth_of_the_corpus_matches_the_table(app: TestApp) {
    let tenth: Vec<_> = samples().into_iter().step_by(10).collect();
    compare(app, &tenth).await;
}

#[test]
fn the_corpus_has_hundreds_of_files_of_most_types() {
    let samples = samples();
    let mut types: Vec<_> = samples.iter().map(|sample| sample.row.name).collect();
    types.dedup();
    assert!(samples.len() >= 300 && types.len() >= 60, "{} files of {} types", samples.len(), types.len());
    let missing: Vec<_> =
        file_types::all().filter(|row| !row.evidence.is_empty() && bytes::of(row).is_none()).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A file, its announced type, and its row.
struct Sample {
    name: String,
    announced: String,
    bytes: Vec<u8>,
    row: &'static FileType,
}

/// Returns every type that can be generated, announced by its name, its aliases, in capitals with a parameter, without
/// a type, and as a similar type.
fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for row in file_types::all() {
        let Some(bytes) = bytes::of(row) else { continue };
        let is_shown_by_bytes = !row.evidence.is_empty();
        let extension = row.extensions.first().copied().unwrap_or_default();
        let mut announced: Vec<_> =
            std::iter::once(&row.name).chain(row.aliases).map(|name| (*name).to_owned()).collect();
        announced.push(format!("{}; x=1", row.name.to_uppercase()));
        let is_text_by_name = row.family == Family::Text
            && file_types::by_extension(extension).is_some_and(|known| known.name == row.name);
        if is_shown_by_bytes || is_text_by_name {
            announced.extend([OCTET_STREAM.to_owned(), String::new()]);
        }
        announced.extend(near(row).map(str::to_owned));
        for announced in announced {
            let name = format!("{:04}{}{extension}", samples.len(), if extension.is_empty() { "" } else { "." });
            samples.push(Sample { name, announced, bytes: bytes.clone(), row });
        }
    }
    samples
}

/// Returns a type that it could be confused with.
fn near(row: &FileType) -> Option<&'static str> {
    match row.family {
        _ if row.evidence.is_empty() || row.runs => None,
        Family::Picture => Some("image/bmp"),
        Family::Video => Some("video/x-flv"),
        Family::Sound => Some("audio/midi"),
        Family::Document | Family::Archive | Family::Other => Some("application/x-7z-compressed"),
        Family::Text | Family::Program => None,
    }
}

async fn compare(app: TestApp, samples: &[Sample]) {
    let owner = app.owner().await;
    let channel = owner.channel("corpus").await;
    let mut wrong = Vec::new();
    for batch in samples.chunks(PER_MESSAGE) {
        let mut ids = Vec::new();
        for sample in batch {
            ids.push(owner.upload(&channel, &sample.name, &sample.announced, &sample.bytes).await);
        }
        let sent = owner.send(&channel, "", &ids.iter().map(String::as_str).collect::<Vec<_>>()).await.ok();
        run_due(&app.platform, JOBS).await.expect("jobs can be read");
        let message = text(&sent["id"]);
        let files = owner.get(&format!("/api/messages/{message}")).await.ok()["attachments"].clone();
        let entries = unzip(&owner.get(&format!("/api/messages/{message}/zip")).await.bytes);
        assert_eq!(entries.len(), batch.len());
        for ((sample, id), entry) in batch.iter().zip(&ids).zip(&entries) {
            let file = files.as_array().expect("a list").iter().find(|file| file["id"] == **id).expect("it is there");
            let mut differs = of_file(sample, file);
            differs.extend(of_download(&owner, sample, id).await);
            if entry.name != sample.name || entry.bytes() != sample.bytes {
                differs.push(format!("the zip has {}", entry.name));
            }
            if !differs.is_empty() {
                wrong.push(format!(
                    "{} ({}) as {:?}: {}",
                    sample.name,
                    sample.row.name,
                    sample.announced,
                    differs.join(", ")
                ));
            }
        }
    }
    println!("{} files, {} wrong", samples.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns how a file differs from its row.
fn of_file(sample: &Sample, file: &Value) -> Vec<String> {
    let row = sample.row;
    let mut differs = Vec::new();
    if file["contentType"] != row.name {
        differs.push(format!("its type is {}", file["contentType"]));
    }
    if file["mediaType"] != MediaType::of(row.name).name() {
        differs.push(format!("its media type is {}", file["mediaType"]));
    }
    let state = file["preview"]["state"].as_str();
    let expected = match row.preview {
        Preview::None if row.family != Family::Picture => state.is_none(),
        // Its bytes are a complete picture.
        Preview::Picture | Preview::Drawing => state == Some("ready"),
        _ => matches!(state, Some("ready" | "none")),
    };
    if !expected {
        differs.push(format!("its preview is {}", file["preview"]));
    }
    differs
}

async fn of_download(user: &User, sample: &Sample, id: &str) -> Vec<String> {
    let mut differs = Vec::new();
    let shown = user.download(id, "").await;
    let (served, way) = if sample.row.inline { (sample.row.name, "inline;") } else { (OCTET_STREAM, "attachment;") };
    if shown.header("content-type") != served || !shown.header("content-disposition").starts_with(way) {
        differs.push(format!(
            "it is served as {} {}",
            shown.header("content-type"),
            shown.header("content-disposition")
        ));
    }
    if shown.bytes != sample.bytes {
        differs.push(format!("{} bytes come back", shown.bytes.len()));
    }
    let saved = FileName::new(&sample.name).for_download(None, sample.row.name);
    let download = user.download(id, "?download=1").await;
    if !download.header("content-disposition").contains(saved.as_str()) || download.bytes != sample.bytes {
        differs.push(format!("it is saved as {}", download.header("content-disposition")));
    }
    let kind = FileKind::of(sample.row.name).name();
    let found = user.get(&format!("/api/files?kinds={kind}&search={}", sample.name)).await.ok();
    if found["files"].as_array().is_none_or(Vec::is_empty) {
        differs.push(format!("it is not found under {kind}"));
    }
    differs
}
