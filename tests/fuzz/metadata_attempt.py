"""One damaged block of metadata through everything that reads it."""

from __future__ import annotations

import struct
import time
import traceback
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from inpaint_core.contract.errors import CannotWrite, InpaintError, OutOfMemory
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo.colour.conversion import convert_to_srgb
from inpaint_core.photo.description import describe_photo
from inpaint_core.photo.formats.jpeg.app_segments import make_segment
from inpaint_core.photo.formats.png import png_writer as png
from inpaint_core.photo.formats.registry import writable_formats
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo
from inpaint_core.photo.tone import find_tone
from inpaint_core.photo.write_photo import (
    encode_photo,
    fit_to_format,
    prepare_output,
    stamp_exif,
)

_PIXELS = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
_DEEP = _PIXELS.astype(np.uint16) * np.uint16(257)
_JPEG = cv2.imencode(".jpg", _PIXELS)[1].tobytes()
_KEPT = 65000  # bytes in a segment
_MOST_SECONDS = 2.0
_OUTPUTS = (
    (".jpg", OutputOptions(metadata="no_gps", note_in_xmp=True)),
    (".png", OutputOptions(metadata="no_gps", profile="srgb", depth=16)),
    (".tif", OutputOptions(note_in_xmp=True)),
    (".webp", OutputOptions()),
)


def attempt_block(name: str, data: bytes) -> tuple[str, str]:
    """Put the block into files of every format that holds it; read, describe and write them.

    Returns what became of it, as `victim.attempt` does, or “slow”.
    """
    refused, begun = "", time.process_time()
    for number, file in enumerate(_iter_files(name, data)):
        try:
            photo = decode_photo(file, Path(name), 1 << 20)
            _use(photo, (len(data) + number) % len(_OUTPUTS))
        except OutOfMemory as error:
            return "memory", str(error.message)
        except InpaintError as error:
            refused = str(error.message)
        except BaseException:
            return "bug", traceback.format_exc(limit=-3)
    taken = time.process_time() - begun
    if taken > _MOST_SECONDS:
        return "slow", f"{taken:.1f} s of the processor"
    return ("refused", refused) if refused else ("photo", "")


def _use(photo: Photo, number: int) -> None:
    describe_photo(photo)
    find_tone(photo)
    if photo.icc is not None:
        with suppress(ValueError):
            convert_to_srgb(photo if number else replace(photo, pixels=_DEEP))
    suffix, options = _OUTPUTS[number]
    kind = writable_formats()[suffix]
    with suppress(CannotWrite):  # a profile that cannot be converted
        ready, _ = prepare_output(photo, options, "2024-05-06T07:08:09+00:00")
        ready, _ = fit_to_format(ready, kind)
        decode_photo(encode_photo(stamp_exif(ready, kind), kind, 90)[0], Path("again"))


def _iter_files(name: str, data: bytes) -> Iterator[bytes]:
    kind = name.rpartition(".")[2]
    if kind == "exif":
        yield _png(b"eXIf", data)
        yield _jpeg(_segments(0xE1, b"Exif\0\0", data))
        yield _webp(b"EXIF", data)
        yield data  # it is a TIFF without pixels
    elif kind == "xmp":
        yield _png(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(data, 1))
        yield _jpeg(_segments(0xE1, b"http://ns.adobe.com/xap/1.0/\0", data[:_KEPT]))
        yield _webp(b"XMP ", data)
    elif kind == "icc":
        yield _png(b"iCCP", b"lake\0\0" + zlib.compress(data, 1))
        parts = [data[at : at + _KEPT] for at in range(0, len(data), _KEPT)]
        heads = (bytes([number + 1, len(parts)]) for number in range(len(parts)))
        yield _jpeg(
            b"".join(
                make_segment(0xE2, b"ICC_PROFILE\0" + head + part)
                for head, part in zip(heads, parts, strict=True)
            )
        )
        yield _webp(b"ICCP", data)
    elif kind == "8bim":
        yield _jpeg(_segments(0xED, b"Photoshop 3.0\0", data))
        digits = f"\n8bim\n{len(data):8}\n{data.hex()}\n".encode()
        yield _png(b"zTXt", b"Raw profile type 8bim\0\0" + zlib.compress(digits, 1))
    elif kind == "ptext":
        yield _png({b"z": b"zTXt", b"i": b"iTXt"}.get(data[:1], b"tEXt"), data[1:])
    elif kind == "segments":
        yield _jpeg(data)
    else:
        yield data


def _png(name: bytes, content: bytes) -> bytes:
    whole = png.encode_png(Photo(_PIXELS))
    chunk = struct.pack(">I", len(content)) + name + content
    return whole[:33] + chunk + struct.pack(">I", zlib.crc32(name + content)) + whole[33:]


def _jpeg(segments: bytes) -> bytes:
    return _JPEG[:2] + segments + _JPEG[2:]


def _segments(marker: int, start: bytes, data: bytes) -> bytes:
    parts = (data[at : at + _KEPT] for at in range(0, len(data), _KEPT))
    return b"".join(make_segment(marker, start + part) for part in parts)


def _webp(name: bytes, content: bytes) -> bytes:
    """An extended WebP file with the block (RFC 9649, section 2.7)."""
    flag = {b"ICCP": 32, b"EXIF": 8, b"XMP ": 4}[name]
    picture = cv2.imencode(".webp", _PIXELS, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()[12:]
    block = name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
    head = b"VP8X" + struct.pack("<IB3x", 10, flag) + b"\7\0\0\7\0\0"
    body = head + (block + picture if name == b"ICCP" else picture + block)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
