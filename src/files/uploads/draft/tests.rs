use super::*;

fn upload(number: u64, state: UploadState) -> Upload {
    Upload {
        number,
        key: number.to_string(),
        file_name: String::new(),
        renamed: false,
        file_size: 200,
        last_modified: 0,
        head: None,
        content_type: String::new(),
        preview_url: None,
        attachment_id: None,
        state,
    }
}

#[test]
fn failed_files_block_a_message_and_uploading_ones_do_not() {
    let under_way = upload(1, UploadState::Uploading { sent: 1 });
    let failed = upload(2, UploadState::Failed { reason: String::new(), can_retry: true });
    let draft = |uploads| Draft { uploads, ..Draft::default() };
    assert!(!draft(vec![]).can_send());
    assert!(draft(vec![under_way.clone()]).can_send());
    assert!(!draft(vec![under_way, failed]).can_send());
}

#[test]
fn text_written_while_sending_stays() {
    let sent = Draft { text: "Hello".to_owned(), uploads: vec![upload(1, UploadState::Verifying)], ..Draft::default() };
    let written = |text: &str| {
        let mut draft = sent.clone();
        draft.text = text.to_owned();
        draft.uploads.push(upload(2, UploadState::Verifying));
        draft.take(&sent);
        assert_eq!(draft.uploads.iter().map(|upload| upload.number).collect::<Vec<_>>(), [2]);
        draft.text
    };
    assert_eq!(["Hello", "Hello\nand more", "Other"].map(written), ["", "and more", "Other"]);
}

#[test]
fn stored_drafts_come_before_new_text() {
    let draft = |text: &str, key: &str| Draft { text: text.to_owned(), key: key.to_owned(), ..Draft::default() };
    for (kept, since, is) in
        [("Kept", "", "Kept"), ("", "Typed", "Typed"), ("Kept", "Typed", "Kept\nTyped"), ("Same", "Same", "Same")]
    {
        let mut now = draft(since, "");
        now.put_before(draft(kept, "key"));
        assert_eq!((now.text.as_str(), now.key.as_str()), (is, "key"));
    }
    let mut now = draft("", "newer");
    now.put_before(draft("", "older"));
    assert_eq!(now.key, "newer");
}

#[test]
fn files_change_places_within_the_message() {
    let mut draft = Draft { uploads: (1..=4).map(|n| upload(n, UploadState::Verifying)).collect(), ..Draft::default() };
    for (number, by, expected) in [
        (1, 2, [2, 3, 1, 4]),
        (4, -1, [2, 3, 4, 1]),
        (2, -5, [2, 3, 4, 1]),
        (2, 99, [3, 4, 1, 2]),
        (7, 1, [3, 4, 1, 2]),
    ] {
        draft.shift(number, by);
        assert_eq!(draft.uploads.iter().map(|upload| upload.number).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_hundred_percent_means_complete() {
    assert_eq!(upload(1, UploadState::Uploading { sent: 84 }).percent(), 42);
    assert_eq!(upload(1, UploadState::Uploading { sent: 200 }).percent(), 99);
    assert_eq!(upload(1, UploadState::Verifying).percent(), 99);
}
