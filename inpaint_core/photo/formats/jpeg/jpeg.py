"""JPEG files."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from inpaint_core.contract.errors import BadRequest, CannotWrite
from inpaint_core.photo.formats.jpeg import app_segments as segments
from inpaint_core.photo.formats.pillow_image import metadata, photo_of
from inpaint_core.photo.formats.source_bytes import check_size, damaged
from inpaint_core.photo.metadata.xmp import announces_more
from inpaint_core.photo.photo import JpegCoding, Origin, Photo

if TYPE_CHECKING:
    from PIL.JpegImagePlugin import JpegImageFile

# Prefix and length bytes leave this much of a 64 KB segment.
EXIF_MOST = 65533 - 6
"""Bytes of EXIF data that a JPEG can hold."""
_XMP_MOST = 65533 - 29
_LONGEST_SIDE = 65500
# A progressive JPEG has about ten scans, and each one goes over all pixels: thousands are an attack
# on the reader's time. Pictures within the picture (previews) have a few more.
_START_OF_SCAN, _MOST_SCANS = b"\xff\xda", 300
_TABLES = b"\xff\xdb"
_SAMPLINGS = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}
FULL_CHROMA_FROM = 90
"""Chroma is halved (4:2:0) only below this quality."""
DEFAULT_QUALITY = 95


def decode(data: bytes, path: Path, max_pixels: int) -> Photo:
    """The photo in a JPEG file, orientation not applied.

    OpenCV decodes the pixels: the same libjpeg-turbo and the same numbers as Pillow's, in two
    thirds of the time and half the memory. It also refuses a file that ends too early.
    """
    from PIL.JpegImagePlugin import JpegImageFile

    image = JpegImageFile(io.BytesIO(data))
    check_size(*image.size, max_pixels, path)
    if data.count(_START_OF_SCAN) > _MOST_SCANS:
        raise damaged(path, "scans")
    kept = metadata(image)
    parts: segments.Segments = image.applist
    kept = replace(kept, xmp=segments.whole_xmp(kept.xmp, parts))
    notes: tuple[str, ...] = ()
    announced = kept.xmp is not None and announces_more(kept.xmp)
    if announced:
        kept = replace(kept, xmp=None)
    if announced or segments.has_gain_map(parts):
        notes = (
            "The file holds more than the photo (such as an HDR gain map); only the photo is kept.",
        )
    pixels = None
    if image.mode in ("L", "RGB"):
        flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None:
        # CMYK, or damaged: Pillow converts the first and says what is wrong with the second.
        photo = photo_of(image, path)
        notes += photo.notes
        kept = replace(kept, icc=photo.icc)
    else:
        grey = image.mode == "L"
        origin = Origin("grey" if grey else "RGB")
        photo = Photo(np.asarray(pixels, np.uint8), grey=grey, origin=origin)
    coding = None if image.mode == "CMYK" else _coding(image, data)
    sampling = "" if coding is None or photo.grey else coding.sampling
    return replace(
        photo,
        exif=kept.exif,
        icc=kept.icc,
        xmp=kept.xmp,
        iptc=segments.record(parts),
        dpi=_dpi(image),
        jpeg=coding,
        origin=replace(photo.origin, sampling=sampling),
        notes=notes,
    )


def _dpi(image: JpegImageFile) -> tuple[float, float] | None:
    """The resolution of the JFIF header; Pillow makes one up (72) where there is none."""
    if image.info.get("jfif_unit") not in (1, 2):
        return None
    x, y = image.info["dpi"]
    return (float(x), float(y)) if x > 0 and y > 0 else None


def _coding(image: JpegImageFile, data: bytes) -> JpegCoding:
    from PIL.JpegImagePlugin import get_sampling

    # One table for each component in turn, the last one for all that follow: as Pillow takes them.
    tables = [tuple(image.quantization[layer[3]]) for layer in image.layer]
    while len(tables) > 1 and tables[-1] == tables[-2]:
        tables.pop()
    sampling = "4:4:4" if image.mode == "L" else _SAMPLINGS.get(get_sampling(image), "")
    return JpegCoding(tuple(tables), sampling, data)


def turned(coding: JpegCoding, turn: int, size: tuple[int, int]) -> JpegCoding | None:
    """The coding for pixels of ``size`` after orientation ``turn`` was applied to them.

    None where the blocks do not fall onto blocks again: then the same tables would cost as much
    as they did the first time. Columns of coefficients become rows in a quarter turn.
    """
    if turn == 1:
        return coding
    whole = 8 if coding.sampling == "4:4:4" else 16
    # Where the left and right or upper and lower sides change places, what was cut off a block
    # at the far side would have to be before its beginning.
    across, down = turn in (2, 3, 6, 7), turn in (3, 4, 7, 8)
    if (across and size[0] % whole) or (down and size[1] % whole):
        return None
    if turn <= 4:
        return coding
    transposed = [8 * (i % 8) + i // 8 for i in range(64)]
    tables = tuple(tuple(table[i] for i in transposed) for table in coding.tables)
    sampling = "" if coding.sampling == "4:2:2" else coding.sampling
    return JpegCoding(tables, sampling, coding.source)


def encode(photo: Photo, quality: int | None, sampling: str = "") -> tuple[bytes, tuple[str, ...]]:
    """A baseline JPEG of an 8-bit photo, and notes on what could not be kept.

    ``quality`` 1 to 100; None takes the JPEG that the photo came from: blocks whose pixels did not
    change are its own, bit for bit, and others are coded with its quantisation tables. Where that
    is not possible a note says why, and the whole photo is coded anew with its tables; any photo
    that was no JPEG gets 95. Chroma is as ``sampling`` says, which takes new blocks if it is not
    the source's; "" is the source's with the source's tables, else whole from quality 90 on.
    Raises `CannotWrite`, or `BadRequest` for a sampling that there is not.
    """
    from PIL import Image, JpegImagePlugin  # noqa: F401 (registers the encoder)

    if max(photo.shape) > _LONGEST_SIDE:
        raise CannotWrite(
            f"A JPEG holds at most {_LONGEST_SIDE} pixels a side.", "Write a TIFF or PNG instead."
        )
    if sampling and sampling not in _SAMPLINGS.values():
        known = ", ".join(_SAMPLINGS.values())
        raise BadRequest(f"There is no chroma sampling “{sampling}”.", f"Choose one of {known}.")
    options, notes = _metadata(photo)
    if quality is None and photo.jpeg is not None:
        coding = photo.jpeg
        if coding.source and sampling in ("", coding.sampling):
            from inpaint_core.photo.formats.jpeg.kept_blocks import recoded

            try:
                found = recoded(coding.source, photo.origin.turn, photo.pixels, photo.grey)
            except ValueError as error:
                notes += (
                    f"The original JPEG's blocks were not kept: {error}."
                    " The whole photo was coded anew with its quantisation tables.",
                )
            else:
                return _head(options, found.rgb) + found.body, notes
        options |= {"qtables": coding.tables, "subsampling": sampling or coding.sampling or "4:4:4"}
    else:
        chosen = DEFAULT_QUALITY if quality is None else quality
        chroma = sampling or ("4:4:4" if chosen >= FULL_CHROMA_FROM else "4:2:0")
        options |= {"quality": chosen, "subsampling": chroma}
        if quality is None and photo.format == "JPEG" and photo.origin.model != "CMYK":
            notes += (
                "The photo was turned, and the original JPEG's blocks do not fall onto blocks"
                f" again: the whole photo was coded anew at quality {DEFAULT_QUALITY}.",
            )
    pixels = photo.pixels[:, :, 0] if photo.grey else photo.pixels
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", **options)
    return out.getvalue(), notes


def _metadata(photo: Photo) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What Pillow is to write beside the pixels, and notes on what does not fit."""
    # No "optimize": with it Pillow guesses the size of the file, and fails on noisy photos.
    options: dict[str, Any] = {"icc_profile": photo.icc, "dpi": photo.dpi or (0, 0)}
    notes: tuple[str, ...] = ()
    if photo.exif is not None and len(photo.exif) > EXIF_MOST:
        notes += ("The EXIF data is too long for a JPEG and was left out.",)
    elif photo.exif is not None:
        options["exif"] = b"Exif\0\0" + photo.exif
    extra = None if photo.iptc is None else segments.record_segment(photo.iptc)
    if photo.iptc is not None and extra is None:
        notes += ("The IPTC data is too long for a JPEG and was left out.",)
    if photo.xmp is not None and len(photo.xmp) > _XMP_MOST:
        options["xmp"], rest = segments.extended_xmp(photo.xmp)
        extra = rest + (extra or b"")
    elif photo.xmp is not None:
        options["xmp"] = photo.xmp
    if extra is not None:
        options["extra"] = extra
    return options, notes


def _head(options: dict[str, Any], rgb: bool) -> bytes:
    """A JPEG file up to its quantisation tables, with the metadata that Pillow writes."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", keep_rgb=rgb, **options)
    whole = out.getvalue()
    at = 2
    while whole[at : at + 2] != _TABLES:
        at += 2 + int.from_bytes(whole[at + 2 : at + 4], "big")
    return whole[:at]
