//! Shares something scarce between groups, such as organizations: however much one group asks for, there is room for the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// A number of places, of which one group never has all.
pub struct Fair {
    all: Arc<Semaphore>,
    /// Places that one group may hold at a time.
    of_one: usize,
    groups: Mutex<HashMap<Uuid, Weak<Semaphore>>>,
}

/// A place, until it is dropped.
pub struct Place {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    /// Keeps the group's count alive as long as one of it has a place or waits for one.
    _group: Arc<Semaphore>,
}

impl Fair {
    /// So many places, one of which no single group can have.
    pub fn new(places: usize) -> Self {
        let of_one = places.saturating_sub(1).max(1);
        Self { all: Arc::new(Semaphore::new(places.max(1))), of_one, groups: Mutex::default() }
    }

    /// Waits for a place, behind the others of its group only.
    pub async fn take(&self, group: Uuid) -> Place {
        let group = self.group(group);
        let closed = "the semaphore is never closed";
        let own = group.clone().acquire_owned().await.expect(closed);
        let all = self.all.clone().acquire_owned().await.expect(closed);
        Place { _all: all, _own: own, _group: group }
    }

    fn group(&self, id: Uuid) -> Arc<Semaphore> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get(&id).and_then(Weak::upgrade) {
            return group;
        }
        groups.retain(|_, group| group.strong_count() > 0);
        let group = Arc::new(Semaphore::new(self.of_one));
        groups.insert(id, Arc::downgrade(&group));
        group
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_group_never_has_all_places() {
        let fair = Fair::new(3);
        let (busy, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let held = [fair.take(busy).await, fair.take(busy).await];
        let mut waiting: Vec<_> = (0..50).map(|_| Box::pin(fair.take(busy))).collect();
        for wait in &mut waiting {
            assert!(wait.now_or_never().is_none());
        }
        let theirs = fair.take(other).now_or_never().expect("another group does not wait");
        drop((held, theirs));
        assert!((&mut waiting[0]).now_or_never().is_some(), "a place that was given back is taken again");
    }

    #[tokio::test]
    async fn groups_that_left_are_forgotten() {
        let fair = Fair::new(2);
        for group in 0..100 {
            drop(fair.take(Uuid::from_u128(group)).await);
        }
        assert_eq!(fair.groups.lock().unwrap().len(), 1);
    }
}
