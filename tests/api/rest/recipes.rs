//! Runs the recipes of docs/recipes.md and the calls of docs/http.md unchanged.

use axum::Router;
use axum::routing::get;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::support::{TestApp, files, on_both_engines, text};

on_both_engines![
    a_script_posts,
    python_posts,
    a_ci_job_posts,
    a_doorbell_posts,
    a_camera_that_is_off_is_no_obstacle,
    node_posts,
    frigate_posts_each_detection_once,
    a_form_reaches_an_incoming_url,
    the_commonest_calls_work,
];

const RECIPES: &str = include_str!("../../../docs/recipes.md");
const HTTP: &str = include_str!("../../../docs/http.md");

/// Returns the first block of this language under a heading.
fn recipe(heading: &str, language: &str) -> String {
    let section = RECIPES.split(&format!("\n## {heading}\n")).nth(1).expect("there is such a heading");
    let block = section.split(&format!("```{language}\n")).nth(1).expect("there is such a block");
    block.split("\n```").next().expect("the block ends").to_owned()
}

/// Returns the command that creates the bucket.
fn setup() -> String {
    let step = RECIPES.split("\n3. Create the bucket").nth(1).expect("there is such a step");
    let block = step.split("```bash\n").nth(1).expect("there is such a block");
    block.split("   ```").next().expect("the block ends").to_owned()
}

/// A reader of the recipes, who has created the bucket.
struct Reader<'a> {
    app: &'a TestApp,
    bucket: String,
    token: String,
    folder: TempDir,
}

impl<'a> Reader<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let owner = app.owner().await;
        let token = owner.program(&["messages:write", "buckets:write"]).await.secret;
        let mut reader = Self { app, bucket: String::new(), token, folder: tempfile::tempdir().unwrap() };
        let made = reader.run("bash", &["-c", &setup()], &[]).await;
        let made: serde_json::Value = serde_json::from_str(&made).expect("the answer is JSON");
        reader.bucket = text(&made["id"]);
        reader
    }

    /// Runs a program. Returns its output.
    async fn run(&self, program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("ATTACHE", &self.app.base)
            .env("TOKEN", &self.token);
        command.env("no_proxy", "127.0.0.1").envs(variables.iter().copied()).kill_on_drop(true);
        let done = command.output().await.unwrap_or_else(|error| panic!("{program} is not installed: {error}"));
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
        said
    }

    /// Returns the only message.
    async fn message(&self) -> serde_json::Value {
        let messages = self.app.owner().await.messages(&self.bucket).await;
        assert_eq!(messages.len(), 1, "{messages:?}");
        messages[0].clone()
    }
}

/// Runs a recipe. Returns the message that it created.
async fn run(app: &TestApp, program: &str, script: &str, variables: &[(&str, &str)]) -> serde_json::Value {
    let reader = Reader::new(app).await;
    reader.run(program, &["-c", script], variables).await;
    reader.message().await
}

async fn a_script_posts(app: TestApp) {
    let message = run(&app, "bash", &recipe("Shell script with curl", "sh"), &[]).await;
    assert_eq!(message["title"], "Backup done");
    assert_eq!(message["deliveryType"], "SILENT");
}

async fn python_posts(app: TestApp) {
    let message = run(&app, "python3", &recipe("Python without packages", "python"), &[]).await;
    assert_eq!(message["title"], "Sensor 4");
    assert_eq!(message["deliveryType"], "CRITICAL");
}

async fn a_ci_job_posts(app: TestApp) {
    let step = recipe("CI job (GitHub Actions, Forgejo)", "yaml");
    let script = step.split("run: |\n").nth(1).expect("the step runs something");
    let variables = [
        ("RESULT", "success"),
        ("GITHUB_RUN_ID", "7001"),
        ("GITHUB_RUN_ATTEMPT", "1"),
        ("GITHUB_RUN_NUMBER", "512"),
        ("GITHUB_REF_NAME", "it's \"quoted\""),
    ];
    let message = run(&app, "bash", script, &variables).await;
    assert_eq!(message["title"], "Build 512: success");
    assert_eq!(message["subtitle"], "it's \"quoted\"");
    assert_eq!(message["deliveryType"], "SILENT");
    assert_eq!(message["author"]["name"], json!("doorbell"));
}

async fn a_doorbell_posts(app: TestApp) {
    let camera = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let snapshot = format!("http://{}/snapshot", camera.local_addr().unwrap());
    let site = Router::new().route("/snapshot", get(|| async { files::picture(64, 48) }));
    tokio::spawn(async move { axum::serve(camera, site).await });
    let script = recipe("Doorbell camera", "sh");
    let message = run(&app, "bash", &script, &[("SNAPSHOT", &snapshot)]).await;
    assert_eq!(message["title"], "Somebody rang");
    assert_eq!(message["deliveryType"], "CRITICAL");
    assert_eq!(message["attachments"][0]["width"], 64);
}

