//! Every problematic file name through presign, upload, list and download: it is returned safe, and otherwise
//! unchanged.

use attache::files::attachments::file_name::FileName;
use serde_json::json;

use crate::support::{TestApp, Upload, on_both_engines, text};

on_both_engines![every_name_goes_in_and_comes_out];

/// The given name, and the returned one. `None`: unchanged.
const NAMES: &[(&str, Option<&str>)] = &[
    ("plain.txt", None),
    ("spaces and  more.txt", None),
    ("nul\0byte.txt", Some("nul_byte.txt")),
    ("\u{1}\u{1f}\u{7f}\u{9f}.txt", Some("____.txt")),
    ("line\r\nSet-Cookie: a=b.txt", Some("line__Set-Cookie_ a=b.txt")),
    ("../../etc/passwd", Some(".._.._etc_passwd")),
    ("..\\..\\boot.ini", Some(".._.._boot.ini")),
    ("/absolute.txt", Some("_absolute.txt")),
    ("C:\\windows.txt", Some("C__windows.txt")),
    ("..", Some("")),
    (".", Some("")),
    ("   ", Some("")),
    ("", Some("")),
    (".hidden", None),
    ("trailing dots...", Some("trailing dots")),
    ("CON", Some("_CON")),
    ("nul.txt", Some("_nul.txt")),
    ("LPT9.tar.gz", Some("_LPT9.tar.gz")),
    ("a?b*c|d<e>f:g\"h.txt", Some("a_b_c_d_e_f_g_h.txt")),
    ("quote\"quote'quote`.txt", Some("quote_quote'quote`.txt")),
    ("semi;colon=equals,comma.txt", None),
    ("per%cent%20%00%2e%2e.txt", None),
    ("a\u{202e}gpj.exe", Some("agpj.exe")),
    ("\u{2066}iso\u{2069}late\u{200f}.txt", Some("isolate.txt")),
    ("\u{feff}bom.txt", Some("_bom.txt")),
    ("line\u{2028}separator.txt", Some("line_separator.txt")),
    ("фото отпуск.jpg", None),
    ("写真.jpg", None),
    ("صورة.jpg", None),
    ("תמונה.jpg", None),
    ("😀👩‍🚀🏳️‍🌈.png", None),
    ("e\u{301}a\u{308} combining.txt", None),
    ("Z̸̢a̵lgo.txt", None),
    ("ﷺ𝒳𐍈.txt", None),
    ("\u{fffd}\u{ffff}.txt", None),
    ("$(rm -rf ~);`id`&&echo.txt", None),
    ("<script>alert(1)</script>.html", Some("_script_alert(1)__script_.html")),
    ("'; DROP TABLE attachments; --.txt", None),
    ("{{7+7}}${7-7}.txt", None),
    ("UTF-8''%41.txt", None),
];

fn names() -> Vec<(String, String)> {
    let fixed = NAMES.iter().map(|(given, safe)| ((*given).to_owned(), safe.unwrap_or(given).to_owned()));
    let long = [
        (format!("{}.txt", "a".repeat(300)), format!("{}.txt", "a".repeat(251))),
        (format!("{}.jpeg", "写".repeat(200)), format!("{}.jpeg", "写".repeat(83))),
        ("😀".repeat(100), "😀".repeat(63)),
        (format!("{}.txt", "a".repeat(251)), format!("{}.txt", "a".repeat(251))),
        (format!("a.{}", "b".repeat(300)), format!("a.{}", "b".repeat(253))),
    ];
    fixed.chain(long).collect()
}

async fn every_name_goes_in_and_comes_out(app: TestApp) {
    let owner = app.owner().await;
    let jane = owner.contact("Jane", "", "5551234").await;
    let channel = text(&jane["channelId"]);
    for (given, safe) in names() {
        let body = json!({ "type": "attachment", "channelId": channel, "fileName": given, "fileSize": 1 });
        let upload = Upload::new(owner.post("/api/uploads/presign", body).await.ok(), b"x");
        assert_eq!(upload.put().await.status, 200, "{given:?}");
        assert_eq!(owner.complete(&upload.id).await.ok()["fileName"], safe.as_str(), "{given:?}");
        owner.send(&channel, "", &[&upload.id]).await.ok();
        assert_eq!(owner.messages(&channel).await[0]["attachments"][0]["fileName"], safe.as_str());
        let answer = owner.download(&upload.id, "?download=1").await;
        assert_eq!((answer.status, answer.bytes.as_slice()), (200, &b"x"[..]), "{given:?}");
        let original = if safe.is_empty() { "attachment" } else { &safe };
        let expected = FileName::new(&format!("Jane_5551234_{original}")).to_string();
        assert_saved_as(answer.header("content-disposition"), &expected);
    }
}

/// Parses the header like a browser: `attachment; filename="<ASCII>"; filename*=UTF-8''<percent-encoded>`.
#[track_caller]
fn assert_saved_as(header: &str, expected: &str) {
    let rest = header.strip_prefix("attachment; filename=\"").expect("a disposition with a plain name first");
    let (plain, encoded) = rest.split_once("\"; filename*=UTF-8''").expect("then the name in UTF-8");
    assert!(plain.chars().all(|c| (' '..='~').contains(&c) && !"\"\\%".contains(c)), "{header}");
    let is_attr_char = |c: char| c.is_ascii_alphanumeric() || "!#$&+-.^_`|~%".contains(c);
    assert!(encoded.chars().all(is_attr_char), "{header}");
    let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8().expect("UTF-8");
    assert_eq!(decoded, expected);
    assert!(decoded.len() <= 255 && !decoded.contains(['/', '\\', '\0']), "{decoded}");
}
