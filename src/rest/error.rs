//! The documented error of every route. `platform::error` creates it.

#![expect(dead_code, reason = "described, never made: AppError writes it")]

use utoipa::ToSchema;
use uuid::Uuid;

/// The body of every error.
#[derive(ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// What went wrong and what to do.
    #[schema(example = "A title can have at most 200 characters.")]
    message: String,
    /// The HTTP status.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    code: u16,
    data: ErrorData,
    /// The ID of the request, as in the `X-Request-Id` header. The server's log has it too.
    #[schema(example = "019a5d2e-7c41-7d30-9f6b-2b1f4f0a8f3a", nullable = false)]
    #[schema(rename = "requestId")]
    request_id: Option<Uuid>,
}

#[derive(ToSchema)]
#[schema(as = ErrorData)]
pub struct ErrorData {
    /// A stable name for the error.
    #[schema(example = "invalid_value")]
    kind: String,
    message: String,
    /// The field that caused the error, if any.
    #[schema(example = "title", nullable = false)]
    field: Option<String>,
    /// Seconds to wait before trying again, if known.
    #[schema(nullable = false)]
    #[schema(rename = "retryAfter")]
    retry_after: Option<u32>,
}
