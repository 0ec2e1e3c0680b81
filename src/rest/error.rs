//! The error of every route, as the document describes it. It is made by `platform::error`.

#![expect(dead_code, reason = "described, never made: AppError writes it")]

use utoipa::ToSchema;

/// What every failure answers.
#[derive(ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// What to do, in a sentence or two.
    #[schema(example = "A title has at most 200 characters.")]
    message: String,
    /// The status again.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    code: u16,
    data: ErrorData,
}

#[derive(ToSchema)]
#[schema(as = ErrorData)]
pub struct ErrorData {
    /// A name that does not change: docs/http.md lists them.
    #[schema(example = "invalid_value")]
    kind: String,
    message: String,
    /// The field at fault, where one is.
    #[schema(example = "title", nullable = false)]
    field: Option<String>,
    /// Seconds to wait, of `rate_limited`.
    #[schema(nullable = false)]
    #[schema(rename = "retryAfter")]
    retry_after: Option<u32>,
}
