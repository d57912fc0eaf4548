"""Real files, those of the folder `files` in the one that LACUNA_DATA names.

Each opens right or is refused with a sentence; what opens survives a fill and a save.
"""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile, ImageOps
from renders import exif_fields

from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.photo import Photo, to_eight_bits
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo

DATA = os.environ.get("LACUNA_DATA")
FILES = sorted(p for p in Path(DATA, "files").glob("*") if p.is_file()) if DATA else []
pytestmark = pytest.mark.skipif(not FILES, reason="LACUNA_DATA names no folder with “files”")


def reference(path: Path) -> Any:
    """Pillow's and LittleCMS's 8-bit sRGB of a file, upright; None where Pillow has none."""
    try:
        import pillow_heif

        pillow_heif.register_heif_opener()
        image = Image.open(io.BytesIO(path.read_bytes()))
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    if image.mode not in ("L", "RGB", "CMYK"):
        return None
    icc = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    deep = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if deep is not None and deep.dtype == np.uint16:  # Pillow cuts 16 bits off at 8
        image = Image.fromarray(np.rint(deep[..., ::-1] / 257).astype(np.uint8))
    if icc is None:
        return np.asarray(image.convert("RGB"))
    return np.asarray(
        ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_opens_as_others_show_it_or_is_refused(path: Path, tmp_path: Path) -> None:
    try:
        photo = read_photo(path)
    except InpaintError as error:
        assert str(error.message).endswith(".")  # noqa: PT017 (both outcomes are right)
        assert str(error.hint).endswith(".")  # noqa: PT017
        assert not ImageFile.LOAD_TRUNCATED_IMAGES
        return
    want = reference(path)
    if want is not None and photo.format != "AVIF":
        shown = to_eight_bits(colour.convert_to_srgb(photo).pixels)
        assert shown.shape == want.shape
        assert np.abs(shown.astype(int) - want).max() <= 2
    round_trip(photo, tmp_path)


def round_trip(photo: Photo, folder: Path) -> None:
    height, width = photo.shape
    mask = np.zeros((height, width), np.uint8)
    mask[height // 2 : height // 2 + 9, width // 2 : width // 2 + 9] = 255
    request = InpaintRequest(photo.pixels, mask, FillOptions(engine="harmonic"))
    filled = replace(photo, pixels=Engine().inpaint(request, Progress()).applied_to(photo.pixels))
    far = np.ones((height, width), bool)
    far[height // 2 - 9 : height // 2 + 18, width // 2 - 9 : width // 2 + 18] = False
    for suffix in (".tif", ".png", ".webp"):
        if suffix == ".webp" and photo.bits == 16:
            continue
        path = folder / f"out{suffix}"
        write_photo(path, filled, quality=100)
        back = read_photo(path)
        np.testing.assert_array_equal(back.pixels[far], photo.pixels[far])
        if photo.alpha is not None:
            np.testing.assert_array_equal(back.alpha, photo.alpha)
        assert back.icc == photo.icc
        assert back.xmp == photo.xmp
        assert back.iptc == (None if suffix == ".webp" else photo.iptc)
        if photo.exif is not None:
            assert back.exif is not None
            same_fields(photo.exif, back.exif)


def same_fields(before: bytes, after: bytes) -> None:
    """Every field, but what is brought up to date and what says how pixels lie in a TIFF."""
    one, other = exif_fields(before), exif_fields(after)
    for name in ("exif", "gps"):
        for tag, value in one[name].items():
            if tag not in (0xA002, 0xA003, 0xA005):  # sizes, and an offset
                assert str(other[name][tag]) == str(value), hex(tag)
    for tag in (0x010F, 0x0110, 0x0132, 0x8298, 0x013B):
        assert str(other["first"].get(tag)) == str(one["first"].get(tag)), hex(tag)
