#![no_main]

use attache_fuzz::people::contacts::model::PhoneNumber;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(phone) = PhoneNumber::parse(text) else { return };
    let digits = phone.digits();
    // `00` before a country is no part of them.
    assert!((1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(PhoneNumber::parse(&phone.to_string()).unwrap(), phone, "what is stored is read the same");
});
