//! A picture from the person's disk: read, cropped and uploaded by the browser.

use dioxus::html::FileData;

use super::crop::Crop;
use crate::files::pictures::model::Picture;
use crate::files::uploads::model::PresignRequest;
use crate::ids::{AttachmentId, ChannelId};
use crate::platform::error::{AppError, Result};

/// A picked picture. Its bytes stay in the browser.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageFile {
    /// Valid in this page only.
    pub url: String,
    pub name: String,
    /// The browser's guess of the type.
    pub content_type: String,
    pub width: u32,
    pub height: u32,
}

/// The part of a picture to upload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cut {
    /// A square, drawn again with this many pixels a side.
    Square(Crop, u32),
    /// All of it, drawn again to fit into this many pixels.
    Fit(u32),
    /// The unchanged file, because drawing it again would lose the animation.
    Untouched,
}

impl ImageFile {
    /// Returns whether it may be animated.
    pub fn is_gif(&self) -> bool {
        self.content_type == "image/gif"
    }
}

#[cfg(not(feature = "web"))]
#[expect(clippy::unused_async, reason = "awaited and called like those of the browser")]
mod browser {
    use super::*;

    impl ImageFile {
        pub async fn open(_files: Vec<FileData>) -> Result<Self> {
            Err(AppError::internal())
        }

        pub async fn send(&self, _cut: Cut, _request: PresignRequest) -> Result<Picture> {
            Err(AppError::internal())
        }

        pub async fn send_to(&self, _cut: Cut, _channel: ChannelId) -> Result<AttachmentId> {
            Err(AppError::internal())
        }

        pub fn forget(&self) {}
    }

    impl AppError {
        /// Pictures are picked in browsers only.
        #[cfg(not(feature = "server"))]
        fn internal() -> Self {
            Self::new(crate::platform::error::ErrorKind::Internal, "Pictures are picked in a browser.")
        }
    }
}

#[cfg(feature = "web")]
mod browser {
    use std::cell::RefCell;
    use std::collections::HashMap;

    use futures_channel::oneshot;
    use js_sys::Reflect;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{
        Blob, CanvasRenderingContext2d, File, HtmlCanvasElement, HtmlImageElement, RequestInit, Response, Url,
    };

    use super::*;
    use crate::files::pictures::api::complete_picture;
    use crate::files::uploads::api::{complete_upload, presign_upload};
    use crate::files::uploads::model::PresignedUpload;
    use crate::ids::PictureId;
    use crate::platform::error::ErrorKind;
    use crate::platform::json::{Body, NoBody};

    /// Quality of lossy formats.
    const QUALITY: f64 = 0.9;

    thread_local! {
        /// The browser's handles, by the picture's URL: a signal need not track them.
        static OPEN: RefCell<HashMap<String, (File, HtmlImageElement)>> = RefCell::default();
    }

    fn unreadable<E>(_: E) -> AppError {
        AppError::invalid("contentType", "This picture can't be read. Choose a PNG, JPEG, GIF or WebP.")
    }

    impl ImageFile {
        /// Opens the first of some files as a picture.
        pub async fn open(files: Vec<FileData>) -> Result<Self> {
            let file = files.first().and_then(|file| file.inner().downcast_ref::<File>().cloned());
            let file = file.ok_or_else(|| unreadable(()))?;
            let url = Url::create_object_url_with_blob(&file).map_err(unreadable)?;
            let image = HtmlImageElement::new().map_err(unreadable)?;
            image.set_src(&url);
            if JsFuture::from(image.decode()).await.is_err() {
                let _ = Url::revoke_object_url(&url);
                return Err(unreadable(()));
            }
            let (width, height) = (image.natural_width(), image.natural_height());
            let (name, content_type) = (file.name(), file.type_());
            OPEN.with_borrow_mut(|open| open.insert(url.clone(), (file, image)));
            Ok(Self { url, name, content_type, width, height })
        }

        /// Releases the browser's copy.
        pub fn forget(&self) {
            OPEN.with_borrow_mut(|open| open.remove(&self.url));
            let _ = Url::revoke_object_url(&self.url);
        }

        /// Uploads it for the target of `request`; size and type of the result are filled in.
        pub async fn send(&self, cut: Cut, request: PresignRequest) -> Result<Picture> {
            let presigned = self.stage(cut, request).await?;
            complete_picture(PictureId(presigned.resource_id), NoBody).await
        }

