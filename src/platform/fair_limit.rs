//! Fair sharing of a scarce resource between groups, such as organizations: one group never uses all of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// A number of slots, of which one group can use a maximum.
#[derive(Debug)]
pub struct FairLimit {
    all: Arc<Semaphore>,
    /// Maximum slots of one group.
    per_group: usize,
    groups: Mutex<HashMap<Uuid, Weak<Semaphore>>>,
}

/// One of a group's own slots, which is required to wait for a [`Slot`].
#[derive(Debug)]
pub struct GroupSlot {
    all: Arc<Semaphore>,
    own: OwnedSemaphorePermit,
    /// Keeps the group's counter alive while a member of the group has or awaits a slot.
    group: Arc<Semaphore>,
}

/// A slot. Freed when dropped.
#[derive(Debug)]
pub struct Slot {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _group: Arc<Semaphore>,
}

impl FairLimit {
    /// Creates `slots` slots, of which one group can use `per_group`.
    pub fn new(slots: usize, per_group: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(slots)), per_group, groups: Mutex::default() }
    }

    /// Waits for a slot, behind others of the same group only.
    pub async fn take(&self, group: Uuid) -> Slot {
        self.group_slot(group).await.slot().await
    }

    /// Waits for the others of its group.
    pub async fn group_slot(&self, group: Uuid) -> GroupSlot {
        let group = self.group(group);
        let own = group.clone().acquire_owned().await.expect("the semaphore is never closed");
        GroupSlot { all: self.all.clone(), own, group }
    }

    fn group(&self, id: Uuid) -> Arc<Semaphore> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get(&id).and_then(Weak::upgrade) {
            return group;
        }
        groups.retain(|_, group| group.strong_count() > 0);
        let group = Arc::new(Semaphore::new(self.per_group));
        groups.insert(id, Arc::downgrade(&group));
        group
    }
}

impl GroupSlot {
    /// Waits for the other groups.
    pub async fn slot(self) -> Slot {
        let all = self.all.acquire_owned().await.expect("the semaphore is never closed");
        Slot { _all: all, _own: self.own, _group: self.group }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_group_never_has_all_places() {
        let fair = FairLimit::new(3, 2);
        let (busy, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let held = [fair.take(busy).await, fair.take(busy).await];
        let mut waiting: Vec<_> = (0..50).map(|_| Box::pin(fair.take(busy))).collect();
        for wait in &mut waiting {
            assert!(wait.now_or_never().is_none());
        }
        let theirs = fair.take(other).now_or_never().expect("another group does not wait");
        drop((held, theirs));
        assert!((&mut waiting[0]).now_or_never().is_some(), "a slot that was given back is taken again");
    }

    #[tokio::test]
    async fn groups_that_left_are_forgotten() {
        let fair = FairLimit::new(2, 1);
        for group in 0..100 {
            drop(fair.take(Uuid::from_u128(group)).await);
        }
        assert_eq!(fair.groups.lock().unwrap().len(), 1);
    }
}
