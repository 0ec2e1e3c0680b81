//! The table rows of documents, archives, programs and other types.

use super::Evidence::{Bytes, Letters, Structure, Text};
use super::Family::{Archive, Document, Other, Program};
use super::evidence::{contains, u32_be, u32_le};
use super::office::{self, DOCX, EPUB, ODG, ODP, ODS, ODT, OLE_NAME, PPTX, XLSX, ZIP};
use super::{FileType, Preview, text};

const fn row(
    name: &'static str,
    aliases: &'static [&'static str],
    extensions: &'static [&'static str],
    label: &'static str,
    family: super::Family,
) -> FileType {
    FileType::new(name, aliases, extensions, label, family)
}

/// Returns the row of an office document that its bytes don't distinguish from others of its container.
const fn like(name: &'static str, extensions: &'static [&'static str], label: &'static str) -> FileType {
    row(name, &[], extensions, label, Document).inside(ZIP)
}

pub const DOCUMENTS: &[FileType] = &[
    row("application/pdf", &["application/x-pdf", "application/acrobat"], &["pdf"], "PDF", Document)
        .shown_by(&[Text(text::is_pdf), Structure(|start| contains(&start[..start.len().min(1024)], b"%PDF-"))])
        .inline()
        .preview(Preview::Pages),
    row(DOCX, &[], &["docx"], "Word document", Document)
        .shown_by(&[Structure(|start| office::zip_name(start) == Some(DOCX))])
        .inside(ZIP),
    row(XLSX, &[], &["xlsx"], "Excel workbook", Document)
        .shown_by(&[Structure(|start| office::zip_name(start) == Some(XLSX))])
        .inside(ZIP),
    row(PPTX, &[], &["pptx"], "PowerPoint presentation", Document)
        .shown_by(&[Structure(|start| office::zip_name(start) == Some(PPTX))])
        .inside(ZIP),
    like("application/vnd.ms-word.document.macroenabled.12", &["docm"], "Word document"),
    like("application/vnd.ms-excel.sheet.macroenabled.12", &["xlsm"], "Excel workbook"),
    like("application/vnd.ms-powerpoint.presentation.macroenabled.12", &["pptm"], "PowerPoint presentation"),
    row(ODT, &[], &["odt"], "OpenDocument text", Document)
        .shown_by(&[Structure(|start| office::zip_name(start) == Some(ODT))])
        .inside(ZIP),
    row(ODS, &[], &["ods"], "OpenDocument spreadsheet", Document)
        .shown_by(&[Structure(|start| office::zip_name(start) == Some(ODS))])
        .inside(ZIP),
    row(ODP, &[], &["odp"], "OpenDocument presentation", Document)
        .shown_by(&[Structure(|start| office::zip_name(start) == Some(ODP))])
        .inside(ZIP),
    row(ODG, &[], &["odg"], "OpenDocument drawing", Document)
        .shown_by(&[Structure(|start| office::zip_name(start) == Some(ODG))])
        .inside(ZIP),
    row(EPUB, &[], &["epub"], "EPUB", Document)
        .shown_by(&[Structure(|start| office::zip_name(start) == Some(EPUB))])
        .inside(ZIP),
    row("application/msword", &["application/vnd.ms-word"], &["doc", "dot"], "Word document", Document)
        .shown_by(&[Structure(|start| office::ole_name(start) == Some("application/msword"))])
        .inside(OLE_NAME),
    row(
        "application/vnd.ms-excel",
        &["application/msexcel", "application/x-msexcel"],
        &["xls", "xlt"],
        "Excel workbook",
        Document,
    )
    .shown_by(&[Structure(|start| office::ole_name(start) == Some("application/vnd.ms-excel"))])
    .inside(OLE_NAME),
    row(
        "application/vnd.ms-powerpoint",
        &["application/mspowerpoint"],
        &["ppt", "pps"],
        "PowerPoint presentation",
        Document,
    )
    .shown_by(&[Structure(|start| office::ole_name(start) == Some("application/vnd.ms-powerpoint"))])
    .inside(OLE_NAME),
    row("application/vnd.ms-outlook", &[], &["msg"], "Outlook message", Document)
        .shown_by(&[Structure(|start| office::ole_name(start) == Some("application/vnd.ms-outlook"))])
        .inside(OLE_NAME),
    row("application/rtf", &["text/rtf"], &["rtf"], "Rich text", Document),
    row("application/postscript", &[], &["ps", "eps", "ai"], "PostScript", Document),
    row("application/x-mobipocket-ebook", &[], &["mobi", "azw", "azw3"], "Mobipocket", Document)
        .shown_by(&[Letters(&[(60, b"BOOKMOBI")])]),
];

pub const ARCHIVES: &[FileType] = &[
    row("application/vnd.android.package-archive", &[], &["apk"], "Android app", Program)
        .shown_by(&[Structure(|start| office::zip_name(start) == Some("application/vnd.android.package-archive"))])
        .inside(ZIP),
    row(
        "application/java-archive",
        &["application/x-java-archive", "application/x-jar"],
        &["jar", "war", "ear"],
        "Java archive",
        Program,
    )
    .shown_by(&[Structure(|start| office::zip_name(start) == Some("application/java-archive"))])
    .inside(ZIP),
    row(
        ZIP,
        &["application/x-zip-compressed", "application/x-zip", "multipart/x-zip"],
        &["zip"],
        "ZIP archive",
        Archive,
    )
    .shown_by(&[Structure(|start| office::zip_name(start) == Some(ZIP))]),
    row(
        "application/gzip",
        &["application/x-gzip", "application/x-gtar-compressed", "application/x-compressed-tar"],
        &["gz", "tgz"],
        "Gzip archive",
        Archive,
    )
    .shown_by(&[Bytes(&[(0, b"\x1f\x8b\x08")])]),
    row(
        "application/x-bzip2",
        &["application/x-bzip", "application/bzip2"],
        &["bz2", "tbz2"],
        "Bzip2 archive",
        Archive,
    )
    .shown_by(&[Structure(|start| {
        matches!(start, [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..])
    })]),
    row("application/x-xz", &["application/xz"], &["xz", "txz"], "XZ archive", Archive)
        .shown_by(&[Bytes(&[(0, b"\xfd7zXZ\0")])]),
    row("application/zstd", &["application/x-zstd"], &["zst"], "Zstandard archive", Archive)
        .shown_by(&[Bytes(&[(0, b"\x28\xb5\x2f\xfd")])]),
    row("application/x-7z-compressed", &["application/x-7z"], &["7z"], "7z archive", Archive)
        .shown_by(&[Bytes(&[(0, b"7z\xbc\xaf\x27\x1c")])]),
    row(
        "application/vnd.rar",
        &["application/x-rar-compressed", "application/x-rar", "application/rar"],
        &["rar"],
        "RAR archive",
        Archive,
    )
    .shown_by(&[Bytes(&[(0, b"Rar!\x1a\x07\0")]), Bytes(&[(0, b"Rar!\x1a\x07\x01\0")])]),
    row("application/x-tar", &["application/tar"], &["tar"], "Tar archive", Archive).shown_by(&[Structure(is_tar)]),
    row("application/x-lz4", &[], &["lz4"], "LZ4 archive", Archive).shown_by(&[Bytes(&[(0, b"\x04\x22\x4d\x18")])]),
    row("application/x-lzip", &[], &["lz"], "Lzip archive", Archive).shown_by(&[Letters(&[(0, b"LZIP\x01")])]),
    row("application/x-compress", &[], &["z"], "Compress archive", Archive)
        .shown_by(&[Structure(|start| matches!(start, [0x1f, 0x9d, bits, ..] if (9..=16).contains(&(bits & 31))))]),
    row("application/vnd.ms-cab-compressed", &[], &["cab"], "Cabinet archive", Archive)
        .shown_by(&[Letters(&[(0, b"MSCF\0\0\0\0")])]),
    row("application/x-iso9660-image", &["application/x-cd-image"], &["iso"], "Disc image", Archive)
        .shown_by(&[Letters(&[(32_769, b"CD001")])]),
];

pub const OTHERS: &[FileType] = &[
    row(
        "application/x-executable",
        &["application/x-elf", "application/x-sharedlib", "application/x-pie-executable"],
        &["elf", "so", "o"],
        "Linux program",
        Program,
    )
    .shown_by(&[Bytes(&[(0, b"\x7fELF")])]),
    row(
        "application/vnd.microsoft.portable-executable",
        &["application/x-msdownload", "application/x-dosexec", "application/x-msdos-program", "application/exe"],
        &["exe", "dll", "sys", "scr", "com"],
        "Windows program",
        Program,
    )
    .shown_by(&[Structure(is_windows_program)]),
    row("application/x-mach-binary", &[], &["dylib"], "macOS program", Program).shown_by(&[
        Bytes(&[(0, b"\xcf\xfa\xed\xfe")]),
        Bytes(&[(0, b"\xce\xfa\xed\xfe")]),
        Bytes(&[(0, b"\xfe\xed\xfa\xcf")]),
        Bytes(&[(0, b"\xfe\xed\xfa\xce")]),
        Structure(|start| start.starts_with(b"\xca\xfe\xba\xbe") && u32_be(start, 4).is_some_and(|count| count < 40)),
    ]),
    row("application/java-vm", &["application/x-java-applet"], &["class"], "Java class", Program)
        .shown_by(&[Bytes(&[(0, b"\xca\xfe\xba\xbe")])]),
    row("application/vnd.android.dex", &[], &["dex"], "Android code", Program)
        .shown_by(&[Structure(|start| start.starts_with(b"dex\n") && start.get(7) == Some(&0))]),
    row("application/wasm", &[], &["wasm"], "WebAssembly", Program).shown_by(&[Bytes(&[(0, b"\0asm\x01\0\0\0")])]),
    row("application/x-msi", &["application/x-ms-installer"], &["msi"], "Windows installer", Program)
        .shown_by(&[Structure(|start| office::ole_name(start) == Some("application/x-msi"))])
        .inside(OLE_NAME),
    row("application/x-ms-shortcut", &[], &["lnk"], "Shortcut", Program)
        .shown_by(&[Bytes(&[(0, b"\x4c\0\0\0\x01\x14\x02\0")])]),
    row(
        "application/vnd.debian.binary-package",
        &["application/x-debian-package", "application/x-deb"],
        &["deb"],
        "Debian package",
        Program,
    )
    .shown_by(&[Letters(&[(0, b"!<arch>\ndebian-binary")])]),
    row("application/x-rpm", &["application/x-redhat-package-manager"], &["rpm"], "RPM package", Program)
        .shown_by(&[Bytes(&[(0, b"\xed\xab\xee\xdb")])]),
    row(
        "application/x-google-chrome-extension",
        &["application/x-chrome-extension"],
        &["crx"],
        "Chrome extension",
        Program,
    )
    .shown_by(&[Letters(&[(0, b"Cr24\x02\0\0\0")]), Letters(&[(0, b"Cr24\x03\0\0\0")])]),
    row("application/x-shockwave-flash", &["application/vnd.adobe.flash.movie"], &["swf"], "Flash", Program)
        .shown_by(&[Structure(|start| matches!(start, [b'F' | b'C' | b'Z', b'W', b'S', 1..=50, ..]))]),
    row(OLE_NAME, &["application/x-cfb"], &[], "Compound file", Other)
        .shown_by(&[Structure(|start| office::ole_name(start) == Some(OLE_NAME))]),
    row("application/vnd.sqlite3", &["application/x-sqlite3"], &["sqlite", "sqlite3", "db"], "SQLite database", Other)
        .shown_by(&[Bytes(&[(0, b"SQLite format 3\0")])]),
    row("font/woff", &["application/font-woff"], &["woff"], "Font", Other)
        .shown_by(&[Letters(&[(0, b"wOFF\0\x01\0\0")]), Letters(&[(0, b"wOFFOTTO")])]),
    row("font/woff2", &[], &["woff2"], "Font", Other)
        .shown_by(&[Letters(&[(0, b"wOF2\0\x01\0\0")]), Letters(&[(0, b"wOF2OTTO")])]),
    row("font/ttf", &["application/x-font-ttf", "application/font-sfnt", "font/sfnt"], &["ttf"], "Font", Other)
        .shown_by(&[Bytes(&[(0, b"\0\x01\0\0\0")]), Bytes(&[(0, b"true\0")])]),
    row("font/otf", &["application/x-font-otf"], &["otf"], "Font", Other).shown_by(&[Letters(&[(0, b"OTTO\0")])]),
    row("font/collection", &[], &["ttc"], "Fonts", Other).shown_by(&[Letters(&[(0, b"ttcf\0")])]),
    row("application/dicom", &[], &["dcm"], "DICOM", Other).shown_by(&[Letters(&[(128, b"DICM")])]),
    row("application/vnd.apache.parquet", &[], &["parquet"], "Parquet", Other)
        .shown_by(&[Structure(|start| start.starts_with(b"PAR1") && start.get(4) == Some(&0x15))]),
    row("application/vnd.tcpdump.pcap", &["application/x-pcapng"], &["pcap", "pcapng"], "Network capture", Other)
        .shown_by(&[
            Bytes(&[(0, b"\xd4\xc3\xb2\xa1")]),
            Bytes(&[(0, b"\xa1\xb2\xc3\xd4")]),
            Letters(&[(0, b"\x0a\x0d\x0d\x0a")]),
        ]),
];

/// Returns whether this is a Windows program: the old header points to the new one ("MZ" alone begins many texts).
fn is_windows_program(start: &[u8]) -> bool {
    let new_head = u32_le(start, 60).and_then(|at| usize::try_from(at).ok());
    start.starts_with(b"MZ")
        && new_head.is_some_and(|at| start.get(at..).is_none_or(|head| head.is_empty() || head.starts_with(b"PE\0\0")))
}

/// Checks the checksum of the first header (POSIX.1-2017, pax), which older formats have too.
fn is_tar(start: &[u8]) -> bool {
    let Some(header) = start.get(..512) else { return false };
    let told = header[148..156].trim_ascii().split(|byte| *byte == 0 || *byte == b' ').next();
    let told =
        told.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|text| u32::from_str_radix(text, 8).ok());
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    told == Some(sum(&header[..148]) + 8 * u32::from(b' ') + sum(&header[156..])) && header[0] != 0
}
