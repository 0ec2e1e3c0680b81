//! Claims to write an object: of several requests for the same object, the newest continues and the others end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::platform::storage::ObjectKey;

type Claims = HashMap<String, Arc<Notify>>;

#[derive(Default)]
pub struct Newest(Arc<Mutex<Claims>>);

/// One request's claim to write. Released when dropped.
pub struct Claim {
    claims: Arc<Mutex<Claims>>,
    key: String,
    ended: Arc<Notify>,
}

impl Newest {
    /// Begins a request and ends the previous one.
    pub fn begin(&self, key: &ObjectKey) -> Claim {
        let (key, ended) = (key.to_string(), Arc::new(Notify::new()));
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), ended.clone());
        if let Some(before) = before {
            before.notify_one();
        }
        Claim { claims: self.0.clone(), key, ended }
    }

    /// Ends the running request, if there is one, because its upload is over.
    pub fn end(&self, key: &ObjectKey) {
        let under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key.to_string()).cloned();
        if let Some(under_way) = under_way {
            under_way.notify_one();
        }
    }
}

impl Claim {
    /// Waits until another request takes over, or the upload ends.
    pub async fn superseded(&self) {
        self.ended.notified().await;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        if claims.get(&self.key).is_some_and(|newest| Arc::ptr_eq(newest, &self.ended)) {
            claims.remove(&self.key);
        }
    }
}
