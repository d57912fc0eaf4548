"""Converting an image that Pillow has opened, of any mode, to a photo."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import PhotoUnsupported
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.decode_guard import check_size
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Metadata, Origin, Photo, grey_pixels

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_PREFIX = b"Exif\0\0"
_MODELS = {
    **dict.fromkeys(("1", "L", "La", "LA"), "grey"),
    **dict.fromkeys(("P", "PA"), "palette"),
    **{"CMYK": "CMYK", "YCbCr": "YCbCr"},
}


def read_metadata(image: Image) -> Metadata:
    """The metadata blocks that Pillow found; EXIF data without its prefix."""
    found = [image.info.get(name) for name in ("icc_profile", "exif", "xmp")]
    icc, exif, xmp = (block if isinstance(block, bytes) else b"" for block in found)
    return Metadata(icc or None, exif.removeprefix(_PREFIX) or None, xmp or None)


def decode_image(image: ImageFile, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """The first picture of a file that Pillow has opened, and its EXIF orientation, which is not
    applied. Raises `PhotoTooLarge` before memory is taken, and as `convert_image`.
    """
    check_size(*image.size, max_pixels, path)
    photo = convert_image(image, path)
    if getattr(image, "is_animated", False):
        photo = replace(photo, notes=(*photo.notes, Message("photo.first_picture")))
    return photo, exif.read_orientation(photo.exif)


def convert_image(image: Image, path: Path) -> Photo:
    """Decode an opened image to a photo, its orientation not applied.

    CMYK becomes sRGB, see `convert_cmyk`. Raises `PhotoUnsupported` for Lab and floating point, and
    whatever Pillow raises over bad bytes.
    """
    notes: tuple[Message, ...] = ()
    kept = read_metadata(image)
    alpha: Pixels | None = None
    grey = False
    bits = 1 if image.mode == "1" else 8
    origin = Origin(_MODELS.get(image.mode, "RGB"), bits)
    if image.mode == "CMYK":
        image, notes = convert_cmyk(image, kept.icc)
        kept = replace(kept, icc=None)
    if "transparency" in image.info and image.mode in ("1", "L", "P", "RGB"):
        grey = image.mode in ("1", "L")
        image = image.convert("RGBA")
    elif image.mode in ("La", "LA"):
        grey = True
        image = image.convert("LA").convert("RGBA")
    elif image.mode in ("RGBa", "PA"):
        image = image.convert("RGBA")
    elif image.mode in ("P", "RGBX", "YCbCr"):
        image = image.convert("RGB")
    if image.mode in ("1", "L"):
        grey = True
        pixels: Pixels = grey_pixels(np.asarray(image.convert("L")))
    elif image.mode == "RGB":
        pixels = np.array(image)
    elif image.mode == "RGBA":
        values = np.asarray(image)
        pixels, alpha = np.ascontiguousarray(values[:, :, :3]), values[:, :, 3].copy()
    else:
        raise PhotoUnsupported("photo.unsupported_pixels", path=path, kind=image.mode)
    return Photo(
        pixels, alpha, kept.icc, kept.exif, kept.xmp, is_grey=grey, notes=notes, origin=origin
    )


def convert_cmyk(image: Image, icc: bytes | None) -> tuple[Image, tuple[Message, ...]]:
    """A CMYK image as sRGB, and notes.

    Through its profile (relative colorimetric with black point compensation, as print programs do)
    if that is valid, else by the plain formula (1 - C)(1 - K).
    """
    from PIL import ImageCms

    if icc is not None:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(icc)),
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted is not None:
            return converted, (Message("photo.cmyk"),)
    return image.convert("RGB"), (Message("photo.cmyk_without_profile"),)
