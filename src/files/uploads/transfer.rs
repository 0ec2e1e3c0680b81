//! One PUT with progress. Fetch does not report upload progress, `XMLHttpRequest` does.

use std::collections::BTreeMap;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Blob, ProgressEvent, XmlHttpRequest};

use crate::platform::error::{AppError, ErrorKind, Result};

/// A running PUT. Aborted when dropped.
struct Transfer {
    request: XmlHttpRequest,
    signals: UnboundedReceiver<Signal>,
    // The callbacks live as long as the request.
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_event: Vec<Closure<dyn FnMut()>>,
}

enum Signal {
    Progress(u64),
    Loaded,
    Broken,
}

/// URL, method and headers of a signed PUT.
pub struct Target<'a> {
    pub url: &'a str,
    pub headers: &'a BTreeMap<String, String>,
}

/// Sends these bytes, reporting progress. A lost connection is of the kind `Network`.
pub async fn put(target: Target<'_>, bytes: &Blob, mut on_progress: impl FnMut(u64)) -> Result<()> {
    let mut transfer = Transfer::start(&target, bytes).map_err(|_| lost())?;
    loop {
        match transfer.signals.next().await {
            Some(Signal::Progress(sent)) => on_progress(sent),
            Some(Signal::Loaded) => return transfer.verdict(),
            Some(Signal::Broken) | None => return Err(lost()),
        }
    }
}

/// The field of a lost connection to the storage. For the app itself there is no field.
const STORAGE: &str = "storage";

fn lost() -> AppError {
    AppError::new(ErrorKind::Network, "The connection was lost").on(STORAGE)
}

/// Returns whether the storage could not be reached.
pub fn is_storage_lost(error: &AppError) -> bool {
    error.kind == ErrorKind::Network && error.field.as_deref() == Some(STORAGE)
}

/// Returns whether a store's response is temporary: S3's error codes, by their text, and responses of proxies.
fn is_transient(status: u16, text: &str) -> bool {
    const CODES: [&str; 5] = ["RequestTimeout", "OperationAborted", "SlowDown", "InternalError", "ServiceUnavailable"];
    matches!(status, 408 | 425 | 429 | 500..) || CODES.iter().any(|code| text.contains(&format!("<Code>{code}</Code>")))
}

impl Transfer {
    fn start(target: &Target<'_>, bytes: &Blob) -> std::result::Result<Self, wasm_bindgen::JsValue> {
        let request = XmlHttpRequest::new()?;
        let (sender, signals) = unbounded();
        request.open_with_async("PUT", target.url, true)?;
        for (name, value) in target.headers {
            request.set_request_header(name, value)?;
        }
        let progress = sender.clone();
        let on_progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes, below 2^53")]
            let _ = progress.unbounded_send(Signal::Progress(event.loaded() as u64));
        });
        request.upload()?.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
        let on_end = |signal: fn() -> Signal| {
            let sender = sender.clone();
            Closure::<dyn FnMut()>::new(move || {
                let _ = sender.unbounded_send(signal());
            })
        };
        let on_event = vec![on_end(|| Signal::Loaded), on_end(|| Signal::Broken)];
        request.set_onload(Some(on_event[0].as_ref().unchecked_ref()));
        request.set_onerror(Some(on_event[1].as_ref().unchecked_ref()));
        request.set_ontimeout(Some(on_event[1].as_ref().unchecked_ref()));
        request.send_with_opt_blob(Some(bytes))?;
        Ok(Self { request, signals, _on_progress: on_progress, _on_event: on_event })
    }

    /// Returns seconds, if the store sends them and lets this site read them: reading a hidden header would be an error
    /// in the console.
    fn retry_after(&self) -> Option<u32> {
        let headers = self.request.get_all_response_headers().unwrap_or_default().to_ascii_lowercase();
        headers.lines().find_map(|line| line.strip_prefix("retry-after:")?.trim().parse().ok())
    }

    /// Returns the result of the storage. Local disk responds as the app does, a store in XML.
    fn verdict(&self) -> Result<()> {
        #[derive(Deserialize)]
        struct Wire {
            data: AppError,
        }
        let status = self.request.status().unwrap_or(0);
        if (200..300).contains(&status) {
            return Ok(());
        }
        let text = self.request.response_text().ok().flatten().unwrap_or_default();
        if let Ok(wire) = serde_json::from_slice::<Wire>(text.as_bytes()) {
            return Err(wire.data);
        }
        if is_transient(status, &text) {
            return Err(AppError {
                retry_after: self.retry_after(),
                ..AppError::new(ErrorKind::Unavailable, format!("The storage is busy ({status}). Retrying"))
            });
        }
        let (kind, message) = match status {
            // BadDigest, InvalidDigest, XAmzContentChecksumMismatch: each store has its own code.
            400 if text.contains("Digest") || text.to_lowercase().contains("checksum") => {
                (ErrorKind::ChecksumMismatch, "The uploaded data doesn't match the file (checksum)".to_owned())
            }
            403 => (ErrorKind::UrlExpired, "The upload link expired".to_owned()),
            // The upload in parts no longer exists.
            404 => (ErrorKind::ObjectMissing, "The storage no longer has this upload".to_owned()),
            _ => (ErrorKind::InvalidValue, format!("The storage rejected the upload ({status})")),
        };
        let named = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
        let code = named.map_or_else(|| status.to_string(), str::to_owned);
        Err(AppError { store_code: Some(code.into()), ..AppError::new(kind, message) })
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.request.set_onload(None);
        self.request.set_onerror(None);
        self.request.set_ontimeout(None);
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
        }
        let _ = self.request.abort();
    }
}
