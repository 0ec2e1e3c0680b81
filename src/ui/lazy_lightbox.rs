//! The lightbox as a WebAssembly module.

use dioxus::prelude::*;

use super::lightbox;
use super::lightbox_image::LightboxImage;

crate::lazy! { "lightbox", PartMeanwhile:
    lightbox::Lightbox {
        images: Vec<LightboxImage>,
        start: String,
        #[props(default)] has_before: bool,
        #[props(default)] has_more: bool,
        #[props(default)] on_near_start: EventHandler<()>,
        #[props(default)] on_near_end: EventHandler<()>,
        #[props(default)] on_show: EventHandler<String>,
        #[props(default)] text: Option<Callback<String, Element>>,
        #[props(default)] tools: Option<Callback<String, Element>>,
        on_close: EventHandler<()>,
    }
}