        /// Uploads it as a file of a channel.
        pub async fn send_to(&self, cut: Cut, channel: ChannelId) -> Result<AttachmentId> {
            let presigned = self.stage(cut, PresignRequest::file(channel)).await?;
            Ok(complete_upload(AttachmentId(presigned.resource_id), NoBody).await?.id)
        }

        async fn stage(&self, cut: Cut, request: PresignRequest) -> Result<PresignedUpload> {
            let open = OPEN.with_borrow(|open| open.get(&self.url).cloned());
            let (file, image) = open.ok_or_else(|| unreadable(()))?;
            let blob = self.cut(cut, file, &image).await?;
            #[expect(clippy::cast_possible_truncation, reason = "a size in bytes, below 2^53")]
            let file_size = blob.size() as i64;
            let request =
                PresignRequest { file_name: self.name.clone(), file_size, content_type: blob.type_(), ..request };
            let presigned = presign_upload(Body(request)).await?;
            put(&presigned, &blob).await?;
            Ok(presigned)
        }

        async fn cut(&self, cut: Cut, file: File, image: &HtmlImageElement) -> Result<Blob> {
            let (left, top, wide, high, to_wide, to_high) = match cut {
                Cut::Untouched => return Ok(file.into()),
                Cut::Square(crop, side) => {
                    let (left, top) = crop.corner();
                    (left, top, crop.side(), crop.side(), f64::from(side), f64::from(side))
                }
                Cut::Fit(side) => {
                    let (wide, high) = (f64::from(self.width), f64::from(self.height));
                    let scale = (f64::from(side) / wide.max(high)).min(1.0);
                    (0.0, 0.0, wide, high, (wide * scale).round().max(1.0), (high * scale).round().max(1.0))
                }
            };
            let canvas = canvas(to_wide, to_high).ok_or_else(|| unreadable(()))?;
            let context = canvas.get_context("2d").ok().flatten();
            let context: CanvasRenderingContext2d =
                context.and_then(|context| context.dyn_into().ok()).ok_or_else(|| unreadable(()))?;
            let _ = Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into());
            context
                .draw_image_with_html_image_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                    image, left, top, wide, high, 0.0, 0.0, to_wide, to_high,
                )
                .map_err(unreadable)?;
            blob_of(&canvas).await.ok_or_else(|| unreadable(()))
        }
    }

    fn canvas(wide: f64, high: f64) -> Option<HtmlCanvasElement> {
        let canvas = web_sys::window()?.document()?.create_element("canvas").ok()?;
        let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small")]
        {
            canvas.set_width(wide as u32);
            canvas.set_height(high as u32);
        }
        Some(canvas)
    }

    /// Encodes a WebP, or a PNG if the browser can't encode WebP.
    async fn blob_of(canvas: &HtmlCanvasElement) -> Option<Blob> {
        let (sender, receiver) = oneshot::channel();
        let on_blob = Closure::once(move |blob: Option<Blob>| {
            let _ = sender.send(blob);
        });
        canvas
            .to_blob_with_type_and_encoder_options(
                on_blob.as_ref().unchecked_ref(),
                "image/webp",
                &JsValue::from_f64(QUALITY),
            )
            .ok()?;
        receiver.await.ok().flatten()
    }

    async fn put(presigned: &PresignedUpload, blob: &Blob) -> Result<()> {
        let lost =
            |_| AppError::new(ErrorKind::Network, "The picture was not received. Check your connection and try again.");
        let init = RequestInit::new();
        init.set_method(&presigned.method);
        init.set_body(blob);
        let headers = js_sys::Object::new();
        for (name, value) in &presigned.headers {
            let _ = Reflect::set(&headers, &name.into(), &value.into());
        }
        init.set_headers(&headers);
        let window = web_sys::window().ok_or_else(|| unreadable(()))?;
        let url = presigned.upload_url.as_deref().ok_or_else(|| unreadable(()))?;
        let answer = JsFuture::from(window.fetch_with_str_and_init(url, &init)).await.map_err(lost)?;
        let answer: Response = answer.dyn_into().map_err(lost)?;
        if answer.ok() { Ok(()) } else { Err(lost(JsValue::NULL)) }
    }
}
