"""Small blocks of metadata and colour profiles of every kind that is read, and how to damage them.

A block's extension says what it is: “.exif”, “.xmp”, “.icc”, “.8bim” (Photoshop's resources),
“.ptext” (the content of a PNG's text chunk), “.segments” (application segments of a JPEG), “.tif”
(a file whose directory is damaged).
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Mapping

import tifffile
from mutations import mutated
from PIL import Image
from renders import XMP, cmyk_profile, exif_block, saved, scene, srgb_profile

from inpaint_core.photo.colour.icc_profiles import make_grey_profile, make_profile
from inpaint_core.photo.formats.jpeg.app_segments import make_segment, split_xmp

_PROPERTIES = (
    b'<rdf:Description xmlns:exif="e" exif:GPSLatitude="59,54.5N" aux:SerialNumber=\'47\'>'
    b"<exif:GPSAltitude>12/1</exif:GPSAltitude><exif:GPSVersionID/><aux:LensSerialNumber>8"
    b"</aux:LensSerialNumber><xmpMM:History> <rdf:Seq><rdf:li>x</rdf:li></rdf:Seq>"
    b"</xmpMM:History></rdf:Description>"
)
_TOKENS = (
    *(b"<exif:GPS", b"<aux:SerialNumber", b"<rdf:RDF", b"<rdf:RDF>", b"</rdf:RDF>", b"<!--"),
    *(b"<xmpMM:History><rdf:Seq>", b"</rdf:Seq>", b' exif:GPSx="', b" a:SerialNumber='", b'"'),
    *(b"xmpNote:HasExtendedXMP=", b"tiff:Orientation=", b"<a>", b"</a>", b"/>", b" ", b"<![CDATA["),
    *(b"\xff", b"\xff\xd8\xff", b"\xff\xd9", b"\xff\xda", b"\xff\xe1\0\4", b"8BIM", b"II*\0"),
    *(b"curv\0\0\0\0", b"mft2", b"mAB ", b"para", b"A2B1", b"desc", b"mluc", b"RIFF", b"/9j/"),
)
_LONGEST = 200_000
"""Bytes that a damaged block grows to: what takes quadratic time takes seconds then."""


def metadata_blocks() -> dict[str, bytes]:
    """The bytes of each block, by a name that says what it is."""
    small = saved(Image.fromarray(scene(8, 12)), "JPEG")
    packet = XMP.replace(b"</rdf:RDF>", _PROPERTIES + b"</rdf:RDF>")
    short, rest = split_xmp(packet + b" " * 70_000)
    record = b"\x1c\x02\x78\x00\x04lake"
    resources = _resource(0x0404, record) + _resource(0x03ED, bytes(16)) + _resource(2999, b"path")
    digits = f"\niptc\n{len(resources):8}\n{resources.hex()}\n".encode()
    return {
        "little.exif": exif_block("<", 6, small),
        "big.exif": exif_block(">", 1, small),
        "camera.exif": _camera(),
        "packet.xmp": packet,
        "wide.xmp": packet.decode("latin-1").encode("utf-16"),
        "matrix.icc": srgb_profile(),
        "ours.icc": make_profile("romm"),
        "curves.icc": _profile(b"rTRC", b"curv" + bytes(4) + struct.pack(">I9H", 9, *range(9))),
        "grey.icc": make_grey_profile(b"curv" + bytes(8)),
        "press.icc": cmyk_profile(),
        "lut.icc": _profile(b"A2B0", _lut()),
        "stages.icc": _profile(b"A2B1", _stages()),
        "resources.8bim": resources,
        "packed.ptext": b"zRaw profile type iptc\0\0" + zlib.compress(digits),
        "plain.ptext": b"tRaw profile type exif\0" + digits,
        "words.ptext": b"iComment\0\1\0en\0Kommentar\0" + zlib.compress(b"a lake, gps 59 " * 9),
        "xmp.ptext": b"iXML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet),
        "extended.segments": make_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + short) + rest,
        "several.segments": b"".join(
            make_segment(marker, content)
            for marker, content in (
                *((0xE2, b"ICC_PROFILE\0" + bytes([n + 1, 3]) + bytes(200)) for n in range(3)),
                *((0xE1, b"Exif\0\0" + exif_block()), (0xED, b"Photoshop 3.0\0" + resources)),
                *((0xFE, b"words"), (0xE2, b"MPF\0II*\0\x08\0\0\0\0\0\0\0\0\0"), (0xEB, b"JP\0")),
            )
        ),
        "directory.tif": _directory(),
    }


def damaged_block(data: bytes, others: Mapping[str, bytes], rng: random.Random) -> bytes:
    """A block with what damages photos, with tokens that readers look for, and with parts of it
    repeated hundreds of times.
    """
    out = bytearray(mutated(data, others, rng) if rng.random() < 0.8 else data)
    for _ in range(rng.choice((0, 0, 1, 3))):
        at = rng.randrange(len(out) + 1)
        out[at:at] = rng.choice(_TOKENS)
    if rng.random() < 0.3:
        at = rng.randrange(len(out) + 1)
        part = rng.choice((*_TOKENS, out[at : at + rng.randint(1, 100)])) or b"<"
        if rng.random() < 0.3:
            part = part + rng.choice(_TOKENS)
        times = rng.choice((10, 1000, _LONGEST // len(part)))
        out[at:at] = part * times
    return bytes(out[:_LONGEST])


def _resource(number: int, content: bytes) -> bytes:
    head = b"8BIM" + struct.pack(">HHI", number, 0, len(content))
    return head + content + bytes(len(content) % 2)


def _camera() -> bytes:
    tags = Image.Exif()
    tags[0x010F], tags[0xC62F] = "Lacuna", "BODY-4711"
    inner = tags.get_ifd(0x8769)
    inner[0xA431], inner[0x927C], inner[0x9003] = "4711", b"note" * 9, "2024:05:06 07:08:09"
    tags.get_ifd(0x8825)[1] = "N"
    return tags.tobytes().removeprefix(b"Exif\0\0")


def _profile(name: bytes, element: bytes) -> bytes:
    """An RGB profile with one tag and a description (ICC.1, section 7)."""
    text = b"desc" + bytes(4) + struct.pack(">I", 7) + b"a lake\0" + bytes(79)
    start = 132 + 24
    table = struct.pack(">I4sII", 2, name, start, len(element))
    table += struct.pack(">4sII", b"desc", start + len(element), len(text))
    size = start + len(element) + len(text)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x04200000, b"scnr", b"RGB ", b"Lab ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + element + text


def _lut() -> bytes:
    unit = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    head = b"mft2" + bytes(4) + bytes([3, 3, 2, 0]) + unit + struct.pack(">HH", 2, 2)
    corners = struct.pack(">24H", *(value for i in range(8) for value in (8160 * i, 32768, 32768)))
    ramps = struct.pack(">6H", *(0, 65535) * 3)
    return head + ramps + corners + ramps


def _stages() -> bytes:
    """Curves, a matrix, curves, a grid of 2 x 2 x 2 and curves (section 10.12)."""
    power = b"para" + bytes(4) + struct.pack(">HHi", 0, 0, 65536)
    numbers = struct.pack(">12i", *(65536 if i in (0, 4, 8) else 0 for i in range(12)))
    grid = bytes([2, 2, 2]).ljust(16, b"\0") + bytes([1, 0, 0, 0]) + bytes(range(24))
    places = (32, 80, 128, 176, 220)
    body = power * 3 + numbers + power * 3 + grid + power * 3
    return b"mAB " + bytes(4) + bytes([3, 3, 0, 0]) + struct.pack(">5I", *places) + body


def _directory() -> bytes:
    out = io.BytesIO()
    tags = [
        (700, 1, len(XMP), XMP, True),
        (34675, 7, 588, srgb_profile()[:588].ljust(588, b"\0"), True),
        (33723, 4, 3, (1, 2, 3), True),
        (315, 2, 0, "nobody", True),
    ]
    pixels = scene(8, 12)
    tifffile.imwrite(out, pixels, photometric="rgb", metadata=None, software=False, extratags=tags)
    return out.getvalue()
