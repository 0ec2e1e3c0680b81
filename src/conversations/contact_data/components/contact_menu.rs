//! What else can be done with a contact, in its panel.

use dioxus::prelude::*;
use lucide_dioxus::{FileArchive, Trash};

use super::delete_contact_dialog::DeleteContactDialog;
use crate::conversations::contact_data::model::DELETES_CONTACTS;
use crate::people::contacts::model::Contact;
use crate::people::organizations::components::use_session;
use crate::people::organizations::model::Permission;
use crate::ui::{Menu, MenuItem};

#[component]
pub fn ContactMenu(contact: Contact) -> Element {
    let session = use_session();
    let mut deleting = use_signal(|| false);
    let may_export = session.may(Permission::ContactEdit) && session.may(Permission::MessageViewAttachment);
    let may_delete = DELETES_CONTACTS.iter().all(|permission| session.may(*permission));
    if !may_export && !may_delete {
        return rsx! {};
    }
    let menu = "menu-of-contact";
    let zip = format!("/api/contacts/{}/export.zip", contact.id);
    rsx! {
        Menu { id: "{menu}", label: "More for {contact.display_name()}",
            if may_export {
                a { class: "menu-item", href: zip, download: "",
                    FileArchive { class: "icon" }
                    "Export all data"
                }
            }
            if may_delete {
                MenuItem { menu: "{menu}", danger: true, on_choose: move |()| deleting.set(true),
                    Trash { class: "icon" }
                    "Delete contact"
                }
            }
        }
        if deleting() {
            DeleteContactDialog { contact, on_close: move |()| deleting.set(false) }
        }
    }
}
