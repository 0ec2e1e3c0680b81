//! A limit on concurrent PUTs, over all files. A browser has six connections to a host over HTTP/1.1; the rest must
//! stay free for other requests.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use futures_channel::oneshot;

const SLOTS: usize = 4;

thread_local! {
    static SLOTS_IN_USE: Cell<usize> = const { Cell::new(0) };
    static WAITING: RefCell<VecDeque<oneshot::Sender<Slot>>> = RefCell::default();
}

/// Permission to send. When dropped, it is passed to the longest waiter.
pub struct Slot(());

/// Waits for a slot, in the order of the calls.
pub async fn take() -> Slot {
    if SLOTS_IN_USE.get() < SLOTS {
        SLOTS_IN_USE.set(SLOTS_IN_USE.get() + 1);
        return Slot(());
    }
    loop {
        let (sender, receiver) = oneshot::channel();
        WAITING.with_borrow_mut(|waiting| waiting.push_back(sender));
        if let Ok(slot) = receiver.await {
            return slot;
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        SLOTS_IN_USE.set(SLOTS_IN_USE.get() - 1);
        while SLOTS_IN_USE.get() < SLOTS {
            let Some(next) = WAITING.with_borrow_mut(VecDeque::pop_front) else { return };
            // A waiter that was canceled is skipped.
            if next.is_canceled() {
                continue;
            }
            SLOTS_IN_USE.set(SLOTS_IN_USE.get() + 1);
            // If it is canceled just now, the slot is returned and dropped here, which passes it on.
            drop(next.send(Slot(())));
        }
    }
}
