"""Pictures, EXIF blocks and profiles made from scratch, by other code than what is tested."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import tifffile
from hypothesis import settings
from numpy.typing import NDArray
from PIL import Image, ImageCms

Array = NDArray[Any]

steady = settings(deadline=None, max_examples=60)
"""For property tests: as long as each example takes on a busy machine."""


def scene(height: int, width: int, dtype: type = np.uint8, seed: int = 0) -> Array:
    """Smooth colours with grain, (H, W, 3), over the full range of the depth."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    base = np.stack([0.2 + 0.6 * x, 0.8 - 0.6 * y, 0.5 + 0.3 * np.sin(6 * (x + y))], axis=2)
    most = np.iinfo(dtype).max
    noisy = base + rng.normal(0, 0.02, base.shape)
    return np.clip(np.rint(noisy * most), 0, most).astype(dtype)


def veil(height: int, width: int, dtype: type = np.uint8) -> Array:
    """An alpha channel with every kind of value, 0 and full among them, (H, W)."""
    most = np.iinfo(dtype).max
    ramp = np.linspace(0, most, height * width).reshape(height, width)
    return np.rint(ramp).astype(dtype)


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def cmyk_profile() -> bytes:
    """A press whose full magenta prints as the middle grey L* = 50, whatever the plain formula
    says; no ink is white, full black is black, any other mixture dark grey (ICC.1, lut8Type).
    """
    lightness = {(0, 0, 0, 0): 255, (0, 1, 0, 0): 128, (0, 0, 0, 1): 0}
    clut = bytearray()
    for corner in np.ndindex(2, 2, 2, 2):
        clut += bytes([lightness.get(tuple(int(c) for c in corner), 40), 128, 128])
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + bytes(clut) + ramp * 3
    tags = struct.pack(">I4sII", 1, b"A2B0", 144, len(lut))
    header = struct.pack(
        ">I4sI4s4s4s", 144 + len(lut), b"lcms", 0x02400000, b"prtr", b"CMYK", b"Lab "
    )
    header += bytes(12) + b"acsp" + bytes(28)
    header += struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + tags + lut


def exif_block(order: str = "<", orientation: int = 1, thumbnail: bytes = b"") -> bytes:
    """EXIF data with a maker, a time, a maker's note, a position, the photo's size (40 x 24) and
    a rating; its structure written out by hand.
    """
    ascii_, short, long_, rational, undefined = 2, 3, 4, 5, 7
    base = b"II*\0" if order == "<" else b"MM\0*"
    note = b"Lacuna\0\x01" + bytes(range(40))
    exif: list[tuple[int, int, Any]] = [
        (0x829A, rational, (1, 250)),
        (0x9003, ascii_, b"2024:05:06 07:08:09\0"),
        (0x927C, undefined, note),
        (0xA002, long_, (40,)),
        (0xA003, short, (24,)),
    ]
    gps: list[tuple[int, int, Any]] = [
        (1, ascii_, b"N\0"),
        (2, rational, (59, 1, 54, 1, 5000, 100)),
    ]
    first: list[tuple[int, int, Any]] = [
        (0x010F, ascii_, b"Lacuna Camera Works\0"),
        (0x0112, short, (orientation,)),
        (0x4746, short, (4,)),
        (0x8298, ascii_, b"(c) nobody\0"),
    ]
    pointers = 2
    at_first = 8
    at_exif = at_first + _length(first, pointers)
    at_gps = at_exif + _length(exif)
    at_second = at_gps + _length(gps)
    first += [(0x8769, long_, (at_exif,)), (0x8825, long_, (at_gps,))]
    second: list[tuple[int, int, Any]] = []
    if thumbnail:
        second = [
            (0x0201, long_, (at_second + _length(second, 2),)),
            (0x0202, long_, (len(thumbnail),)),
        ]
    out = base + struct.pack(order + "I", at_first)
    out += _directory(first, order, at_first, at_second if thumbnail else 0)
    out += _directory(exif, order, at_exif) + _directory(gps, order, at_gps)
    if thumbnail:
        out += _directory(second, order, at_second) + thumbnail
    return out


def _packed(kind: int, value: Any, order: str) -> bytes:
    if isinstance(value, bytes):
        return value
    return struct.pack(f"{order}{len(value)}{'H' if kind == 3 else 'I'}", *value)


