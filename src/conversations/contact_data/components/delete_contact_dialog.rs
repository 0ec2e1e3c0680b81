//! The confirmation to delete a contact: the person types its name.

use dioxus::core::spawn_forever;
use dioxus::prelude::*;

use crate::app::Route;
use crate::conversations::contact_data::api::delete_contact;
use crate::conversations::contact_data::model::Confirmation;
use crate::people::contacts::model::Contact;
use crate::platform::json::Body;
use crate::ui::{Dialog, Field, use_toast};

#[component]
pub fn DeleteContactDialog(contact: Contact, on_close: EventHandler<()>) -> Element {
    let toast = use_toast();
    let router = navigator();
    let typed = use_signal(String::new);
    let mut busy = use_signal(|| false);
    let (id, name) = (contact.id, contact.display_name());
    let is_typed = typed.read().trim().to_lowercase() == name.to_lowercase();
    let gone = format!("{name} was deleted.");
    let confirm = move |event: FormEvent| {
        event.prevent_default();
        let (gone, name) = (gone.clone(), typed());
        busy.set(true);
        // The live event may close the conversation with this dialog before the response arrives.
        spawn_forever(async move {
            match delete_contact(id, Body(Confirmation { name })).await {
                Ok(()) => {
                    toast.show(gone);
                    router.push(Route::InboxPage {});
                }
                Err(error) => {
                    toast.show(error.message);
                    if let Ok(mut busy) = busy.try_write() {
                        *busy = false;
                    }
                }
            }
        });
    };
    rsx! {
        Dialog { label: "Delete {name}?", on_close,
            form { method: "post", novalidate: true, onsubmit: confirm, "data-component": "DeleteContactDialog",
                h3 { "Delete {name}?" }
                p { "This permanently deletes the contact, the conversation, its messages and all its files, and can't be undone. Files that are also in other conversations stay there." }
                Field { name: "confirm-contact", label: "Type “{name}” to confirm", autocomplete: "off", value: typed, autofocus: true }
                div { class: "dialog-foot",
                    button { class: "btn", r#type: "button", onclick: move |_| on_close(()), "Cancel" }
                    button { class: "btn btn-danger", r#type: "submit", disabled: !is_typed || busy(), "Delete contact" }
                }
            }
        }
    }
}
