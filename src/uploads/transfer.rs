//! One PUT with progress. Fetch tells nothing of an upload's progress, `XMLHttpRequest` does.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{File, ProgressEvent, XmlHttpRequest};

use super::draft::Upload;
use super::model::PresignedUpload;
use crate::platform::error::{AppError, ErrorKind};

/// A PUT under way.
pub struct Transfer {
    request: XmlHttpRequest,
    // The callbacks live as long as the request.
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_event: Vec<Closure<dyn FnMut()>>,
}

/// How a PUT ended otherwise than well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// By us.
    Aborted,
    /// The connection broke.
    Connection,
    /// The store refused: its status and its message, if it sent one of ours.
    Refused(u16, Option<String>),
}

enum Signal {
    Progress(u64),
    Loaded,
    Broken,
    Aborted,
}

/// Bytes sent so far, until the end.
pub struct Progress {
    signals: UnboundedReceiver<Signal>,
    request: XmlHttpRequest,
}

impl Transfer {
    pub fn start(presigned: &PresignedUpload, file: &File) -> Result<(Self, Progress), Lost> {
        let request = XmlHttpRequest::new().map_err(|_| Lost::Connection)?;
        let (sender, signals) = unbounded();
        let url = presigned.upload_url.as_deref().unwrap_or_default();
        request.open_with_async(&presigned.method, url, true).map_err(|_| Lost::Connection)?;
        for (name, value) in &presigned.headers {
            request.set_request_header(name, value).map_err(|_| Lost::Connection)?;
        }
        let progress = sender.clone();
        let on_progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes, below 2^53")]
            let _ = progress.unbounded_send(Signal::Progress(event.loaded() as u64));
        });
        if let Ok(upload) = request.upload() {
            upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
        }
        let on_end = |signal: fn() -> Signal| {
            let sender = sender.clone();
            Closure::<dyn FnMut()>::new(move || {
                let _ = sender.unbounded_send(signal());
            })
        };
        let on_event = vec![on_end(|| Signal::Loaded), on_end(|| Signal::Broken), on_end(|| Signal::Aborted)];
        request.set_onload(Some(on_event[0].as_ref().unchecked_ref()));
        request.set_onerror(Some(on_event[1].as_ref().unchecked_ref()));
        request.set_ontimeout(Some(on_event[1].as_ref().unchecked_ref()));
        request.set_onabort(Some(on_event[2].as_ref().unchecked_ref()));
        request.send_with_opt_blob(Some(file)).map_err(|_| Lost::Connection)?;
        let progress = Progress { signals, request: request.clone() };
        Ok((Self { request, _on_progress: on_progress, _on_event: on_event }, progress))
    }

    pub fn abort(&self) {
        let _ = self.request.abort();
    }
}

impl Progress {
    /// The next count of bytes; `None` when all have arrived.
    pub async fn next(&mut self) -> Result<Option<u64>, Lost> {
        match self.signals.next().await {
            Some(Signal::Progress(bytes)) => Ok(Some(bytes)),
            Some(Signal::Loaded) => self.verdict(),
            Some(Signal::Broken) => Err(Lost::Connection),
            Some(Signal::Aborted) | None => Err(Lost::Aborted),
        }
    }

    fn verdict(&self) -> Result<Option<u64>, Lost> {
        let status = self.request.status().unwrap_or(0);
        if (200..300).contains(&status) {
            return Ok(None);
        }
        let text = self.request.response_text().ok().flatten().unwrap_or_default();
        let message = serde_json::from_str::<serde_json::Value>(&text)
            .ok()
            .and_then(|body| Some(body.get("message")?.as_str()?.to_owned()));
        Err(Lost::Refused(status, message))
    }
}

impl Lost {
    /// What the chip says.
    pub fn into_error(self, upload: &Upload, sent: u64) -> AppError {
        let message = match self {
            Self::Refused(_, Some(message)) => message,
            Self::Refused(403, None) => "The upload link ran out".to_owned(),
            Self::Refused(status, None) => format!("The storage refused it ({status})"),
            Self::Connection | Self::Aborted => {
                let percent = sent.saturating_mul(100) / upload.file_size.max(1);
                format!("Connection lost at {percent} %")
            }
        };
        AppError::new(ErrorKind::Network, message)
    }
}
