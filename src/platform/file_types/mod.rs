//! The table of file types: names, extensions, labels, how bytes show them, and how files of each type are treated. Has
//! no knowledge of stored files.

mod asf;
#[cfg(any(feature = "server", fuzzing))]
pub mod charset;
mod documents;
pub mod ebml;
mod evidence;
pub mod iso;
mod matroska;
mod media;
mod mpeg;
mod office;
mod ogg;
#[cfg(any(feature = "server", fuzzing))]
pub mod recognize;
#[cfg(all(test, feature = "server"))]
mod tests;
mod text;
pub mod tracks;

pub use evidence::Evidence;

/// The content type of unknown bytes (RFC 2046 §4.5.1).
pub const OCTET_STREAM: &str = "application/octet-stream";
pub const PLAIN_TEXT: &str = "text/plain";
pub const HTML: &str = "text/html";
pub const SVG: &str = "image/svg+xml";
pub const PDF: &str = "application/pdf";
pub const GIF: &str = "image/gif";

/// The kind of a file, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Picture,
    Video,
    Sound,
    /// Text to read.
    Text,
    /// A document for an office program or a reader.
    Document,
    Archive,
    /// An executable, or a part of one.
    Program,
    Other,
}

/// The program that creates previews of a file and reads its properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preview {
    None,
    /// The decoders in a worker process.
    Picture,
    /// `heif-convert`, or `ffmpeg` where that is not installed.
    Heif,
    /// The SVG renderer in a worker process.
    Drawing,
    /// Poppler.
    Pages,
    /// `ffprobe` and `ffmpeg`, with this demuxer only: a file that refers to others, such as a playlist, is never
    /// followed.
    Demuxer(&'static str),
}

/// Whether files of a type can contain their location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceData {
    None,
    /// The location is found and removed.
    Removable,
    /// The location stays in the file.
    Kept,
}

/// One row of the table.
#[derive(Debug)]
pub struct FileType {
    /// The MIME name that is stored and served, in lower case.
    pub name: &'static str,
    /// Other MIME names of the same type, in lower case.
    pub aliases: &'static [&'static str],
    /// In lower case, without a dot. A file without a name gets the first one.
    pub extensions: &'static [&'static str],
    /// The name for people.
    pub label: &'static str,
    pub family: Family,
    /// The name of the type that contains this one: if that is in a list of allowed types, this one is allowed too.
    pub container: Option<&'static str>,
    /// Whether browsers may show it in a page.
    pub inline: bool,
    pub preview: Preview,
    pub place: PlaceData,
    /// Whether it can run: a page, a script, or a program.
    pub runs: bool,
    /// Any of these shows the type. If empty, bytes can't show it.
    #[cfg(any(feature = "server", fuzzing))]
    pub evidence: &'static [Evidence],
}

impl FileType {
    /// Returns a row of a type that can only be saved.
    const fn new(
        name: &'static str,
        aliases: &'static [&'static str],
        extensions: &'static [&'static str],
        label: &'static str,
        family: Family,
    ) -> Self {
        Self {
            name,
            aliases,
            extensions,
            label,
            family,
            container: None,
            inline: false,
            preview: Preview::None,
            place: PlaceData::None,
            runs: matches!(family, Family::Program),
            #[cfg(any(feature = "server", fuzzing))]
            evidence: &[],
        }
    }

    const fn shown_by(mut self, evidence: &'static [Evidence]) -> Self {
        #[cfg(any(feature = "server", fuzzing))]
        {
            self.evidence = evidence;
        }
        #[cfg(not(any(feature = "server", fuzzing)))]
        let _ = (&mut self, evidence);
        self
    }

    const fn inside(mut self, container: &'static str) -> Self {
        self.container = Some(container);
        self
    }

    const fn inline(mut self) -> Self {
        self.inline = true;
        self
    }

    const fn preview(mut self, preview: Preview) -> Self {
        self.preview = preview;
        self
    }

    const fn place(mut self, place: PlaceData) -> Self {
        self.place = place;
        self
    }

    const fn runs(mut self) -> Self {
        self.runs = true;
        self
    }

    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// Returns whether this is a picture that every browser shows.
    pub fn is_raster(&self) -> bool {
        self.family == Family::Picture && self.inline
    }

    /// Returns whether this is an image, video or audio.
    pub fn is_media(&self) -> bool {
        matches!(self.family, Family::Picture | Family::Video | Family::Sound)
    }

    /// Returns whether this is text for people, including code.
    pub fn is_text(&self) -> bool {
        self.family == Family::Text || self.name == SVG
    }
}

/// Returns all rows. A row comes before those whose evidence it satisfies as well.
pub fn all() -> impl Iterator<Item = &'static FileType> {
    [media::PICTURES, media::VIDEOS, media::SOUNDS, documents::DOCUMENTS, documents::ARCHIVES, documents::OTHERS]
        .into_iter()
        .chain([text::TEXTS])
        .flatten()
}

/// Returns the row of a MIME name or of one of its aliases, in lower case and without parameters.
pub fn find(name: &str) -> Option<&'static FileType> {
    all().find(|row| row.is_called(name))
}

/// Returns the canonical name for an alias. A name without a row is returned unchanged.
pub fn canonical(name: &str) -> &str {
    find(name).map_or(name, |row| row.name)
}

/// Returns the row of an extension, in any case. If two rows have the extension, returns the first.
pub fn by_extension(extension: &str) -> Option<&'static FileType> {
    let extension = extension.to_ascii_lowercase();
    all().find(|row| row.extensions.contains(&extension.as_str()))
}

/// Returns the extension for a file of this type, without a dot.
pub fn extension_of(name: &str) -> Option<&'static str> {
    find(name)?.extensions.first().copied()
}

/// Returns whether an entry of `ATTACHMENTS_ALLOWED_MIME_TYPES` allows a type: the same type under any of its names,
/// one that the entry's type can contain, or, if the entry is a text type, every text. Web pages and SVG are not
/// included: they can run.
pub fn covers(entry: &str, name: &str) -> bool {
    if canonical(entry) == canonical(name) {
        return true;
    }
    let (Some(entry), Some(row)) = (find(entry), find(name)) else { return false };
    let holds = |outer: &FileType, inner: &FileType| inner.container == Some(outer.name);
    holds(entry, row)
        || (entry.family == Family::Picture && holds(row, entry))
        || (entry.family == Family::Text && row.family == Family::Text && !entry.runs && !row.runs)
}
