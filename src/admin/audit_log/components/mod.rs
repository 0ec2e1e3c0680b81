//! The page of the audit log.

mod audit_filters;
mod audit_log_page;
mod audit_table;

pub use audit_log_page::AuditLogPage;
