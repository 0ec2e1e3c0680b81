//! The panel of a bucket as a WebAssembly module.

use dioxus::prelude::*;

use super::bucket_panel;
use crate::channels::model::{BucketLook, Channel};
use crate::conversations::buckets::model::BucketContents;
use crate::ui::Latest;

crate::lazy! { "buckets", PartMeanwhile:
    bucket_panel::BucketSections { channel: Channel, look: BucketLook, contents: Latest<BucketContents> }
}
