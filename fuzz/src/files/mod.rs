#[path = "../../../src/files/location/mod.rs"]
pub mod location;

pub mod attachments {
    #[path = "../../../../src/files/attachments/disposition.rs"]
    pub mod disposition;
    #[path = "../../../../src/files/attachments/file_name.rs"]
    pub mod file_name;
    #[path = "../../../../src/files/attachments/range.rs"]
    pub mod range;
    #[path = "../../../../src/files/attachments/sniff.rs"]
    pub mod sniff;
}

pub mod library {
    #[path = "../../../../src/files/library/archive.rs"]
    pub mod archive;
}
