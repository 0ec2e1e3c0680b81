//! What the document says of every route of a kind, so that no handler has to repeat it: who may call, and how it refuses.

use serde_json::json;
use utoipa::Modify;
use utoipa::openapi::path::{Operation, Paths};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, SecurityRequirement,
};

use super::routes::Access;
use crate::platform::error::{AppError, ErrorKind};

const TOKEN: &str = "accessToken";

/// The ways to say who one is.
pub struct Authentication;

impl Modify for Authentication {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_with(Components::new);
        let mut token = Http::new(HttpAuthScheme::Bearer);
        token.description = Some("An access token: zat_ and its secret. Make one in the settings.".to_owned());
        components.add_security_scheme(TOKEN, SecurityScheme::Http(token));
    }
}

/// Writes who may call, and the refusals that follow from it and from what the route takes.
pub fn access(access: Access, paths: &mut Paths) {
    let Access::Scoped(scope) = access;
    for operation in operations(paths) {
        operation.security = Some(vec![SecurityRequirement::new(TOKEN, [scope.name()])]);
        refusal(operation, ErrorKind::Unauthenticated, "No access token, or one that is not known.");
        refusal(operation, ErrorKind::Forbidden, &format!("The token lacks the scope {scope}, or its member may not."));
        if operation.parameters.is_some() || operation.request_body.is_some() {
            refusal(operation, ErrorKind::MalformedRequest, "The request cannot be read; `field` says where.");
        }
        if operation.request_body.is_some() {
            refusal(operation, ErrorKind::NotFound, "What the request names does not exist, or is not yours.");
            refusal(operation, ErrorKind::TooLarge, "The body is too large.");
            refusal(operation, ErrorKind::UnsupportedMediaType, "The body is of another type.");
            refusal(operation, ErrorKind::InvalidValue, "A field has a value that cannot be accepted.");
        }
        if operation.parameters.as_ref().is_some_and(|list| list.iter().any(is_path)) {
            refusal(operation, ErrorKind::NotFound, "It does not exist, or is not yours.");
        }
    }
}

fn is_path(parameter: &RefOr<utoipa::openapi::path::Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == utoipa::openapi::path::ParameterIn::Path)
}

fn operations(paths: &mut Paths) -> impl Iterator<Item = &mut Operation> {
    paths.paths.values_mut().flat_map(|item| {
        [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch, &mut item.head]
            .into_iter()
            .flatten()
    })
}

/// Adds a refusal, unless the handler has described one of this status itself.
fn refusal(operation: &mut Operation, kind: ErrorKind, words: &str) {
    let status = AppError::new(kind, "").status().as_u16().to_string();
    operation.responses.responses.entry(status).or_insert_with(|| RefOr::T(response(kind, words)));
}

fn response(kind: ErrorKind, words: &str) -> Response {
    let error = AppError::new(kind, words);
    let example = json!({ "message": words, "code": error.status().as_u16(), "data": error });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).example(Some(example)).build();
    ResponseBuilder::new().description(words).content("application/json", content).build()
}
