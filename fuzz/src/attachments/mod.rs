#[path = "../../../src/attachments/disposition.rs"]
pub mod disposition;
#[path = "../../../src/attachments/file_name.rs"]
pub mod file_name;
#[path = "../../../src/attachments/location/mod.rs"]
pub mod location;
#[path = "../../../src/attachments/range.rs"]
pub mod range;
#[path = "../../../src/attachments/sniff.rs"]
pub mod sniff;

pub mod media_type {
    pub const OCTET_STREAM: &str = "application/octet-stream";
}
