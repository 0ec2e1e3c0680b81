//! The setting to keep photo locations.

use dioxus::prelude::*;

use crate::files::attachments::api::{get_photo_location, set_photo_location};
use crate::files::attachments::model::PhotoLocation;
use crate::platform::json::Body;
use crate::ui::{Choice, SelectField, use_hydrated, use_loaded, use_toast};

#[component]
pub fn PhotoLocationField() -> Element {
    use_loaded(get_photo_location)?.show("Location in photos", |choice: PhotoLocation| {
        rsx! {
            Field { first: choice.keep }
        }
    })
}

#[component]
fn Field(first: bool) -> Element {
    let hydrated = use_hydrated();
    let toast = use_toast();
    let mut keep = use_signal(|| first);
    let choose = move |chosen: String| {
        let choice = PhotoLocation { keep: chosen == "keep" };
        spawn(async move {
            match set_photo_location(Body(choice)).await {
                Ok(saved) => {
                    keep.set(saved.keep);
                    toast.show("Saved");
                }
                Err(error) => {
                    // Resets the list to the saved value.
                    keep.set(keep());
                    toast.show(error.message);
                }
            }
        });
    };
    let choice = |value: &str, text: &str| Choice { value: value.to_owned(), text: text.to_owned(), disabled: false };
    rsx! {
        div { class: "max-w-80",
            SelectField {
                name: "photo-location",
                label: "Location in new photos",
                value: if keep() { "keep" } else { "remove" },
                choices: vec![choice("remove", "Remove"), choice("keep", "Keep")],
                hint: "Removed from JPEG, PNG and WebP. HEIC, TIFF and videos are not changed. Share links always remove it where possible.",
                disabled: !hydrated,
                on_choose: choose,
            }
        }
    }
}
