//! The panel of a bucket as a WebAssembly module.

use dioxus::prelude::*;

use super::bucket_panel;
use crate::channels::model::{BucketLook, Channel};

crate::lazy! { "buckets", PartMeanwhile:
    bucket_panel::BucketSections { channel: Channel, look: BucketLook }
}
