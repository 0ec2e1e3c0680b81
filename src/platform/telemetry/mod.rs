//! What an operator sees of a running server: log lines, request ids, metrics. Which metrics there are, each feature decides.

pub mod http_metrics;
pub mod logs;
pub mod recorder;
pub mod request;
pub mod request_id;

pub use request_id::RequestId;
