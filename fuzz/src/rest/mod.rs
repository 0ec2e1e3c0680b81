#[path = "../../../src/rest/fingerprint.rs"]
pub mod fingerprint;