def _length(fields: list[tuple[int, int, Any]], more: int = 0) -> int:
    total = 2 + 12 * (len(fields) + more) + 4
    for _, kind, value in fields:
        size = len(_packed(kind, value, "<"))
        total += size + size % 2 if size > 4 else 0
    return total


def _directory(fields: list[tuple[int, int, Any]], order: str, at: int, after: int = 0) -> bytes:
    values = b""
    head = struct.pack(order + "H", len(fields))
    start = at + 2 + 12 * len(fields) + 4
    for tag, kind, value in fields:
        packed = _packed(kind, value, order)
        count = len(packed) // {2: 1, 3: 2, 4: 4, 5: 8, 7: 1}[kind]
        head += struct.pack(order + "HHI", tag, kind, count)
        if len(packed) > 4:
            head += struct.pack(order + "I", start + len(values))
            values += packed + bytes(len(packed) % 2)
        else:
            head += packed.ljust(4, b"\0")
    return head + struct.pack(order + "I", after) + values


def exif_fields(block: bytes) -> dict[str, dict[int, Any]]:
    """Every field that Pillow finds, by directory."""
    found = Image.Exif()
    found.load(block)
    return {
        "first": {tag: value for tag, value in found.items() if tag not in (0x8769, 0x8825)},
        "exif": dict(found.get_ifd(0x8769)),
        "gps": dict(found.get_ifd(0x8825)),
    }


XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    b'<?xpacket end="w"?>'
)


def png_bytes(
    values: Array, colour: int, bits: int, extra: tuple[tuple[bytes, bytes], ...] = ()
) -> bytes:
    """A PNG by the book, without filters: ``values`` (H, W, samples), one byte each below 16 bits
    (packed rows must be packed already).
    """
    height = values.shape[0]
    width = values.shape[1] * 8 // bits if bits < 8 else values.shape[1]
    raw = values.astype(">u2" if bits == 16 else "u1")
    rows = b"".join(b"\0" + row.tobytes() for row in raw)
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    pieces = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    out = b"\x89PNG\r\n\x1a\n"
    for name, content in pieces:
        out += struct.pack(">I", len(content)) + name + content
        out += struct.pack(">I", zlib.crc32(name + content))
    return out


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """What Pillow makes of an image."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def camera_raw(
    height: int, width: int, orientation: int = 6, brighter: float = 1.0, xmp: bytes = b" "
) -> tuple[Array, bytes]:
    """Light 0..1 in sRGB's primaries, (H, W, 3), and the DNG of a camera that saw it through a
    Bayer mosaic and is to be turned, by a quarter unless told (Adobe DNG specification 1.4).
    """
    y, x = np.mgrid[0:height, 0:width]
    light = np.stack([0.2 + 0.5 * x / width, 0.6 - 0.3 * y / height, 0.3 + 0 * x], axis=2)
    light *= brighter
    neutral = np.array([0.5, 1.0, 0.7])
    seen = light * neutral
    mosaic = seen[..., 1].copy()
    mosaic[0::2, 0::2], mosaic[1::2, 1::2] = seen[0::2, 0::2, 0], seen[1::2, 1::2, 2]
    from_xyz = [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
    out = io.BytesIO()
    tifffile.imwrite(
        out,
        np.rint(mosaic * 16383).astype(np.uint16),
        photometric=32803,
        metadata=None,
        software=False,
        extratags=[
            (271, 2, 0, "Lacuna", True),
            (700, 1, len(xmp), xmp, True),
            (274, 3, 1, orientation, True),
            (33421, 3, 2, (2, 2), True),
            (33422, 1, 4, bytes([0, 1, 1, 2]), True),
            (50706, 1, 4, bytes([1, 4, 0, 0]), True),
            (50708, 2, 0, "Lacuna Test Camera", True),
            (50717, 4, 1, 16383, True),
            (50721, 10, 9, _ratios(np.diag(neutral) @ from_xyz), True),
            (50728, 5, 3, _ratios(neutral), True),
            (50778, 3, 1, 21, True),
        ],
    )
    return light, out.getvalue()


def _ratios(values: Array) -> tuple[int, ...]:
    return tuple(part for value in values.ravel() for part in (round(value * 10_000), 10_000))
