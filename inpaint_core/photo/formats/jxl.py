"""JPEG XL files, with the package pillow-jxl-plugin (extra “jxl”).

Source: ISO/IEC 18181-1, section 9.2.3 (SizeHeader); 18181-2, annex A (boxes).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from inpaint_core.contract.errors import PhotoUnsupported
from inpaint_core.photo.formats.decode_guard import check_size, damaged_photo
from inpaint_core.photo.formats.format import CERTAIN, NO, Format
from inpaint_core.photo.formats.iso_boxes import iter_boxes

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.photo.photo import Photo

_SIGNATURE = b"\xff\x0a"
_BOX = b"\x00\x00\x00\x0cJXL "
# Width : height, by the number in the header.
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}


def _sniff(data: bytes, path: Path) -> int:
    return CERTAIN if data.startswith((_SIGNATURE, _BOX)) else NO


def _decode(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The first picture of a file, and its remaining orientation; 9 to 16 bits become 16.

    A JPEG that was transcoded without loss is decoded as that JPEG. Raises `PhotoUnsupported` where
    there is no decoder.
    """
    try:
        from pillow_jxl import Decoder
    except ImportError as error:
        raise PhotoUnsupported("photo.jxl_decoder_missing", path=path) from error
    from inpaint_core.photo.formats.jpeg import jpeg_reader
    from inpaint_core.photo.metadata.exif import read_orientation
    from inpaint_core.photo.photo import Origin, Photo

    # The decoder allocates all pixels at once, so the size is checked before.
    check_size(*read_size(data, path), max_pixels, path)
    packed, found, content, icc, kept = Decoder(num_threads=-1)(data)
    if packed:
        photo = jpeg_reader.decode_jpeg(bytes(content), path, max_pixels)
        return photo, read_orientation(photo.exif)
    width, height = int(found.width), int(found.height)
    check_size(width, height, max_pixels, path)
    mode = str(found.mode)
    pixels, alpha, grey = _pixels(bytes(content), mode, (height, width), path)
    blocks = {bytes(box.box_type): bytes(box.data) for box in reversed(kept)}
    photo = Photo(
        pixels,
        alpha,
        icc=bytes(icc) or None,
        exif=_find_exif(blocks.get(b"Exif", b"")),
        xmp=blocks.get(b"xml ") or None,
        is_grey=grey,
        origin=Origin("grey" if grey else "RGB", pixels.dtype.itemsize * 8),
    )
    if grey and photo.icc is not None and photo.icc[16:20] != b"GRAY":
        photo = replace(photo, icc=None)
    return photo, 1  # the decoder has turned it


def _pixels(
    content: bytes, mode: str, shape: tuple[int, int], path: Path
) -> tuple[Pixels, Pixels | None, bool]:
    import numpy as np

    from inpaint_core.photo.photo import as_pixels, grey_pixels

    name = mode.partition(";")[0]
    samples = {"L": 1, "I": 1, "LA": 2, "RGB": 3, "RGBA": 4}.get(name)
    bytes_each = 0 if samples is None else len(content) // (shape[0] * shape[1] * samples)
    if samples is None or bytes_each not in (1, 2):
        raise PhotoUnsupported("photo.jxl_pixels", path=path, kind=mode)
    values = as_pixels(np.frombuffer(content, np.uint8 if bytes_each == 1 else np.uint16))
    values = values.reshape(*shape, samples)
    alpha = values[:, :, -1].copy() if samples in (2, 4) else None
    if samples <= 2:
        return grey_pixels(values[:, :, 0]), alpha, True
    return as_pixels(np.ascontiguousarray(values[:, :, :3])), alpha, False


def _find_exif(block: bytes) -> bytes | None:
    """The TIFF structure in an Exif box, after its optional 4 bytes of offset."""
    for start in (0, 4):
        if block[start : start + 4] in (b"II*\0", b"MM\0*"):
            return block[start:]
    return None


def read_size(data: bytes, path: Path) -> tuple[int, int]:
    """(width, height) in the header. Raises `PhotoDamaged`."""
    stream = data[:64] if data.startswith(_SIGNATURE) else _find_codestream(data)
    if not stream.startswith(_SIGNATURE) or len(stream) < 4:
        raise damaged_photo(path, "truncated")
    bits = _BitReader(stream[2:])
    small = bits.take(1)
    height = _read_length(bits, small)
    ratio = bits.take(3)
    if ratio == 0:
        return _read_length(bits, small), height
    across, down = _RATIOS[ratio]
    return height * across // down, height


def _find_codestream(data: bytes) -> bytes:
    """The first bytes of the codestream in a file of boxes, which may be in several parts."""
    found = b""
    for name, at, end in iter_boxes(data):
        if name == b"jxlc":
            return data[at : min(end, at + 64)]
        if name == b"jxlp":
            found += data[at + 4 : min(end, at + 68)]
        if len(found) >= 64:
            break
    return found


def _read_length(bits: _BitReader, small: int) -> int:
    if small:
        return 8 * (bits.take(5) + 1)
    return bits.take((9, 13, 18, 30)[bits.take(2)]) + 1


class _BitReader:
    """Reads numbers from a bit stream, the lowest bit of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data[:16], "little")

    def take(self, count: int) -> int:
        """The next ``count`` bits."""
        found = self._value & ((1 << count) - 1)
        self._value >>= count
        return found


FORMAT = Format(id="JXL", title="JPEG XL", extensions=(".jxl",), sniff=_sniff, decode=_decode)
