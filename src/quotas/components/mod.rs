//! What people see of quotas.

mod retention_field;
mod room;
mod storage_page;
mod usage_table;

pub use room::use_storage_room;
pub use storage_page::StoragePage;
