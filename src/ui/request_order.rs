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

    /// Returns whether the response to the last request is shown.
    pub fn is_settled(self) -> bool {
        let counts = self.0.peek();
        counts.begun == counts.shown
    }
}

/// Data of which the latest response is shown.
pub struct Latest<T: 'static> {
    pub value: Signal<Option<T>>,
    order: RequestOrder,
}

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Latest<T> {}

impl<T> PartialEq for Latest<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

pub fn use_latest<T>(first: impl FnOnce() -> Option<T>) -> Latest<T> {
    Latest { value: use_signal(first), order: use_request_order() }
}

/// Requests data whenever there is none.
pub fn use_first_load<T, F>(data: Latest<T>, fetch: impl Fn() -> F + 'static)
where
    F: Future<Output = Result<T>> + 'static,
{
    use_effect(move || {
        if data.value.read().is_none() {
            spawn(data.reload(fetch()));
        }
    });
}

impl<T> Latest<T> {
    /// Begins a request. Call it before sending.
    pub fn begin(self) -> u64 {
        self.order.begin()
    }

    /// Shows the response to a request, unless that to a later one is shown.
    pub fn show(mut self, number: u64, value: Option<T>) {
        if self.order.shows(number) {
            self.value.set(value);
        }
    }

    /// Requests the data again. A failure keeps the current data.
    pub fn reload(self, answer: impl Future<Output = Result<T>>) -> impl Future<Output = ()> {
        let number = self.begin();
        // Where the server renders, it contains all the work of the response.
        let answer = Box::pin(answer);
        async move {
            if let Ok(value) = answer.await {
                self.show(number, Some(value));
            }
        }
    }

    /// Returns the data, unless it is loading again or the last request failed.
    pub fn settled(self) -> Option<T>
    where
        T: Clone,
    {
        if self.order.is_settled() { self.value.peek().clone() } else { None }
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
