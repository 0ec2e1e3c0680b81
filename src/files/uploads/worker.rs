//! Requests to the page's worker: checksums, and files that are stored over a reload. `assets/upload-worker.js` handles
//! them.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use dioxus::prelude::*;
use futures_channel::oneshot;
use js_sys::{Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, File, MessageEvent, Worker};

use crate::platform::error::{AppError, ErrorKind, Result};

const SCRIPT: Asset = asset!("/assets/upload-worker.js");

type Answer = std::result::Result<JsValue, String>;
type Asked = Rc<RefCell<HashMap<u32, oneshot::Sender<Answer>>>>;

struct Assistant {
    worker: Worker,
    asked: Asked,
    last: Cell<u32>,
}

thread_local! {
    static ASSISTANT: OnceCell<Option<Assistant>> = const { OnceCell::new() };
}

impl Assistant {
    fn start() -> Option<Self> {
        let worker = Worker::new(&SCRIPT.to_string()).ok()?;
        let asked = Asked::default();
        let waiting = asked.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let field = |name: &str| Reflect::get(&event.data(), &name.into()).unwrap_or(JsValue::UNDEFINED);
            let Some(waiter) = field("id").as_f64().and_then(|id| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count from below")]
                let id = id as u32;
                waiting.borrow_mut().remove(&id)
            }) else {
                return;
            };
            let _ = waiter.send(field("error").as_string().map_or_else(|| Ok(field("value")), Err));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let waiting = asked.clone();
        // The script itself did not load: waiters get an error, because the other end is dropped.
        let on_error = Closure::<dyn FnMut()>::new(move || waiting.borrow_mut().clear());
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // Both live as long as the page, like the worker.
        on_message.forget();
        on_error.forget();
        Some(Self { worker, asked, last: Cell::new(0) })
    }

    fn ask(&self, operation: &str, fields: &[(&str, &JsValue)]) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        let id = self.last.get() + 1;
        self.last.set(id);
        let question = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&question, &name.into(), value);
        let _ = set("id", &id.into());
        let _ = set("op", &operation.into());
        for (name, value) in fields {
            let _ = set(name, value);
        }
        self.asked.borrow_mut().insert(id, sender);
        if self.worker.post_message(&question).is_err() {
            self.asked.borrow_mut().remove(&id);
        }
        receiver
    }
}

async fn ask(operation: &str, fields: &[(&str, &JsValue)]) -> Answer {
    let answer = ASSISTANT.with(|assistant| {
        assistant.get_or_init(Assistant::start).as_ref().map(|assistant| assistant.ask(operation, fields))
    });
    match answer {
        Some(answer) => answer.await.unwrap_or_else(|_| Err("WorkerError".to_owned())),
        None => Err("WorkerError".to_owned()),
    }
}

/// Returns the base64 of the SHA-256 of these bytes of a file. Fails for a file that was changed, moved or removed
/// since it was picked.
pub async fn checksum(bytes: &Blob) -> Result<String> {
    match ask("hash", &[("blob", bytes)]).await {
        Ok(checksum) => Ok(checksum.as_string().unwrap_or_default()),
        Err(name) if name == "NotReadableError" || name == "NotFoundError" => Err(changed()),
        Err(name) => Err(AppError::new(ErrorKind::Conflict, format!("The file could not be read ({name})"))),
    }
}

pub fn changed() -> AppError {
    AppError::new(ErrorKind::InvalidValue, "The file was changed or removed after you chose it")
}

/// Stores a file, or its handle, under this key.
pub async fn keep(key: &str, file: &JsValue) {
    let _ = ask("keep", &[("key", &key.into()), ("file", file)]).await;
}

/// Removes and returns a stored one.
pub async fn take(key: &str) -> Option<JsValue> {
    ask("take", &[("key", &key.into())]).await.ok().filter(JsValue::is_object)
}

pub async fn drop_kept(key: &str) {
    let _ = ask("drop", &[("key", &key.into())]).await;
}

/// Acquires a name for this tab until it closes. Waits briefly for another tab that is just closing; `false` if one has
/// it.
pub async fn own(name: &str) -> bool {
    ask("own", &[("name", &name.into())]).await.is_ok_and(|owned| owned.is_truthy())
}

/// Does the same without waiting.
pub async fn adopt(name: &str) -> bool {
    ask("adopt", &[("name", &name.into())]).await.is_ok_and(|owned| owned.is_truthy())
}

/// Opens a stored file. A handle may need the person's consent, which only a click can request.
pub async fn open(kept: JsValue, may_ask: bool) -> Option<File> {
    if let Ok(file) = kept.clone().dyn_into::<File>() {
        return Some(file);
    }
    let mode = Object::new();
    let _ = Reflect::set(&mode, &"mode".into(), &"read".into());
    let permission = call(&kept, if may_ask { "requestPermission" } else { "queryPermission" }, &mode).await?;
    if permission.as_string().as_deref() != Some("granted") {
        return None;
    }
    call(&kept, "getFile", &JsValue::UNDEFINED).await?.dyn_into().ok()
}

/// Calls a method that returns a promise. Not all browsers have file handles, so the method is called by name.
pub async fn call(object: &JsValue, method: &str, argument: &JsValue) -> Option<JsValue> {
    let method: js_sys::Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    let promise: js_sys::Promise = method.call1(object, argument).ok()?.dyn_into().ok()?;
    wasm_bindgen_futures::JsFuture::from(promise).await.ok()
}
