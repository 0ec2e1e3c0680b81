#[path = "../../../src/platform/content_disposition.rs"]
pub mod content_disposition;
#[path = "../../../src/platform/file_types/mod.rs"]
pub mod file_types;
#[path = "../../../src/platform/timestamp.rs"]
pub mod timestamp;

pub mod error {
    #[derive(Debug)]
    pub struct AppError;

    pub type Result<T> = std::result::Result<T, AppError>;

    impl AppError {
        pub fn invalid(_: &str, _: impl Into<String>) -> Self {
            Self
        }
    }
}
