//! Web Locks: of all tabs of a site, one at a time has the lock of a name. `navigator.locks` is called by name, because
//! `web-sys` has it as an unstable feature only.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_channel::oneshot;
use futures_util::FutureExt;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::platform::browser::LockMode;

/// A lock of this tab. Released when dropped, or when the tab closes.
pub struct Lock(Function);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// The end of a lock.
pub struct LockEnd(JsFuture);

impl LockEnd {
    /// Waits until the lock is released, or another tab has taken it.
    pub async fn wait(self) {
        let _ = self.0.await;
    }
}

/// A request for a lock. Resolves to `None` if the browser refuses it. When dropped, the tab does not get the lock.
pub struct LockRequest {
    granted: oneshot::Receiver<Lock>,
    end: Option<JsFuture>,
}

/// Requests the lock of this name. `None` if the browser has no locks, as on plain http.
pub fn request_lock(name: &str, mode: LockMode) -> Option<LockRequest> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    if mode == LockMode::Steal {
        let _ = Reflect::set(&options, &"steal".into(), &JsValue::TRUE);
    }
    let (sender, granted) = oneshot::channel();
    let on_granted = Closure::once_into_js(move |_: JsValue| {
        let mut lock = None;
        let held = Promise::new(&mut |resolve, _| lock = Some(Lock(resolve)));
        // If nobody waits any more, the lock is dropped here, which releases it.
        drop(lock.map(|lock| sender.send(lock)));
        JsValue::from(held)
    });
    let ended = request.call3(&locks, &name.into(), &options, &on_granted).ok()?;
    Some(LockRequest { granted, end: Some(JsFuture::from(ended.dyn_into::<Promise>().ok()?)) })
}

impl Future for LockRequest {
    type Output = Option<(Lock, LockEnd)>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(lock) = self.granted.poll_unpin(context) {
            return Poll::Ready(lock.ok().zip(self.end.take().map(LockEnd)));
        }
        match &mut self.end {
            Some(end) => end.poll_unpin(context).map(|_| None),
            None => Poll::Ready(None),
        }
    }
}
