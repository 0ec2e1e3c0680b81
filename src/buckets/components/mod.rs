//! What people see of buckets: the form, and what stands beside and below a bucket's feed.

mod bucket_footer;
mod bucket_form;
mod bucket_panel;
mod pages;

pub use bucket_footer::BucketFooter;
pub use bucket_panel::BucketSections;
pub use pages::{BucketPage, NewBucketPage};
