//! The latest of several requests for the same data. Responses may arrive in another order than the requests; the page
//! shows the latest.

use dioxus::prelude::*;

use crate::platform::error::Result;

/// Numbers requests for the same data.
#[derive(Clone, Copy, PartialEq)]
pub struct RequestOrder(CopyValue<Counts>);

#[derive(Clone, Copy, Default, PartialEq)]
struct Counts {
    begun: u64,
    shown: u64,
}

pub fn use_request_order() -> RequestOrder {
    use_hook(|| RequestOrder(CopyValue::new(Counts::default())))
}

impl RequestOrder {
    /// Begins a request. Call it before sending.
    pub fn begin(mut self) -> u64 {
        let mut counts = self.0.write();
        counts.begun += 1;
        counts.begun
    }

    /// Returns whether a response may be shown, because no later one is. Records that it is shown.
    pub fn shows(mut self, number: u64) -> bool {
        let mut counts = self.0.write();
        let is_newer = number > counts.shown;
        if is_newer {
            counts.shown = number;
        }
        is_newer
    }
}

/// Returns a function that reloads data. A failure keeps the current data.
pub fn use_refresh<T, F>(mut data: Signal<T>, fetch: impl Fn() -> F + 'static) -> Callback
where
    T: 'static,
    F: Future<Output = Result<T>> + 'static,
{
    let order = use_request_order();
    use_callback(move |()| {
        let number = order.begin();
        let answer = fetch();
        spawn(async move {
            if let Ok(fresh) = answer.await
                && order.shows(number)
            {
                data.set(fresh);
            }
        });
    })
}
