//! The contents of the side panel that are loaded: shared by its sections and by the conversation, which keeps them.

use crate::conversations::buckets::model::BucketContents;
use crate::conversations::opening::model::PanelContents;
use crate::files::library::model::FilesOverview;
use crate::ids::MemberId;
use crate::ui::{Latest, use_latest};

/// Without a value, a section requests its part when it is shown.
#[derive(Clone, Copy, PartialEq)]
pub struct PanelParts {
    pub files: Latest<FilesOverview>,
    pub bucket: Latest<BucketContents>,
    pub members: Latest<Vec<MemberId>>,
}

/// The numbers of a request for all parts.
#[derive(Clone, Copy)]
pub struct Begun([u64; 3]);

pub fn use_panel_parts(contents: Option<&PanelContents>) -> PanelParts {
    PanelParts {
        files: use_latest(|| contents.and_then(|contents| contents.files.clone())),
        bucket: use_latest(|| contents.and_then(|contents| contents.bucket.clone())),
        members: use_latest(|| contents.and_then(|contents| contents.member_ids.clone())),
    }
}

impl PanelParts {
    /// Begins a request. Call it before sending.
    pub fn begin(self) -> Begun {
        Begun([self.files.begin(), self.bucket.begin(), self.members.begin()])
    }

    /// Shows the response. A part that it lacks is requested by its section.
    pub fn show(self, Begun([files, bucket, members]): Begun, contents: PanelContents) {
        self.files.show(files, contents.files);
        self.bucket.show(bucket, contents.bucket);
        self.members.show(members, contents.member_ids);
    }

    /// Returns the parts that are not loading at the moment.
    pub fn to_keep(self) -> PanelContents {
        PanelContents {
            files: self.files.settled(),
            bucket: self.bucket.settled(),
            member_ids: self.members.settled(),
            storage: None,
        }
    }
}
