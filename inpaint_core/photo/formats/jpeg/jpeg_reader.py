"""Reading JPEG files: whole, or small and quick."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.choices import CHROMA_SAMPLINGS
from inpaint_core.contract.errors import PhotoDamaged
from inpaint_core.contract.message import Message
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.formats.decode_guard import check_capacity, check_size, damaged_photo
from inpaint_core.photo.formats.jpeg import app_segments as segments
from inpaint_core.photo.formats.jpeg.damage import find_extent, has_damaged_bits, take_picture
from inpaint_core.photo.formats.jpeg.jpeg_blocks import read_jpeg_blocks
from inpaint_core.photo.formats.pillow.pillow_image import convert_image
from inpaint_core.photo.metadata.exif import read_orientation
from inpaint_core.photo.metadata.exif_colours import names_adobe_rgb
from inpaint_core.photo.metadata.xmp import announces_more_pictures
from inpaint_core.photo.photo import JpegCoding, Origin, Photo, as_pixels

if TYPE_CHECKING:
    from PIL.JpegImagePlugin import JpegImageFile

# A progressive JPEG has about ten scans, each over all pixels: hundreds over a large photo are an
# attack on the reader's time.
_MOST_SCANS, _MOST_SCANNED = 300, 10_000_000_000
_CAPACITY = 512  # pixels in a byte: a block of 64 has one bit at least, the code of its mean
_SAMPLINGS = dict(enumerate(CHROMA_SAMPLINGS))  # by Pillow's numbers

# The scales that libjpeg decodes at, and OpenCV's flags: the smaller, the quicker.
_REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)


def has_damage(data: bytes, path: Path, max_pixels: int) -> bool:
    """Whether coded bits of the picture are missing or wrong, as far as that can be known.

    Takes as long as decoding it. Raises what `decode_jpeg` raises for its headers.
    """
    opened = _open(data, path, max_pixels)
    width, height = opened.image.size
    return has_damaged_bits(opened.picture, (height, width)) is True


def decode_jpeg(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The photo in a JPEG file, and the EXIF orientation to be applied.

    OpenCV decodes the pixels: with the same libjpeg-turbo and results as Pillow, in two thirds of
    the time and half the memory. A file that is cut off is refused.
    """
    return _decode(data, path, max_pixels, damaged=False)


