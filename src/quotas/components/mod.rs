//! What people see of quotas.

mod retention_field;
mod storage_page;
mod usage_table;

pub use storage_page::StoragePage;
