//! Files: uploaded in advance, fetched, read and removed.

mod complete;
mod delete;
mod download;
mod download_from_url;
mod fail;
mod get;
mod list;
mod model;
mod of_message;
mod presign;
mod upload;

pub use download::FileUrl;
pub use model::StoredFile;

use utoipa_axum::routes;

use super::routes::Routes;
use crate::programs::access_tokens::model::Scope;

pub fn routes(routes: Routes) -> Routes {
    routes
        .scoped_streamed(Scope::AttachmentsWrite, routes!(upload::upload_attachment))
        .scoped(Scope::AttachmentsWrite, routes!(download_from_url::download_from_url))
        .scoped(Scope::AttachmentsWrite, routes!(presign::presign_attachment))
        .scoped(Scope::AttachmentsWrite, routes!(complete::complete_attachment))
        .scoped(Scope::AttachmentsWrite, routes!(fail::fail_attachment))
        .scoped(Scope::AttachmentsRead, routes!(list::list_attachments))
        .scoped(Scope::AttachmentsRead, routes!(get::get_attachment))
        .scoped(Scope::AttachmentsRead, routes!(download::download_attachment))
        .open(routes!(download::download_public_attachment))
        .open(routes!(download::download_signed_attachment))
        .scoped(Scope::AttachmentsRead, routes!(of_message::list_message_attachments))
        .scoped(Scope::AttachmentsDelete, routes!(delete::delete_attachment))
}
