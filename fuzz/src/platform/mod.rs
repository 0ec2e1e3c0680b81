#[path = "../../../src/platform/content_disposition.rs"]
pub mod content_disposition;
#[path = "../../../src/platform/file_types/mod.rs"]
pub mod file_types;
#[path = "../../../src/platform/lists.rs"]
pub mod lists;
#[path = "../../../src/platform/normal_form.rs"]
pub mod normal_form;
#[path = "../../../src/platform/search.rs"]
pub mod search;
#[path = "../../../src/platform/timestamp.rs"]
pub mod timestamp;
#[path = "../../../src/platform/visible.rs"]
pub mod visible;

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
