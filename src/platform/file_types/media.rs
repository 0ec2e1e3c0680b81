//! The table rows of pictures, video and audio.

use super::Evidence::{Bytes, Letters, Structure, Text};
use super::Family::{Picture, Sound, Video};
use super::PlaceData::{Kept, Removable};
use super::Preview::{Demuxer, Drawing, Heif};
use super::{FileType, Preview, asf, iso, matroska, mpeg, ogg, text};

const MOV: Preview = Demuxer("mov");
const MATROSKA: Preview = Demuxer("matroska");
const OGG: Preview = Demuxer("ogg");

const fn row(
    name: &'static str,
    aliases: &'static [&'static str],
    extensions: &'static [&'static str],
    label: &'static str,
    family: super::Family,
) -> FileType {
    FileType::new(name, aliases, extensions, label, family)
}

/// Returns the row of a raw photo, which is a TIFF that its bytes don't distinguish from others.
const fn raw(name: &'static str, extensions: &'static [&'static str], label: &'static str) -> FileType {
    row(name, &[], extensions, label, Picture).inside("image/tiff").place(Kept)
}

pub const PICTURES: &[FileType] = &[
    row("image/jpeg", &["image/jpg", "image/pjpeg"], &["jpg", "jpeg", "jpe", "jfif"], "JPEG", Picture)
        .shown_by(&[Bytes(&[(0, b"\xff\xd8\xff")])])
        .inline()
        .preview(Preview::Picture)
        .place(Removable),
    row("image/png", &["image/x-png", "image/apng", "image/vnd.mozilla.apng"], &["png", "apng"], "PNG", Picture)
        .shown_by(&[Bytes(&[(0, b"\x89PNG\r\n\x1a\n")])])
        .inline()
        .preview(Preview::Picture)
        .place(Removable),
    row("image/gif", &[], &["gif"], "GIF", Picture)
        .shown_by(&[Letters(&[(0, b"GIF87a")]), Letters(&[(0, b"GIF89a")])])
        .inline()
        .preview(Preview::Picture),
    row("image/webp", &[], &["webp"], "WebP", Picture)
        .shown_by(&[Letters(&[(0, b"RIFF"), (8, b"WEBP")])])
        .inline()
        .preview(Preview::Picture)
        .place(Removable),
    row("image/avif", &["image/avif-sequence"], &["avif", "avifs"], "AVIF", Picture)
        .shown_by(&[Structure(|start| iso::name(start) == Some("image/avif"))])
        .inline()
        .preview(Heif)
        .place(Kept),
    row("image/bmp", &["image/x-ms-bmp", "image/x-bmp", "image/x-windows-bmp"], &["bmp", "dib"], "BMP", Picture)
        .shown_by(&[Structure(|start| start.starts_with(b"BM") && start.get(6..10).is_some_and(|it| it == [0; 4]))])
        .inline()
        .preview(Preview::Picture),
    row("image/heic", &["image/heic-sequence"], &["heic", "heics"], "HEIC", Picture)
        .shown_by(&[Structure(|start| iso::name(start) == Some("image/heic"))])
        .inside("image/heif")
        .preview(Heif)
        .place(Kept),
    row("image/heif", &["image/heif-sequence"], &["heif", "hif", "heifs"], "HEIF", Picture)
        .shown_by(&[Structure(|start| iso::name(start) == Some("image/heif"))])
        .preview(Heif)
        .place(Kept),
    row("image/svg+xml", &["image/svg"], &["svg"], "SVG", Picture)
        .shown_by(&[Text(text::is_svg)])
        .preview(Drawing)
        .runs(),
    row("image/x-canon-cr2", &[], &["cr2"], "Canon RAW", Picture)
        .shown_by(&[Bytes(&[(0, b"II\x2a\0"), (8, b"CR\x02\0")])])
        .inside("image/tiff")
        .place(Kept),
    row("image/x-canon-cr3", &[], &["cr3"], "Canon RAW", Picture)
        .shown_by(&[Structure(|start| iso::name(start) == Some("image/x-canon-cr3"))])
        .place(Kept),
    row("image/tiff", &["image/tif", "image/x-tiff"], &["tif", "tiff"], "TIFF", Picture)
        .shown_by(&[
            Bytes(&[(0, b"II\x2a\0")]),
            Bytes(&[(0, b"MM\0\x2a")]),
            Bytes(&[(0, b"II\x2b\0\x08\0")]),
            Bytes(&[(0, b"MM\0\x2b\0\x08")]),
        ])
        .preview(Preview::Picture)
        .place(Kept),
    raw("image/x-adobe-dng", &["dng"], "DNG"),
    raw("image/x-nikon-nef", &["nef"], "Nikon RAW"),
    raw("image/x-sony-arw", &["arw"], "Sony RAW"),
    row("image/vnd.microsoft.icon", &["image/x-icon", "image/ico"], &["ico"], "Icon", Picture).shown_by(&[Structure(
        |start| matches!(start, [0, 0, 1, 0, count, 0, _, _, _, 0, planes, 0, ..] if *count > 0 && *planes <= 1),
    )]),
    row(
        "image/vnd.adobe.photoshop",
        &["image/x-photoshop", "image/psd", "application/x-photoshop"],
        &["psd", "psb"],
        "Photoshop",
        Picture,
    )
    .shown_by(&[Bytes(&[(0, b"8BPS\0\x01")]), Bytes(&[(0, b"8BPS\0\x02")])]),
    row("image/jxl", &[], &["jxl"], "JPEG XL", Picture)
        .shown_by(&[Bytes(&[(0, b"\xff\x0a")]), Bytes(&[(0, b"\0\0\0\x0cJXL \r\n\x87\n")])])
        .place(Kept),
    row(
        "image/jp2",
        &["image/jpx", "image/jpm", "image/jpeg2000"],
        &["jp2", "jpx", "jpm", "j2k"],
        "JPEG 2000",
        Picture,
    )
    .shown_by(&[Bytes(&[(0, b"\0\0\0\x0cjP  \r\n\x87\n")]), Bytes(&[(0, b"\xff\x4f\xff\x51\0")])])
    .place(Kept),
    row("image/vnd.ms-photo", &["image/jxr"], &["jxr", "wdp", "hdp"], "JPEG XR", Picture)
        .shown_by(&[Bytes(&[(0, b"II\xbc\x01")])])
        .place(Kept),
    row("image/vnd.djvu", &["image/x-djvu"], &["djvu", "djv"], "DjVu", Picture)
        .shown_by(&[Letters(&[(0, b"AT&TFORM"), (12, b"DJV")])]),
    row("image/vnd.dwg", &["application/acad", "image/x-dwg"], &["dwg"], "DWG", Picture)
        .shown_by(&[Structure(|start| start.starts_with(b"AC10") && start.get(6..11) == Some(&[0; 5]))]),
    row("image/x-exr", &[], &["exr"], "OpenEXR", Picture).shown_by(&[Bytes(&[(0, b"\x76\x2f\x31\x01")])]),
    row("image/x-xcf", &[], &["xcf"], "GIMP", Picture).shown_by(&[Letters(&[(0, b"gimp xcf ")])]),
    row("image/openraster", &[], &["ora"], "OpenRaster", Picture)
        .shown_by(&[Structure(|start| super::office::zip_name(start) == Some(super::office::ORA))])
        .inside(super::office::ZIP),
];

pub const VIDEOS: &[FileType] = &[
    row("video/mp4", &["video/x-m4v", "video/m4v", "application/mp4"], &["mp4", "m4v", "f4v", "mp4v"], "MP4", Video)
        .shown_by(&[Structure(|start| iso::name(start) == Some("video/mp4"))])
        .inline()
        .preview(MOV)
        .place(Kept),
    row("video/quicktime", &[], &["mov", "qt"], "QuickTime", Video)
        .shown_by(&[Structure(|start| iso::name(start) == Some("video/quicktime"))])
        .inline()
        .preview(MOV)
        .place(Kept),
    row("video/3gpp", &["video/3gp"], &["3gp", "3gpp"], "3GP", Video)
        .shown_by(&[Structure(|start| iso::name(start) == Some("video/3gpp"))])
        .inside("video/mp4")
        .inline()
        .preview(MOV)
        .place(Kept),
    row("video/3gpp2", &["video/3g2"], &["3g2", "3gpp2"], "3G2", Video)
        .shown_by(&[Structure(|start| iso::name(start) == Some("video/3gpp2"))])
        .inside("video/mp4")
        .inline()
        .preview(MOV)
        .place(Kept),
    row("video/webm", &[], &["webm"], "WebM", Video)
        .shown_by(&[Structure(|start| matroska::name(start) == Some("video/webm"))])
        .inline()
        .preview(MATROSKA)
        .place(Kept),
    row("video/x-matroska", &["video/matroska"], &["mkv"], "Matroska", Video)
        .shown_by(&[Structure(|start| matroska::name(start) == Some("video/x-matroska"))])
        .preview(MATROSKA)
        .place(Kept),
    row("video/ogg", &["application/ogg"], &["ogv"], "Ogg video", Video)
        .shown_by(&[Structure(|start| ogg::name(start) == Some("video/ogg"))])
        .inline()
        .preview(OGG)
        .place(Kept),
    row("video/x-msvideo", &["video/avi", "video/msvideo", "video/vnd.avi"], &["avi"], "AVI", Video)
        .shown_by(&[Letters(&[(0, b"RIFF"), (8, b"AVI ")])])
        .preview(Demuxer("avi"))
        .place(Kept),
    row("video/mpeg", &["video/mpg", "video/x-mpeg"], &["mpg", "mpeg", "vob"], "MPEG", Video)
        .shown_by(&[Bytes(&[(0, b"\0\0\x01\xba")]), Bytes(&[(0, b"\0\0\x01\xb3")])])
        .preview(Demuxer("mpeg"))
        .place(Kept),
    row("video/mp2t", &["video/mpegts", "video/vnd.dlna.mpeg-tts"], &["mts", "m2ts"], "MPEG-TS", Video)
        .shown_by(&[Structure(mpeg::is_transport_stream)])
        .preview(Demuxer("mpegts"))
        .place(Kept),
    row("video/x-ms-wmv", &["video/x-ms-asf"], &["wmv", "asf"], "Windows Media", Video)
        .shown_by(&[Structure(asf::is_film)])
        .preview(Demuxer("asf"))
        .place(Kept),
    row("video/x-flv", &[], &["flv"], "Flash video", Video)
        .shown_by(&[Bytes(&[(0, b"FLV\x01")])])
        .preview(Demuxer("flv"))
        .place(Kept),
];

pub const SOUNDS: &[FileType] = &[
    row("audio/mp4", &["audio/x-m4a", "audio/m4a", "audio/x-m4b", "audio/m4b"], &["m4a", "m4b", "m4p"], "M4A", Sound)
        .shown_by(&[Structure(|start| iso::name(start) == Some("audio/mp4"))])
        .inside("video/mp4")
        .inline()
        .preview(MOV),
    row("audio/3gpp", &[], &["3ga"], "3GP sound", Sound)
        .shown_by(&[Structure(|start| iso::name(start) == Some("audio/3gpp"))])
        .inside("video/3gpp")
        .inline()
        .preview(MOV),
    row("audio/3gpp2", &[], &[], "3G2 sound", Sound)
        .shown_by(&[Structure(|start| iso::name(start) == Some("audio/3gpp2"))])
        .inside("video/3gpp2")
        .inline()
        .preview(MOV),
    row("audio/webm", &[], &["weba"], "WebM sound", Sound)
        .shown_by(&[Structure(|start| matroska::name(start) == Some("audio/webm"))])
        .inside("video/webm")
        .inline()
        .preview(MATROSKA),
    row("audio/x-matroska", &["audio/matroska"], &["mka"], "Matroska sound", Sound)
        .shown_by(&[Structure(|start| matroska::name(start) == Some("audio/x-matroska"))])
        .inside("video/x-matroska")
        .preview(MATROSKA),
    // The codec of voice notes, in its usual container.
    row(
        "audio/ogg",
        &["audio/opus", "audio/x-opus+ogg", "audio/vorbis", "audio/x-vorbis+ogg", "audio/x-ogg"],
        &["ogg", "oga", "opus", "spx"],
        "Ogg",
        Sound,
    )
    .shown_by(&[Structure(|start| ogg::name(start) == Some("audio/ogg"))])
    .inside("video/ogg")
    .inline()
    .preview(OGG),
    row("audio/flac", &["audio/x-flac"], &["flac"], "FLAC", Sound)
        .shown_by(&[Structure(mpeg::is_flac)])
        .inline()
        .preview(Demuxer("flac")),
    row("audio/aac", &["audio/x-aac", "audio/aacp", "audio/x-hx-aac-adts"], &["aac"], "AAC", Sound)
        .shown_by(&[Structure(mpeg::is_aac)])
        .inline()
        .preview(Demuxer("aac")),
    row(
        "audio/mpeg",
        &["audio/mp3", "audio/x-mp3", "audio/x-mpeg", "audio/mpeg3", "audio/x-mpeg-3", "audio/mpg"],
        &["mp3", "mpga", "mp2"],
        "MP3",
        Sound,
    )
    .shown_by(&[Structure(mpeg::is_mp3)])
    .inline()
    .preview(Demuxer("mp3")),
    row("audio/wav", &["audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-pn-wav"], &["wav"], "WAV", Sound)
        .shown_by(&[Letters(&[(0, b"RIFF"), (8, b"WAVE")]), Letters(&[(0, b"RF64"), (8, b"WAVE")])])
        .inline()
        .preview(Demuxer("wav")),
    row("audio/x-aiff", &["audio/aiff"], &["aiff", "aif", "aifc"], "AIFF", Sound)
        .shown_by(&[Letters(&[(0, b"FORM"), (8, b"AIFF")]), Letters(&[(0, b"FORM"), (8, b"AIFC")])])
        .preview(Demuxer("aiff")),
    row("audio/midi", &["audio/x-midi", "audio/mid"], &["mid", "midi"], "MIDI", Sound)
        .shown_by(&[Letters(&[(0, b"MThd\0\0\0")])]),
    row("audio/amr-wb", &["audio/x-amr-wb"], &["awb"], "AMR", Sound)
        .shown_by(&[Letters(&[(0, b"#!AMR-WB\n")]), Letters(&[(0, b"#!AMR-WB_MC1.0\n")])])
        .preview(Demuxer("amr")),
    row("audio/amr", &["audio/x-amr", "audio/amr-nb"], &["amr"], "AMR", Sound)
        .shown_by(&[Letters(&[(0, b"#!AMR\n")]), Letters(&[(0, b"#!AMR_MC1.0\n")])])
        .preview(Demuxer("amr")),
    row("audio/x-ape", &["audio/ape"], &["ape"], "Monkey's Audio", Sound)
        .shown_by(&[Letters(&[(0, b"MAC ")])])
        .preview(Demuxer("ape")),
    row("audio/x-ms-wma", &[], &["wma"], "Windows Media sound", Sound)
        .shown_by(&[Structure(asf::is_sound)])
        .inside("video/x-ms-wmv")
        .preview(Demuxer("asf")),
    row("audio/ac3", &["audio/x-ac3", "audio/vnd.dolby.dd-raw"], &["ac3"], "AC-3", Sound)
        .shown_by(&[Bytes(&[(0, b"\x0b\x77")])])
        .preview(Demuxer("ac3")),
    row("audio/x-caf", &["audio/caf"], &["caf"], "CAF", Sound)
        .shown_by(&[Bytes(&[(0, b"caff\0\x01")])])
        .preview(Demuxer("caf")),
    row("audio/basic", &["audio/x-au"], &["au", "snd"], "AU", Sound)
        .shown_by(&[Letters(&[(0, b".snd\0\0")])])
        .preview(Demuxer("au")),
    row("audio/x-dsf", &["audio/dsf"], &["dsf"], "DSF", Sound)
        .shown_by(&[Letters(&[(0, b"DSD \x1c\0")])])
        .preview(Demuxer("dsf")),
];
