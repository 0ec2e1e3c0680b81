//! A server without ffmpeg and Poppler.

use serde_json::{Value, json};

use crate::support::{Installation, User, as_process_on_both_engines, files};

as_process_on_both_engines![without_tools_files_are_shown_all_the_same];

const VIDEO: &[u8] = include_bytes!("../../demo/VID_0042.mp4");
const VOICE: &[u8] = include_bytes!("../../demo/voice-note.m4a");
const DOCUMENT: &[u8] = include_bytes!("../../demo/service-report.pdf");

async fn without_tools_files_are_shown_all_the_same(installation: Installation) {
    let server = installation.start();
    let mut owner = User::new(&server.base);
    let body =
        json!({ "name": "Olga", "email": "o@example.com", "password": "correct horse battery", "organization": "H" });
    let entered = owner.post("/api/auth/sign-up", body).await;
    owner.entered(entered, "o@example.com");
    let channel = owner.channel("general").await;
    let mut events = owner.listen().await;
    for (name, content_type, bytes, state) in [
        ("a.mp4", "video/mp4", VIDEO.to_vec(), "none"),
        ("a.m4a", "audio/mp4", VOICE.to_vec(), "none"),
        ("a.pdf", "application/pdf", DOCUMENT.to_vec(), "none"),
        ("a.png", "image/png", files::picture(20, 20), "ready"),
    ] {
        owner.send_file(&channel, name, content_type, &bytes).await;
        // An earlier event about the file may still arrive.
        while owner.messages(&channel).await[0]["attachments"][0]["preview"]["state"] == "pending" {
            events.next_named("message.changed").await;
        }
        let file = owner.messages(&channel).await[0]["attachments"][0].clone();
        assert_eq!(file["preview"], json!({ "state": state }), "{name}");
        assert_eq!((&file["durationMs"], &file["pageCount"]), (&Value::Null, &Value::Null), "{name}");
    }
}
