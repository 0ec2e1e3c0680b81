//! How many PUTs are under way at once, over all files. A browser has six connections to a host over HTTP/1.1; the rest must
//! stay free for everything else.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use futures_channel::oneshot;

const SLOTS: usize = 4;

thread_local! {
    static TAKEN: Cell<usize> = const { Cell::new(0) };
    static WAITING: RefCell<VecDeque<oneshot::Sender<Slot>>> = RefCell::default();
}

/// The right to send. Dropped, it goes to who has waited longest.
pub struct Slot(());

/// Waits for a slot, in the order of asking.
pub async fn take() -> Slot {
    if TAKEN.get() < SLOTS {
        TAKEN.set(TAKEN.get() + 1);
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
        TAKEN.set(TAKEN.get() - 1);
        while TAKEN.get() < SLOTS {
            let Some(next) = WAITING.with_borrow_mut(VecDeque::pop_front) else { return };
            // Who was canceled while waiting is passed over.
            if next.is_canceled() {
                continue;
            }
            TAKEN.set(TAKEN.get() + 1);
            // If it is canceled just now, the slot comes back and is dropped here, which hands it on.
            drop(next.send(Slot(())));
        }
    }
}
