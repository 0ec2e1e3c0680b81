//! Leases of uploads: the same for files and pictures.

use std::time::Duration;

use attache::files::attachments::store as attachments;
use attache::files::pictures::store as pictures;
use attache::files::staged::{Lease, Staged, lease};
use attache::ids::{AttachmentId, OrganizationId, PictureId};
use attache::platform::error::{AppError, ErrorKind};
use serde_json::json;

use crate::support::{TestApp, Upload, files, on_both_engines, text};

on_both_engines![one_request_at_a_time_has_the_lease, a_lost_lease_changes_nothing];

/// Returns an upload of a file and one of a picture, whose bytes were sent.
async fn uploads(app: &TestApp) -> [Staged; 2] {
    let owner = app.owner().await;
    let channel = owner.channel("general").await;
    let organization = text(&owner.get("/api/auth/session").await.ok()["organization"]["id"]);
    let organization = OrganizationId(organization.parse().unwrap());
    let file = owner.stage(&channel, "a.txt", "text/plain", b"abc").await;
    let png = files::picture(8, 8);
    let request = json!({ "type": "user-avatar", "fileSize": png.len(), "contentType": "image/png" });
    let picture = Upload::new(owner.post("/api/uploads/presign", request).await.ok(), &png);
    assert_eq!(picture.put().await.status, 200);
    let on = || app.platform.db.on();
    let file = attachments::find(on(), organization, AttachmentId(file.id.parse().unwrap())).await.unwrap();
    let picture = pictures::find(on(), PictureId(picture.id.parse().unwrap())).await.unwrap();
    [file.unwrap().staged(), picture.unwrap().staged()]
}

async fn take(app: &TestApp, upload: &Staged) -> Option<Lease> {
    lease::take(&app.platform, upload).await.expect("the database answers")
}

async fn one_request_at_a_time_has_the_lease(app: TestApp) {
    for upload in uploads(&app).await {
        let first = take(&app, &upload).await.expect("nobody has it");
        assert!(take(&app, &upload).await.is_none(), "{upload:?}");
        // It is released when the work ends, also by an error.
        let failed = lease::hold(&app.platform, first, Box::pin(async { Err::<(), _>(AppError::internal()) })).await;
        assert_eq!(failed.unwrap_err().kind, ErrorKind::Internal);
        let second = take(&app, &upload).await.expect("it was released");
        // A late release of the first holder doesn't end it.
        lease::hold(&app.platform, first, Box::pin(async { Ok(()) })).await.unwrap();
        assert!(take(&app, &upload).await.is_none(), "{upload:?}");
        lease::hold(&app.platform, second, Box::pin(async { Ok(()) })).await.unwrap();
        // Another attempt is another upload.
        let other = Staged { attempt: app.platform.clock.new_id(), ..upload };
        assert!(take(&app, &other).await.is_none(), "{other:?}");
    }
}

async fn a_lost_lease_changes_nothing(app: TestApp) {
    let [file, picture] = uploads(&app).await;
    let mut lost = Vec::new();
    for upload in [&file, &picture] {
        lost.push(take(&app, upload).await.expect("nobody has it"));
    }
    // Their server has died.
    app.advance(Duration::from_mins(3));
    let (file_lease, picture_lease) = (take(&app, &file).await.unwrap(), take(&app, &picture).await.unwrap());
    let fail = async |lease| attachments::upload::set_failed(app.platform.db.on(), lease, "x", None).await.unwrap();
    let show = async |lease| pictures::set_complete(app.platform.db.on(), lease, "image/png", (8, 8)).await.unwrap();
    assert!(!fail(lost[0]).await);
    assert!(!show(lost[1]).await);
    assert!(fail(file_lease).await);
    assert!(show(picture_lease).await);
}
