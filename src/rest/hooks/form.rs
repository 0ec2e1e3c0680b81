//! Multipart forms of an incoming URL: the fields of any format, and files.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use crate::conversations::hooks::shapes::{self, Context, Reading};
use crate::files::attachments::intake;
use crate::files::attachments::linking::check_count;
use crate::platform::Platform;
use crate::platform::error::{AppError, ErrorKind, Result};
use crate::rest::caller::Caller;
use crate::rest::messages::send::Sent;
use crate::rest::multipart::{File, Form, Texts, name_of_field};

/// Maximum number of fields without files.
const FIELDS_MAX: usize = 100;

pub fn is_multipart(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

/// Reads a form. A field with a file name is a file. `texts` gets the other fields, also if the form is rejected.
pub async fn read(
    platform: &Platform,
    caller: &Caller,
    request: Request,
    context: &Context<'_>,
    texts: &mut Vec<(String, String)>,
) -> Result<(Reading, Vec<Sent>)> {
    let mut form = Form::from_request(request, &()).await?;
    let (mut files, mut limit) = (Vec::new(), Texts::default());
    while let Some(field) = form.next_field().await? {
        let name = name_of_field(&field).unwrap_or_default();
        if field.file_name().is_some() {
            intake::check_may_store(platform, &caller.member)?;
            check_count(&name, files.len() + 1)?;
            let File { name, spooled } = File::read(platform, caller.member.organization_id(), field).await?;
            files.push(Sent { name, spooled });
        } else if texts.len() == FIELDS_MAX {
            let message = format!("A form can have at most {FIELDS_MAX} fields without files.");
            return Err(AppError::new(ErrorKind::MalformedRequest, message));
        } else {
            let text = limit.read(&name, field).await?;
            texts.push((name, text));
        }
    }
    let reading = if texts.is_empty() && !files.is_empty() {
        Reading::only_files()
    } else {
        shapes::read_fields(texts, context)?
    };
    Ok((reading, files))
}
