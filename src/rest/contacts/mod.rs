//! Contacts.

mod change;
mod get;
mod list;
mod model;
mod save;

pub use model::Contact;

use utoipa_axum::routes;

use super::routes::Routes;
use crate::programs::access_tokens::model::Scope;

pub fn routes(routes: Routes) -> Routes {
    routes
        .scoped(Scope::ContactsWrite, routes!(save::save_contact))
        .scoped(Scope::ContactsRead, routes!(list::list_contacts))
        .scoped(Scope::ContactsRead, routes!(get::get_contact))
        .scoped(Scope::ContactsWrite, routes!(change::change_contact))
}
