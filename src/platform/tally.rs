//! Counters by group, such as bytes by organization, of work in progress on this server.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

/// A counter by group. Cheap to clone: all clones share it. `K` is the id of a group.
#[derive(Debug)]
pub struct Tally<K: Eq + Hash + Clone = Uuid>(Arc<Mutex<HashMap<K, u64>>>);

impl<K: Eq + Hash + Clone> Default for Tally<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash + Clone> Clone for Tally<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A share of a group's count. Subtracted when dropped.
#[derive(Debug)]
pub struct Share<K: Eq + Hash + Clone = Uuid> {
    tally: Tally<K>,
    group: K,
    count: u64,
}

impl<K: Eq + Hash + Clone> Tally<K> {
    /// Returns an empty share.
    pub fn share(&self, group: K) -> Share<K> {
        Share { tally: self.clone(), group, count: 0 }
    }

    /// Returns how much all groups have together.
    pub fn total(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

impl<K: Eq + Hash + Clone> Share<K> {
    /// Returns the size of this share.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds to the share. Returns the total of the group.
    pub fn add(&mut self, count: u64) -> u64 {
        let mut groups = self.tally.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = groups.entry(self.group.clone()).or_default();
        *all = all.saturating_add(count);
        self.count = self.count.saturating_add(count);
        *all
    }
}

impl<K: Eq + Hash + Clone> Drop for Share<K> {
    fn drop(&mut self) {
        let mut groups = self.tally.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = groups.get_mut(&self.group) {
            *all = all.saturating_sub(self.count);
            if *all == 0 {
                groups.remove(&self.group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_group_count_together_and_are_given_back() {
        let tally = Tally::default();
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (mut first, mut second, mut apart) = (tally.share(one), tally.share(one), tally.share(other));
        assert_eq!((first.add(5), second.add(2), second.add(1), apart.add(9)), (5, 7, 8, 9));
        assert_eq!((first.count(), second.count(), tally.total()), (5, 3, 17));
        drop(first);
        assert_eq!(second.add(0), 3);
        drop((second, apart));
        assert!(tally.0.lock().unwrap().is_empty(), "no group is remembered");
    }
}
