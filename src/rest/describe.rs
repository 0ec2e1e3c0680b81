//! Descriptions for all routes of a kind, so that no handler repeats them: who may call, and its errors.

use serde_json::json;
use utoipa::Modify;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, Paths};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
    SecurityRequirement, Type,
};

use super::idempotency;
use super::routes::Access;
use crate::people::accounts::service::SESSION_COOKIE;
use crate::platform::error::{AppError, ErrorKind};

/// The names of the authentication schemes.
const TOKEN: &str = "accessToken";
const LOG_IN: &str = "logIn";
const COOKIE: &str = "session";

pub struct Authentication;

impl Modify for Authentication {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_with(Components::new);
        let mut token = Http::new(HttpAuthScheme::Bearer);
        token.description = Some(
            "An access token with the prefix zat_, created in the settings or with `POST /access-tokens`.".to_owned(),
        );
        components.add_security_scheme(TOKEN, SecurityScheme::Http(token));
        let mut log_in = Http::new(HttpAuthScheme::Bearer);
        log_in.bearer_format = Some("JWT".to_owned());
        log_in.description =
            Some("The access token of `POST /auth/login`. It has all permissions of its owner.".to_owned());
        components.add_security_scheme(LOG_IN, SecurityScheme::Http(log_in));
        let cookie = ApiKeyValue::with_description(SESSION_COOKIE, "The session cookie of a browser.");
        components.add_security_scheme(COOKIE, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// Documents who may call, and the errors that follow from that and from the route's input.
pub fn access(access: Access, paths: &mut Paths) {
    for (is_post, operation) in operations(paths) {
        let needs = match access {
            Access::Open => {
                operation.security = Some(Vec::new());
                None
            }
            Access::People => {
                let none: [&str; 0] = [];
                operation.security =
                    Some(vec![SecurityRequirement::new(LOG_IN, none), SecurityRequirement::new(COOKIE, none)]);
                Some("Not available to access tokens.".to_owned())
            }
            Access::Scoped(scope) => {
                let none: [&str; 0] = [];
                operation.security =
                    Some(vec![SecurityRequirement::new(TOKEN, [scope.name()]), SecurityRequirement::new(LOG_IN, none)]);
                if is_post {
                    repeatable(operation);
                }
                Some(format!("The token lacks the scope {scope}, or its owner lacks a permission."))
            }
        };
        if let Some(needs) = needs {
            refusal(operation, ErrorKind::Unauthenticated, "Missing or invalid credentials.");
            refusal(operation, ErrorKind::Forbidden, &needs);
        }
        if operation.parameters.is_some() || operation.request_body.is_some() {
            refusal(operation, ErrorKind::MalformedRequest, "The request is malformed; see `field`.");
        }
        if operation.request_body.is_some() {
            refusal(operation, ErrorKind::TooSlow, "The request timed out.");
            refusal(operation, ErrorKind::TooLarge, "The body is too large.");
            refusal(operation, ErrorKind::UnsupportedMediaType, "The body has the wrong content type.");
        }
        let names_something = |list: &Vec<_>| list.iter().any(is_path);
        if operation.parameters.as_ref().is_some_and(names_something)
            || (access != Access::Open && operation.request_body.is_some())
        {
            refusal(operation, ErrorKind::NotFound, "Not found, or you don't have access.");
        }
        if operation.parameters.is_some() || operation.request_body.is_some() {
            refusal(operation, ErrorKind::InvalidValue, "A value is not valid; see `field`.");
        }
        refusal(operation, ErrorKind::RateLimited, "Too many requests; see `Retry-After`.");
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                limits(response);
            }
        }
    }
}

/// Documents the idempotency header.
fn repeatable(operation: &mut Operation) {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(idempotency::KEY_MAX))
        .pattern(Some("^[!-~]+$"));
    let parameter = ParameterBuilder::new()
        .name(idempotency::HEADER_TITLE)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A key of your choice, such as a UUID. Repeating a request with the same key within 24 \
            hours returns the first response and has no other effect.",
        ))
        .schema(Some(text.build()))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
    refusal(operation, ErrorKind::Conflict, "The same request is in progress, or it conflicts with the current state.");
}

/// Documents the rate limit headers of every response.
fn limits(response: &mut Response) {
    let number = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build();
    for (name, words) in [
        ("RateLimit-Limit", "Requests allowed per minute."),
        ("RateLimit-Remaining", "Requests left."),
        ("RateLimit-Reset", "Seconds until the limit resets."),
    ] {
        let header = HeaderBuilder::new().schema(Some(number())).description(Some(words)).build();
        response.headers.insert(name.to_owned(), RefOr::T(header));
    }
}

fn is_path(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Path)
}

/// Returns all operations, each with whether it is a POST.
fn operations(paths: &mut Paths) -> impl Iterator<Item = (bool, &mut Operation)> {
    paths.paths.values_mut().flat_map(|item| {
        let others = [&mut item.get, &mut item.put, &mut item.delete, &mut item.patch, &mut item.head];
        let others = others.into_iter().flatten().map(|operation| (false, operation));
        others.chain(item.post.iter_mut().map(|operation| (true, operation)))
    })
}

/// Adds an error, unless the handler has described this status itself.
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
