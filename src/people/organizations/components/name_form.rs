//! The form for your name or the organization's.

use std::rc::Rc;

use dioxus::prelude::*;

use super::session::refresh;
use crate::people::accounts::components::SubmitButton;
use crate::people::organizations::api::{rename_organization, rename_user};
use crate::people::organizations::model::{NewName, SessionInfo};
use crate::platform::json::Body;
use crate::ui::{Field, use_submit, use_toast};

/// Whose name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Oneself,
    Organization,
}

#[component]
pub fn NameForm(of: Named) -> Element {
    let session = use_context::<Signal<Rc<SessionInfo>>>();
    let toast = use_toast();
    let name = use_signal(|| match of {
        Named::Oneself => session.peek().user.name.clone(),
        Named::Organization => session.peek().organization.name.clone(),
    });
    let submit = use_submit();
    let save = move |event: FormEvent| {
        event.prevent_default();
        async move {
            let body = Body(NewName { name: name() });
            let saved = async {
                match of {
                    Named::Oneself => rename_user(body).await,
                    Named::Organization => rename_organization(body).await,
                }
            };
            if submit.run(saved).await.is_some() {
                refresh(session).await;
                toast.show("Name saved");
            }
        }
    };
    let autocomplete = if of == Named::Oneself { "name" } else { "organization" };
    rsx! {
        form { class: "form", "data-component": "NameForm", method: "post", novalidate: true, onsubmit: save,
            Field { name: "name", label: "Name", autocomplete, value: name, error: submit.error_on("name") }
            SubmitButton { label: "Save name", wide: false, submit, fields: vec!["name"] }
        }
    }
}
