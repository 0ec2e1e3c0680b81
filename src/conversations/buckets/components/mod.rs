//! Components of buckets: the form, the panel and the footer of a feed.

mod bucket_footer;
mod bucket_form;
mod bucket_panel;
mod lazy;
mod pages;

pub use bucket_footer::BucketFooter;
pub use lazy::{BucketSections, fetch as fetch_bucket};
pub use pages::{BucketPage, NewBucketPage};
