//! A limit on concurrent PUTs, over all files and all tabs. A browser has six connections to a host over HTTP/1.1: one
//! is the stream of live events, and two must stay free for other requests.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use futures_channel::oneshot;
use futures_util::future::select_all;

use crate::platform::browser::{Lock, LockMode, request_lock};

/// Number of slots. `public/request.js` uses the same ones.
pub const SLOTS: usize = 3;

thread_local! {
    static SLOTS_IN_USE: Cell<usize> = const { Cell::new(0) };
    static WAITING: RefCell<VecDeque<oneshot::Sender<TabSlot>>> = RefCell::default();
}

/// Permission to send. When dropped, it is passed to the longest waiter. A tab that closes frees its slots.
pub struct Slot {
    _of_all_tabs: Option<Lock>,
    _of_this_tab: TabSlot,
}

/// One of this tab's slots.
struct TabSlot(());

/// Waits for a slot, in the order of the calls.
pub async fn take() -> Slot {
    let of_this_tab = take_in_tab().await;
    Slot { _of_all_tabs: take_in_browser().await, _of_this_tab: of_this_tab }
}

/// Waits for one of the locks that all tabs share. Without locks, as on plain http, each tab has its own limit.
async fn take_in_browser() -> Option<Lock> {
    let requests = (1..=SLOTS).map(|slot| request_lock(&format!("attache-upload-slot-{slot}"), LockMode::Queue));
    // The first one counts. The others are dropped, which cancels them.
    let (granted, ..) = select_all(requests.collect::<Option<Vec<_>>>()?).await;
    granted.map(|(lock, _)| lock)
}

async fn take_in_tab() -> TabSlot {
    if SLOTS_IN_USE.get() < SLOTS {
        SLOTS_IN_USE.set(SLOTS_IN_USE.get() + 1);
        return TabSlot(());
    }
    loop {
        let (sender, receiver) = oneshot::channel();
        WAITING.with_borrow_mut(|waiting| waiting.push_back(sender));
        if let Ok(slot) = receiver.await {
            return slot;
        }
    }
}

impl Drop for TabSlot {
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
            drop(next.send(TabSlot(())));
        }
    }
}
