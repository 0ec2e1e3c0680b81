//! Messages.

mod create;
mod create_with_attachment;
mod delete;
mod deliver;
mod edit;
mod get;
pub mod input;
mod list;
mod model;
mod recipient;
pub mod send;

pub use model::Message;

use utoipa_axum::routes;

use super::routes::Routes;
use crate::programs::access_tokens::model::Scope;

pub fn routes(routes: Routes) -> Routes {
    routes
        .scoped(Scope::MessagesWrite, routes!(create::create_message))
        .scoped_streamed(Scope::MessagesWrite, routes!(create_with_attachment::create_message_with_attachment))
        .scoped(Scope::MessagesRead, routes!(list::list_messages))
        .scoped(Scope::MessagesRead, routes!(get::get_message))
        .scoped(Scope::MessagesWrite, routes!(edit::edit_message))
        .scoped(Scope::MessagesWrite, routes!(delete::delete_message))
        .scoped(Scope::MessagesWrite, routes!(deliver::report_delivery))
}
