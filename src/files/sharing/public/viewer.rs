//! The files of a share link on its page: one large, or several in a grid with a viewer. The viewer is opened by the
//! URL's fragment and requires no script. It shows previews: the file itself is sent when somebody opens, plays or
//! saves it.

use dioxus::prelude::*;
use lucide_dioxus::{ChevronLeft, ChevronRight, Download, ExternalLink, Play, X};

use crate::files::attachments::media_type::is_inline;
use crate::files::attachments::model::Attachment;
use crate::ui::FileType;

/// The action of a file on this page, other than saving.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Film,
    Sound,
    Picture,
    Document,
    No,
}

impl Shown {
    fn of(file: &Attachment) -> Self {
        if !is_inline(&file.content_type) {
            return Self::No;
        }
        match file.content_type.split('/').next().unwrap_or_default() {
            "video" => Self::Film,
            "audio" => Self::Sound,
            "image" => Self::Picture,
            _ => Self::Document,
        }
    }

    /// Returns whether the browser opens it in a new tab.
    fn opens(self) -> bool {
        matches!(self, Self::Picture | Self::Document)
    }

    /// Returns whether the page plays it.
    fn plays(self) -> bool {
        matches!(self, Self::Film | Self::Sound)
    }
}

fn size_of(file: &Attachment) -> String {
    file.file_size.to_string()
}

/// The only file of a link.
#[component]
pub fn Single(file: Attachment) -> Element {
    let name = file.label();
    rsx! {
        section { class: "share-card", "aria-label": "{name}",
            Stage { file: file.clone() }
            div { class: "share-file",
                FileType { content_type: file.content_type.clone(), extension: file.file_name.extension() }
                div { class: "share-name",
                    bdi { "{name}" }
                    span { class: "muted num", {size_of(&file)} }
                }
                div { class: "share-actions",
                    Open { file: file.clone() }
                    Save { file: file.clone() }
                }
            }
        }
    }
}

/// Several files, and a viewer for those with a preview.
#[component]
pub fn Gallery(files: Vec<Attachment>) -> Element {
    let viewed: Vec<_> =
        files.iter().filter(|file| file.still_url().is_some() || Shown::of(file).plays()).cloned().collect();
    let anchor = |index: Option<usize>| index.and_then(|index| viewed.get(index)).map(view_id);
    rsx! {
        ul { class: "share-grid", id: "files", tabindex: "-1",
            for file in &files {
                Tile { key: "{file.id}", file: file.clone(), viewed: viewed.iter().any(|other| other.id == file.id) }
            }
        }
        for (index, file) in viewed.iter().enumerate() {
            Viewer {
                key: "{file.id}",
                file: file.clone(),
                position: format!("{} of {}", index + 1, viewed.len()),
                previous: anchor(index.checked_sub(1)),
                next: anchor(Some(index + 1)),
            }
        }
    }
}

fn view_id(file: &Attachment) -> String {
    format!("view-{}", file.id)
}

#[component]
fn Tile(file: Attachment, viewed: bool) -> Element {
    let name = file.label();
    let face = rsx! {
        if let Some(still) = file.still_url() {
            img {
                class: (Shown::of(&file) == Shown::Document).then_some("share-sheet"),
                src: "{still}",
                alt: "",
                loading: "lazy",
                draggable: false,
            }
        } else {
            FileType { content_type: file.content_type.clone(), extension: file.file_name.extension() }
        }
        if Shown::of(&file).plays() {
            span { class: "share-play", "aria-hidden": "true", Play { class: "icon" } }
        }
    };
    rsx! {
        li { class: "share-tile",
            if viewed {
                a { class: "share-face", href: "#{view_id(&file)}", "aria-label": "View {name}", {face} }
            } else if Shown::of(&file).opens() {
                a { class: "share-face", href: "{file.url}", target: "_blank", rel: "noopener noreferrer", "aria-label": "Open {name}",
                    {face}
                }
            } else {
                span { class: "share-face", {face} }
            }
            div { class: "share-caption",
                div { class: "share-name",
                    bdi { title: "{name}", "{name}" }
                    span { class: "muted num", {size_of(&file)} }
                }
                a { class: "icon-btn", href: "{file.url}?download=1", "aria-label": "Download {name}", title: "Download",
                    Download { class: "icon" }
                }
            }
        }
    }
}

/// One file over the whole page, while the URL's fragment names it.
#[component]
fn Viewer(file: Attachment, position: String, previous: Option<String>, next: Option<String>) -> Element {
    let name = file.label();
    rsx! {
        section { class: "share-viewer", id: view_id(&file), tabindex: "-1", "aria-label": "{name}, {position}",
            div { class: "share-viewer-bar",
                div { class: "share-name",
                    bdi { title: "{name}", "{name}" }
                    span { class: "muted num", "{position}, {size_of(&file)}" }
                }
                Open { file: file.clone() }
                Save { file: file.clone() }
                a { class: "icon-btn", href: "#files", "aria-label": "Close", title: "Close", X { class: "icon icon-20" } }
            }
            div { class: "share-stage", Stage { file: file.clone() } }
            if let Some(previous) = previous {
                a { class: "icon-btn share-previous", href: "#{previous}", "aria-label": "Previous file",
                    ChevronLeft { class: "icon icon-20" }
                }
            }
            if let Some(next) = next {
                a { class: "icon-btn share-next", href: "#{next}", "aria-label": "Next file",
                    ChevronRight { class: "icon icon-20" }
                }
            }
        }
    }
}

#[component]
fn Open(file: Attachment) -> Element {
    let name = file.label();
    rsx! {
        if Shown::of(&file).opens() {
            a { class: "btn", href: "{file.url}", target: "_blank", rel: "noopener noreferrer", "aria-label": "Open {name}",
                ExternalLink { class: "icon" }
                "Open"
            }
        }
    }
}

/// Without the attribute `download`: with it, a browser would save the error page of an invalid link.
#[component]
fn Save(file: Attachment) -> Element {
    let name = file.label();
    rsx! {
        a { class: "btn btn-primary", href: "{file.url}?download=1", "aria-label": "Download {name}",
            Download { class: "icon" }
            "Download"
        }
    }
}

/// A large preview, or a player that loads nothing before it starts.
#[component]
fn Stage(file: Attachment) -> Element {
    let name = file.label();
    let still = file.large_still_url();
    let side = |side: Option<i32>| side.filter(|_| file.is_picture()).map(|side| side.to_string());
    match Shown::of(&file) {
        Shown::Film => rsx! {
            video { class: "share-preview", src: "{file.url}", poster: still, controls: true, preload: "none", "aria-label": "{name}" }
        },
        Shown::Sound => rsx! {
            audio { class: "share-audio", src: "{file.url}", controls: true, preload: "none", "aria-label": "{name}" }
        },
        _ => match still {
            Some(still) => rsx! {
                img {
                    class: "share-preview",
                    src: "{still}",
                    alt: "{name}",
                    loading: "lazy",
                    width: side(file.width),
                    height: side(file.height),
                }
            },
            None => rsx! {},
        },
    }
}
