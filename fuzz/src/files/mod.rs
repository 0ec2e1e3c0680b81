#[path = "../../../src/files/archive.rs"]
pub mod archive;