async fn a_camera_that_is_off_is_no_obstacle(app: TestApp) {
    let script = recipe("Doorbell camera", "sh");
    let message = run(&app, "bash", &script, &[("SNAPSHOT", "http://127.0.0.1:1/snapshot")]).await;
    assert_eq!((&message["title"], &message["body"]), (&json!("Somebody rang"), &json!("The camera did not respond.")));
}

async fn node_posts(app: TestApp) {
    let reader = Reader::new(&app).await;
    std::fs::write(reader.folder.path().join("post.mjs"), recipe("Node.js", "javascript")).unwrap();
    std::fs::write(reader.folder.path().join("report.txt"), "Numbers").unwrap();
    reader.run("node", &["post.mjs", "report.txt"], &[]).await;
    let message = reader.message().await;
    assert_eq!((&message["title"], &message["body"]), (&json!("Report"), &json!("The numbers of \"last\" week")));
    assert_eq!(message["attachments"][0]["fileName"], "report.txt");
    reader.run("node", &["post.mjs"], &[]).await;
    assert_eq!(app.owner().await.messages(&reader.bucket).await.len(), 2);
}

async fn frigate_posts_each_detection_once(app: TestApp) {
    let frigate = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", frigate.local_addr().unwrap());
    let events =
        json!([{ "id": "1700000000.1-abc", "label": "person", "camera": "front", "start_time": 1_700_000_000.1 }]);
    let site = Router::new()
        .route("/api/events", get(move || async move { axum::Json(events) }))
        .route("/api/events/{id}/snapshot.jpg", get(|| async { files::picture(64, 48) }));
    tokio::spawn(async move { axum::serve(frigate, site).await });
    let reader = Reader::new(&app).await;
    for _ in 0..2 {
        reader.run("python3", &["-c", &recipe("Frigate", "python")], &[("FRIGATE", &url), ("STATE", "state")]).await;
    }
    let message = reader.message().await;
    assert_eq!((&message["title"], &message["deliveryType"]), (&json!("Person at front"), &json!("CRITICAL")));
    assert_eq!(message["attachments"][0]["fileName"], "front.jpg");
}

async fn a_form_reaches_an_incoming_url(app: TestApp) {
    let reader = Reader::new(&app).await;
    let made =
        app.owner().await.post(&format!("/api/buckets/{}/hooks", reader.bucket), json!({ "name": "ci" })).await.ok();
    let script = recipe("Point another program at it", "sh");
    reader.run("bash", &["-c", &script], &[("HOOK", &text(&made["url"]))]).await;
    let message = reader.message().await;
    assert_eq!((&message["title"], &message["author"]["name"]), (&json!("Test"), &json!("ci")));
}

async fn the_commonest_calls_work(app: TestApp) {
    let owner = app.owner().await;
    app.sign_up("Mara", "mara@example.com", "Quay").await;
    let (deploys, door) = (owner.channel("deploys").await, owner.channel("door").await);
    let scopes = [
        "messages:write",
        "messages:read",
        "attachments:write",
        "buckets:write",
        "contacts:write",
        "contacts:read",
        "webhooks:write",
    ];
    let token = owner.program(&scopes).await.secret;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("door.jpg"), files::jpeg("door")).unwrap();
    std::fs::write(folder.path().join("banner.png"), files::png("banner")).unwrap();
    // Errors fail the test.
    std::fs::write(folder.path().join(".curlrc"), "fail-with-body\nsilent\n").unwrap();
    let calls: Vec<_> = HTTP.lines().filter(|line| line.starts_with("curl \"$ATTACHE/")).collect();
    assert_eq!(calls.len(), 12);
    let mut answers = Vec::new();
    for call in calls {
        let mut command = Command::new("bash");
        command.args(["-c", &call.replace('…', "correct horse battery")]).current_dir(folder.path());
        command.env("ATTACHE", &app.base).env("TOKEN", &token).env("CURL_HOME", folder.path());
        let done = command.env("no_proxy", "127.0.0.1").kill_on_drop(true).output().await.expect("bash is there");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{call}: {said}{}", String::from_utf8_lossy(&done.stderr));
        answers.push(serde_json::from_str::<serde_json::Value>(&said).expect("the answer is JSON"));
    }
    assert_eq!(answers[0]["title"], "Build 512 is out");
    assert_eq!(answers[3]["messages"].as_array().unwrap().len(), 2, "{}", answers[3]);
    assert_eq!(answers[4]["tokenType"], "Bearer");
    assert_eq!(answers[5]["filename"], "banner.png");
    assert_eq!(answers[6]["name"], "Door camera");
    let jane = &answers[7]["id"];
    assert_eq!((&answers[8]["contacts"][0]["id"], &answers[9]["author"]["id"]), (jane, jane));
    assert_eq!(answers[10]["events"], json!(["message.created", "attachment.ready"]));
    assert!(answers[11]["messages"].is_array(), "{}", answers[11]);
    assert_eq!(owner.messages(&deploys).await.len(), 2);
    assert_eq!(owner.messages(&door).await[0]["attachments"][0]["fileName"], "door.jpg");
}
