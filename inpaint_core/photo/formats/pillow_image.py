"""From an image that Pillow has opened to a photo, in every mode that a file can bring."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import PhotoUnsupported
from inpaint_core.photo.photo import Metadata, Origin, Photo, grey_pixels

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

_PREFIX = b"Exif\0\0"
_MODELS = {
    **dict.fromkeys(("1", "L", "La", "LA"), "grey"),
    **dict.fromkeys(("P", "PA"), "palette"),
    **{"CMYK": "CMYK", "YCbCr": "YCbCr"},
}


def metadata(image: Image) -> Metadata:
    """The blocks that Pillow found, the EXIF data without its prefix."""
    found = [image.info.get(name) for name in ("icc_profile", "exif", "xmp")]
    icc, exif, xmp = (block if isinstance(block, bytes) else b"" for block in found)
    return Metadata(icc or None, exif.removeprefix(_PREFIX) or None, xmp or None)


def photo_of(image: Image, path: Path) -> Photo:
    """The photo in an opened image, its orientation not applied yet; decodes the pixels.

    CMYK becomes sRGB, see `from_cmyk`. Raises `PhotoUnsupported` for modes that are no photo
    (Lab, floating point), and whatever Pillow raises over bad bytes.
    """
    notes: tuple[str, ...] = ()
    kept = metadata(image)
    alpha: Pixels | None = None
    grey = False
    bits = 1 if image.mode == "1" else 8
    origin = Origin(_MODELS.get(image.mode, "RGB"), bits)
    if image.mode == "CMYK":
        image, notes = from_cmyk(image, kept.icc)
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
        raise PhotoUnsupported(
            f"“{path}” has pixels of a kind that cannot be read ({image.mode}).",
            "Convert it to RGB with 8 or 16 bits per channel first.",
        )
    return Photo(
        pixels, alpha, kept.icc, kept.exif, kept.xmp, grey=grey, notes=notes, origin=origin
    )


def from_cmyk(image: Image, icc: bytes | None) -> tuple[Image, tuple[str, ...]]:
    """A CMYK image as sRGB, and the notes about it.

    Through its profile (relative colorimetric with black point compensation, as print programs
    do) where it has one that works, else by the plain formula (1 - C)(1 - K).
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
            return converted, ("The photo was converted from CMYK to sRGB by its profile.",)
    return image.convert("RGB"), (
        "The photo was converted from CMYK without a profile: its colours are approximate.",
    )
