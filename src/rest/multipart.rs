//! Files of multipart forms.

use axum::extract::multipart::Field;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::files::attachments::intake;
use crate::files::attachments::intake::Spooled;
use crate::ids::OrganizationId;
use crate::platform::Platform;
use crate::platform::error::Result;
pub use crate::platform::multipart::{Form, Texts, name_of_field, refuse_nameless, refuse_twice, refuse_unknown};
use crate::platform::multipart::{file_name_of_field, malformed};

/// The content of a file.
pub struct FileBytes;

impl PartialSchema for FileBytes {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build().into()
    }
}

impl ToSchema for FileBytes {}

/// A file of a form.
pub struct File {
    /// The client's spelling.
    pub name: String,
    pub spooled: Spooled,
}

impl File {
    /// Receives the bytes, within the limits.
    pub async fn read(platform: &Platform, organization: OrganizationId, field: Field<'_>) -> Result<Self> {
        let name = file_name_of_field(&field);
        let limit = platform.config.attachments.max_file_size;
        let spooled = intake::spool(platform, organization, field, limit, |error| malformed(&error)).await?;
        Ok(Self { name, spooled })
    }
}