def decode_damaged_jpeg(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """As `decode_jpeg`, of a file that is known to be damaged: what libjpeg makes of it is the
    photo, and a note says so.
    """
    return _decode(data, path, max_pixels, damaged=True)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A JPEG whose headers are within the bounds: its ``picture`` without what is appended, the
    ``segments`` of that, and Pillow's view of it without them.
    """

    picture: bytes
    parts: segments.Segments
    image: JpegImageFile


def _open(data: bytes, path: Path, max_pixels: int) -> _Opened:
    from PIL.JpegImagePlugin import JpegImageFile

    # Pillow parses EXIF data in a time that its size does not bound.
    extent = find_extent(data)
    picture = take_picture(data, extent)
    parts, plain = segments.split_segments(picture)
    image = JpegImageFile(io.BytesIO(plain))
    width, height = image.size
    check_size(width, height, max_pixels, path)
    check_capacity(width, height, _CAPACITY * len(picture), path)
    if extent.scans > _MOST_SCANS or extent.scans * width * height > _MOST_SCANNED:
        raise PhotoDamaged("photo.too_many_scans", path=path, scans=extent.scans)
    if not extent.is_closed and has_damaged_bits(picture, (height, width), False) is not False:
        raise damaged_photo(path, is_cut_off=True)
    return _Opened(picture, parts, image)


def _decode(data: bytes, path: Path, max_pixels: int, damaged: bool) -> tuple[Photo, int]:
    opened = _open(data, path, max_pixels)
    picture, parts, image = opened.picture, opened.parts, opened.image
    block, xmp = segments.join_exif(parts), segments.join_xmp(parts)
    icc, is_incomplete = segments.join_profile(parts)
    source = ""
    if _is_by_exif(icc, block, image.mode):
        icc, source = make_profile("adobe"), "EXIF"
    announced = xmp is not None and announces_more_pictures(xmp)
    has_more = announced or segments.has_gain_map(parts)
    notes: tuple[Message, ...] = (Message("photo.more_pictures"),) if has_more else ()
    blocks, iptc, more = read_jpeg_blocks(parts, data, has_more)
    notes += more
    if is_incomplete:
        notes += (Message("photo.profile_incomplete"),)
    if damaged:
        notes = (Message("photo.partly_damaged"), *notes)
    image.info["icc_profile"] = icc
    photo = _decode_pixels(image, picture, path, damaged)
    notes += photo.notes
    coding = None if image.mode == "CMYK" else _read_coding(image, picture)
    sampling = "" if coding is None or photo.is_grey else coding.sampling
    photo = replace(
        photo,
        exif=block,
        icc=photo.icc if image.mode == "CMYK" else icc,
        xmp=None if announced else xmp,
        iptc=iptc,
        dpi=_read_dpi(image),
        jpeg=coding,
        origin=replace(photo.origin, sampling=sampling, profile_from=source),
        notes=notes,
        blocks=tuple(blocks),
    )
    return photo, read_orientation(block)


def _is_by_exif(icc: bytes | None, block: bytes | None, mode: str) -> bool:
    """Whether the photo has no profile and its EXIF data stands for that of Adobe RGB."""
    return icc is None and mode == "RGB" and names_adobe_rgb(block)


def _decode_pixels(image: JpegImageFile, picture: bytes, path: Path, damaged: bool) -> Photo:
    """The pixels. libjpeg's warnings over a damaged file do not get to the terminal by way of
    Pillow; but OpenCV decodes a few that Pillow does not.
    """
    is_cmyk = image.mode not in ("L", "RGB")
    pixels = None if damaged or is_cmyk else _decode_by_opencv(picture)
    if pixels is None:
        try:
            return convert_image(image, path)
        except OSError:
            pixels = _decode_by_opencv(picture) if damaged and not is_cmyk else None
            if pixels is None:
                raise
    grey = image.mode == "L"
    return Photo(pixels, is_grey=grey, origin=Origin("grey" if grey else "RGB"))


def _decode_by_opencv(picture: bytes) -> NDArray[np.uint8] | None:
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), flags)
    return None if pixels is None else np.asarray(pixels, np.uint8)


def decode_small_jpeg(data: bytes, side: int) -> Photo | None:
    """The JPEG decoded at a fraction of its size, upright; None where that is not possible."""
    from PIL.JpegImagePlugin import JpegImageFile

    try:
        parts, plain = segments.split_segments(data)
        header = JpegImageFile(io.BytesIO(plain))
    except (OSError, SyntaxError, ValueError):
        return None  # decoding it whole says what is wrong
    if header.mode not in ("L", "RGB"):
        return None
    flag = next((flag for scale, flag in _REDUCED if max(header.size) >= side * scale), None)
    if flag is None:
        return None
    # With these flags OpenCV applies the orientation itself.
    found = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if found is None:
        return None
    icc, _ = segments.join_profile(parts)
    if _is_by_exif(icc, segments.join_exif(parts), header.mode):
        icc = make_profile("adobe")
    pixels = as_pixels(cv2.cvtColor(as_pixels(found), cv2.COLOR_BGR2RGB))
    return Photo(pixels, icc=icc, is_grey=header.mode == "L")


def _read_dpi(image: JpegImageFile) -> tuple[float, float] | None:
    """The resolution of the JFIF header; Pillow makes one up (72) where there is none."""
    if image.info.get("jfif_unit") not in (1, 2):
        return None
    x, y = image.info["dpi"]
    return (float(x), float(y)) if x > 0 and y > 0 else None


def _read_coding(image: JpegImageFile, data: bytes) -> JpegCoding:
    from PIL.JpegImagePlugin import get_sampling

    # One table per component, the last one for all that follow, as Pillow takes them.
    tables = [tuple(image.quantization[layer[3]]) for layer in image.layer]
    while len(tables) > 1 and tables[-1] == tables[-2]:
        tables.pop()
    sampling = "4:4:4" if image.mode == "L" else _SAMPLINGS.get(get_sampling(image), "")
    return JpegCoding(tuple(tables), sampling, data)
