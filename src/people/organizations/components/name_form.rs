//! The form for your name or the organization's.

use std::rc::Rc;

use dioxus::prelude::*;

use super::session::refresh;
use crate::people::accounts::components::{SubmitButton, field_error};
use crate::people::organizations::api::{rename_organization, rename_user};
use crate::people::organizations::model::{NewName, SessionInfo};
use crate::platform::json::Body;
use crate::ui::{Field, FieldError, use_toast};

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
    let mut error = use_signal(|| None::<FieldError>);
    let mut busy = use_signal(|| false);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        async move {
            busy.set(true);
            let body = Body(NewName { name: name() });
            let saved = match of {
                Named::Oneself => rename_user(body).await,
                Named::Organization => rename_organization(body).await,
            };
            error.set(None);
            match saved {
                Ok(()) => {
                    refresh(session).await;
                    toast.show("Name saved");
                }
                Err(refused) => error.set(Some(field_error(refused))),
            }
            busy.set(false);
        }
    };
    let autocomplete = if of == Named::Oneself { "name" } else { "organization" };
    let wrong = FieldError::on(error.read().as_ref(), "name");
    rsx! {
        form { class: "form", "data-component": "NameForm", method: "post", novalidate: true, onsubmit: submit,
            Field { name: "name", label: "Name", autocomplete, value: name, error: wrong }
            SubmitButton { label: "Save name", wide: false, busy: busy(), error: error(), fields: vec!["name"] }
        }
    }
}
