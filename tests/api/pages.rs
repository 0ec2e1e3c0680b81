//! What stands beside the pages: files of the public folder.

use crate::support::{Process, User};

#[tokio::test]
async fn a_font_is_kept_and_a_missing_one_is_not() {
    let data = tempfile::tempdir().unwrap();
    let fonts = data.path().join("public/fonts");
    std::fs::create_dir_all(&fonts).unwrap();
    std::fs::write(fonts.join("inter.woff2"), b"font").unwrap();
    let server = Process::start(data.path());
    let visitor = User::new(&server.base);
    let font = visitor.get("/fonts/inter.woff2").await;
    assert_eq!((font.status, &font.bytes[..]), (200, &b"font"[..]));
    assert_eq!(font.header("cache-control"), "public, max-age=2592000");
    let missing = visitor.get("/fonts/other.woff2").await;
    assert_eq!(missing.status, 404);
    assert!(!missing.header("cache-control").contains("public"));
}
