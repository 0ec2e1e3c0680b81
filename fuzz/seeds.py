#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: small files in which every format is. Usage: seeds.py"""
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).parent / "seeds"


def write(target, name, data):
    folder = HERE / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def exif(order):
    def entry(tag, kind, count, value):
        return struct.pack(order + "HHII", tag, kind, count, value)

    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    first = struct.pack(order + "H", 3) + entry(0x112, 3, 1, 6 if order == "<" else 6 << 16)
    first += entry(0x8825, 4, 1, 50) + entry(0x8769, 4, 1, 92) + struct.pack(order + "I", 0)
    gps = struct.pack(order + "H", 2) + entry(1, 2, 2, 0x4E) + entry(2, 5, 3, 112) + struct.pack(order + "I", 0)
    block = (head + first).ljust(50, b"\0") + gps
    block = block.ljust(92, b"\0") + struct.pack(order + "H", 1) + entry(0x8822, 3, 1, 2) + struct.pack(order + "I", 0)
    return block.ljust(112, b"\0") + struct.pack(order + "6I", 52, 1, 31, 1, 4242, 100)


XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description exif:GPSLatitude="52,31.4N">'
    "<exif:GPSLongitude>13,24.2E</exif:GPSLongitude></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def segment(marker, payload):
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def jpeg(*segments):
    frame = segment(0xC0, b"\x08\0\x10\0\x10\x01\x01\x11\0") + segment(0xDA, b"\x01\x01\0\0\x3f\0")
    return b"\xff\xd8" + b"".join(segments) + frame + b"\0\0\xff\0\x12\xff\xd9"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")


def webp(*chunks):
    body = b"WEBP" + b"".join(k + struct.pack("<I", len(d)) + d + bytes(len(d) % 2) for k, d in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


little, big = exif("<"), exif(">")
extended = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 40 + b"<a GPSLatitude='1.5'/>"
photo = jpeg(segment(0xE1, b"Exif\0\0" + big), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP.encode()))
other = jpeg(
    segment(0xE1, extended),
    segment(0xED, b"Photoshop 3.0\x008BIM\x04\x22\0\0\0\0\0\x10" + little),
    segment(0xEB, b"JP\0\x01\0\0\0\x01jumb latitude 1.5"),
    segment(0xFE, b"gps 1.5"),
    segment(0xE2, b"ICC_PROFILE\0\x01\x01"),
)
text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP.encode()) + chunk(b"tEXt", b"gps\x001")
zipped = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"GPSLatitude 1.5"))
picture = webp((b"VP8X", b"\x0c" + bytes(9)), (b"VP8L", b"\x2f\0\0\0\0\x88\x88\x08"), (b"EXIF", little), (b"XMP ", XMP.encode()))

for name, data in {"photo": photo, "other": other, "two": photo + b"\0\0\0\x18ftypmp42\xa9xyz" + photo}.items():
    write("location_jpeg", name, data)
    write("sniff", name + ".jpg", data)
for name, data in {"exif": png(chunk(b"eXIf", big)), "text": png(text, zipped)}.items():
    write("location_png", name, data)
    write("sniff", name + ".png", data)
write("location_webp", "photo", picture)
write("sniff", "photo.webp", picture)
write("sniff", "page.html", "<!DOCTYPE html>")


def box(kind, content):
    return struct.pack(">I", len(content) + 8) + kind + content


def heic(item):
    info = box(b"infe", b"\2\0\0\0\0\1\0\0Exif\0")
    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    place = lambda at: box(b"iloc", b"\0\0\0\0\x44\0\0\1\0\1\0\0\0\1" + struct.pack(">II", at, len(item)))
    meta = lambda at: box(b"meta", bytes(4) + box(b"iinf", bytes(4) + b"\0\1" + info) + place(at))
    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", item)


film = box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov", box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+52.52+013.40/")))
named = b"\x45\xa3\x88LOCATION\x44\x87\x83Rom"
tagged = b"\x73\x73" + bytes([0x80 + len(named) + 3]) + b"\x67\xc8" + bytes([0x80 + len(named)]) + named
matroska = b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff\x12\x54\xc3\x67" + bytes([0x80 + len(tagged)]) + tagged
write("location_presence", "tiff", big)
write("location_presence", "heic", heic(b"\0\0\0\0" + little))
write("location_presence", "film", film)
write("location_presence", "matroska", matroska)
write("exif", "little", little)
write("exif", "big", big)
write("xmp", "packet", XMP)
write("zip_names", "name", "a/b\\c.tar.gz")
write("zip_names", "reserved", "CON.txt ")
write("range", "part", b"bytes=0-9" + bytes(8))
write("range", "several", b"bytes=-5,7-" + bytes(8))
write("content_disposition", "header", "attachment; filename=\"a.txt\"; filename*=UTF-8''%e2%82%ac.txt")
form = '--B-1\r\nContent-Disposition: form-data; name="a"; filename="b"\r\nContent-Type: text/plain\r\n\r\nx\r\n--B-1--\r\n'
write("multipart", "form", form + "\x07")
write("phone_digits", "number", "tel:+1 (555) 123-4567;ext=89")
