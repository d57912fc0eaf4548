"""JPEG XL files, with the package pillow-jxl-plugin (extra “jxl”).

Source: ISO/IEC 18181-1, section 9.2.3 (SizeHeader); 18181-2, annex A (boxes).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.errors import PhotoUnsupported
from inpaint_core.photo.formats.decode_guard import check_size, damaged_photo
from inpaint_core.photo.formats.format import CERTAIN, Format, starts_with
from inpaint_core.photo.formats.iso_boxes import iter_boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inpaint_core.photo.photo import Photo

_SIGNATURE = b"\xff\x0a"
_BOX = b"\x00\x00\x00\x0cJXL "
_BOXES = frozenset(
    {b"JXL ", b"jxll", b"jxlp", b"jxlc", b"jxli", b"Exif", b"xml ", b"brob", b"jbrd"}
)
# Width : height, by the number in the header.
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}


def _decode(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The first picture of a file, and its remaining orientation; 9 to 16 bits become 16.

    A JPEG that was transcoded without loss is decoded as that JPEG. Raises `PhotoUnsupported` where
    there is no decoder.
    """
    try:
        from pillow_jxl import Decoder
    except ImportError as error:
        raise PhotoUnsupported("photo.jxl_decoder_missing", path=path) from error
    from inpaint_core.photo.formats.heif.lost_boxes import note_lost_boxes
    from inpaint_core.photo.formats.jpeg.jpeg_reader import decode_jpeg
    from inpaint_core.photo.photo import Origin, Photo, split_channels

    # The decoder allocates all pixels at once, so the size is checked before.
    check_size(*read_size(data, path), max_pixels, path)
    packed, info, content, icc, kept = Decoder(num_threads=-1)(data)
    notes = note_lost_boxes(data, _BOXES) if data.startswith(_BOX) else ()
    if packed:
        photo, orientation = decode_jpeg(bytes(content), path, max_pixels)
        return replace(photo, notes=photo.notes + notes), orientation
    width, height = int(info.width), int(info.height)
    check_size(width, height, max_pixels, path)
    samples = _read_samples(bytes(content), str(info.mode), (height, width), path)
    pixels, alpha, grey = split_channels(samples)
    profile = bytes(icc) or None
    if grey and profile is not None and profile[16:20] != b"GRAY":
        profile = None
    blocks = {bytes(box.box_type): bytes(box.data) for box in reversed(kept)}
    photo = Photo(
        pixels,
        alpha,
        icc=profile,
        exif=_find_exif(blocks.get(b"Exif", b"")),
        xmp=blocks.get(b"xml ") or None,
        is_grey=grey,
        origin=Origin("grey" if grey else "RGB", pixels.dtype.itemsize * 8),
        notes=notes,
    )
    return photo, 1  # the decoder has turned it


def _read_samples(content: bytes, mode: str, shape: tuple[int, int], path: Path) -> NDArray[Any]:
    import numpy as np

    samples = {"L": 1, "I": 1, "LA": 2, "RGB": 3, "RGBA": 4}.get(mode.partition(";")[0])
    bytes_each = 0 if samples is None else len(content) // (shape[0] * shape[1] * samples)
    if samples is None or bytes_each not in (1, 2):
        raise PhotoUnsupported("photo.jxl_pixels", path=path, kind=mode)
    values = np.frombuffer(content, np.uint8 if bytes_each == 1 else np.uint16)
    return values.reshape(*shape, samples)


def _find_exif(block: bytes) -> bytes | None:
    """The TIFF structure in an Exif box, after its optional 4 bytes of offset."""
    starts = (at for at in (0, 4) if block[at : at + 4] in (b"II*\0", b"MM\0*"))
    return next((block[at:] for at in starts), None)


def read_size(data: bytes, path: Path) -> tuple[int, int]:
    """(width, height) in the header. Raises `PhotoDamaged`."""
    stream = data[:64] if data.startswith(_SIGNATURE) else _find_codestream(data)
    if not stream.startswith(_SIGNATURE) or len(stream) < 4:
        raise damaged_photo(path, is_cut_off=True)
    bits = int.from_bytes(stream[2:18], "little")  # the lowest bit of each byte comes first

    def take(count: int) -> int:
        nonlocal bits
        value, bits = bits & ((1 << count) - 1), bits >> count
        return value

    def take_length() -> int:
        return 8 * (take(5) + 1) if small else take((9, 13, 18, 30)[take(2)]) + 1

    small = take(1)
    height, ratio = take_length(), take(3)
    if ratio == 0:
        return take_length(), height
    across, down = _RATIOS[ratio]
    return height * across // down, height


def _find_codestream(data: bytes) -> bytes:
    """The first bytes of the codestream in a file of boxes, which may be in several parts."""
    start = b""
    for name, at, end in iter_boxes(data):
        if name == b"jxlc":
            return data[at : min(end, at + 64)]
        if name == b"jxlp":
            start += data[at + 4 : min(end, at + 68)]
        if len(start) >= 64:
            break
    return start


FORMAT = Format(
    id="JXL",
    title="JPEG XL",
    extensions=(".jxl",),
    sniff=starts_with(CERTAIN, _SIGNATURE, _BOX),
    decode=_decode,
)
