//! Bytes that are coming in and are counted nowhere else yet, by group.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

#[derive(Default)]
pub struct Reserved(Mutex<HashMap<Uuid, u64>>);

impl Reserved {
    /// Adds bytes to a group's; returns all that the group has.
    pub fn add(&self, group: Uuid, bytes: u64) -> u64 {
        let mut reserved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = reserved.entry(group).or_default();
        *all = all.saturating_add(bytes);
        *all
    }

    pub fn remove(&self, group: Uuid, bytes: u64) {
        let mut reserved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = reserved.get_mut(&group) {
            *all = all.saturating_sub(bytes);
            if *all == 0 {
                reserved.remove(&group);
            }
        }
    }
}
