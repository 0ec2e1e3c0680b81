//! Fair sharing of a scarce resource between groups, such as organizations: one group never uses all of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// A number of slots, of which one group can use a maximum.
#[derive(Debug)]
pub struct Fair {
    all: Arc<Semaphore>,
    /// Maximum slots of one group.
    of_one: usize,
    groups: Mutex<HashMap<Uuid, Weak<Semaphore>>>,
}

/// One of a group's own slots, which is required to wait for a [`Place`].
#[derive(Debug)]
pub struct OwnPlace {
    all: Arc<Semaphore>,
    own: OwnedSemaphorePermit,
    /// Keeps the group's counter alive while a member of the group has or awaits a slot.
    group: Arc<Semaphore>,
}

/// A slot. Freed when dropped.
#[derive(Debug)]
pub struct Place {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _group: Arc<Semaphore>,
}

impl Fair {
    /// Creates `places` slots, of which one group can use `of_one`.
    pub fn new(places: usize, of_one: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(places)), of_one, groups: Mutex::default() }
    }

    /// Waits for a slot, behind others of the same group only.
    pub async fn take(&self, group: Uuid) -> Place {
        self.own_place(group).await.place().await
    }

    /// Waits for the others of its group.
    pub async fn own_place(&self, group: Uuid) -> OwnPlace {
        let group = self.group(group);
        let own = group.clone().acquire_owned().await.expect("the semaphore is never closed");
        OwnPlace { all: self.all.clone(), own, group }
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

impl OwnPlace {
    /// Waits for the other groups.
    pub async fn place(self) -> Place {
        let all = self.all.acquire_owned().await.expect("the semaphore is never closed");
        Place { _all: all, _own: self.own, _group: self.group }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_group_never_has_all_places() {
        let fair = Fair::new(3, 2);
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
        let fair = Fair::new(2, 1);
        for group in 0..100 {
            drop(fair.take(Uuid::from_u128(group)).await);
        }
        assert_eq!(fair.groups.lock().unwrap().len(), 1);
    }
}
