//! Files in every encoding, and damaged ones.

use proptest::prelude::*;

use super::*;

fn names(bytes: &[u8]) -> Vec<(u32, String)> {
    let file = read(bytes).unwrap();
    file.rows.into_iter().map(|row| (row.line, row.contact.first_name)).collect()
}

fn message(bytes: &[u8]) -> String {
    read(bytes).map(|file| file.rows.len()).unwrap_err().message
}

#[test]
fn every_encoding_is_read() {
    let text = "First name,Phone\nZoë,123\nJosé,456\n";
    let expected = [(2, "Zoë".to_owned()), (3, "José".to_owned())];
    let utf16 = |little: bool| {
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect::<Vec<_>>()
    };
    let windows: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let marked = format!("\u{feff}{text}");
    for bytes in [text.as_bytes().to_vec(), marked.into_bytes(), utf16(true), utf16(false), windows] {
        assert_eq!(names(&bytes), expected, "{bytes:?}");
    }
    let mut late = b"First name,Phone\n".to_vec();
    late.extend("Anna Smith,5551234\n".repeat(5000).bytes());
    late.extend(b"Zo\xeb,1234567\n");
    assert_eq!(names(&late).last().unwrap().1, "Zoë");
}

#[test]
fn every_separator_is_found() {
    for separator in [",", ";", "\t"] {
        let file = format!("Last name{separator}First name\n\"a{separator}b\"{separator}Jane\n");
        let rows = read(file.as_bytes()).unwrap().rows;
        assert_eq!(rows[0].contact.last_name, format!("a{separator}b"));
        assert_eq!(rows[0].contact.first_name, "Jane");
    }
    let declared = "sep=|\nFirst name|Phone\nJane|123\n";
    assert_eq!(names(declared.as_bytes()), [(3, "Jane".to_owned())]);
}

#[test]
fn rows_know_their_line() {
    let file = "\n\nFirst name,Note\r\nJane,\"two\r\nlines\"\r\n\r\n,\r\nBob,x\rEve,y";
    assert_eq!(names(file.as_bytes()), [(4, "Jane".to_owned()), (8, "Bob".to_owned()), (9, "Eve".to_owned())]);
    assert_eq!(read(file.as_bytes()).unwrap().rows[0].contact.note, "two\nlines");
}

#[test]
fn a_lone_quotation_mark_is_an_error_of_its_row() {
    let file = read(b"First name,Phone\nJane,123\n\"Bob,456\nEve,789\n").unwrap();
    assert_eq!(file.rows.len(), 1);
    assert_eq!((file.errors.len(), file.errors[0].line), (1, 3));
    let swallowed = read(b"First name,Phone\n\"Bob,456\nEve\",789\n").unwrap();
    assert_eq!((swallowed.rows.len(), swallowed.errors[0].line), (0, 2));
}

#[test]
fn names_phones_and_addresses_come_in_many_forms() {
    let file = "Name,Phone 1 - Value,Phone 2 - Value,Email\nMaria van der Berg,'+44 20 7946 0958 ::: 123456,020 7946 0958,a@example.com ::: b@example.com\n";
    let contact = &read(file.as_bytes()).unwrap().rows[0].contact;
    assert_eq!((contact.first_name.as_str(), contact.last_name.as_str()), ("Maria", "van der Berg"));
    let numbers: Vec<_> = contact.phones.iter().map(|phone| phone.number.as_str()).collect();
    assert_eq!(numbers, ["+44 20 7946 0958", "123456"]);
    assert_eq!(contact.email, "a@example.com");
}

#[test]
fn files_without_contacts_are_rejected() {
    assert!(message(b"").contains("empty"));
    assert!(message(b"PK\x03\x04\0\0\0\x08\0\xff\xfe\0\0xl/workbook.xml").contains("isn't text"));
    assert!(message(b"a,b\n1,2\n").contains("known name"));
    assert!(message(b"First name,Phone\n , \n").contains("no rows"));
    let long = format!("Phone\n{}", "5551234\n".repeat(ROWS_MAX + 1));
    assert!(message(long.as_bytes()).contains("more than 10000 rows"));
    let full = format!("Phone\n{}", "5551234\n".repeat(ROWS_MAX));
    assert_eq!(read(full.as_bytes()).unwrap().rows.len(), ROWS_MAX);
    let extra = read(b"Phone\n123,456,Bob\n").unwrap();
    assert_eq!((extra.rows.len(), extra.errors[0].line), (0, 2));
}

proptest! {
    #[test]
    fn damaged_files_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let mut file = b"First name,Phone,Note\n".to_vec();
        file.extend(&bytes);
        if let Ok(file) = read(&file) {
            prop_assert!(file.rows.iter().all(|row| row.line > 1));
        }
    }

    #[test]
    fn damaged_texts_do_no_harm(text in "[a-c\"',;\t\r\n\u{0}é=+-]{0,80}") {
        let file = format!("First name;Phone;Note\n{text}");
        if let Ok(file) = read(file.as_bytes()) {
            let lines = u32::try_from(text.replace("\r\n", "\n").matches(['\r', '\n']).count()).unwrap() + 2;
            prop_assert!(file.rows.iter().all(|row| (2..=lines).contains(&row.line)));
            prop_assert!(file.errors.iter().all(|error| (2..=lines).contains(&error.line)));
        }
    }
}
