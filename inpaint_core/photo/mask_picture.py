"""From a picture of a mask to strengths between keep and fill."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import BadRequest
from inpaint_core.photo.photo import Photo


def strengths(picture: Photo) -> NDArray[np.uint8]:
    """The mask (H, W) uint8 in a picture: bright = remove, 0 keep .. 255 fill, soft edges kept.

    Where the picture has alpha and everything that can be seen of it has one colour (strokes of
    one brush on a transparent layer, whatever their colour), alpha is the mask. Any other picture
    counts by its brightness (Rec. 601 luma), over black where it is transparent. 16 bits are
    scaled to 8.
    """
    alpha = None if picture.alpha is None else eight_bits(picture.alpha)
    if alpha is not None and alpha.min() < 255 and _one_colour(picture.pixels, alpha):
        return alpha
    pixels = eight_bits(picture.pixels)
    if picture.grey:
        light = np.ascontiguousarray(pixels[:, :, 0])
    else:
        light = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    if alpha is not None:
        light = np.asarray(cv2.multiply(light, alpha, scale=1 / 255), np.uint8)
    return light


def _one_colour(pixels: Pixels, alpha: NDArray[np.uint8]) -> bool:
    seen = pixels[alpha > 0]
    return bool((seen == seen[:1]).all())


def eight_bits(values: Pixels) -> NDArray[np.uint8]:
    """The values with 8 bits: as they are, or 0..65535 rounded to 0..255."""
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    return np.asarray(cv2.convertScaleAbs(values, alpha=1 / 257), np.uint8).reshape(values.shape)


def check_shape(mask: NDArray[np.uint8], shape: tuple[int, ...], name: str) -> None:
    """Raise `BadRequest`, naming both sizes, unless ``mask`` has the photo's (H, W)."""
    have, want = (mask.shape[1], mask.shape[0]), (int(shape[1]), int(shape[0]))
    if have == want:
        return
    hint = "Export the mask with exactly the photo's size."
    if have == want[::-1]:
        hint = (
            "The mask lies on its side: photos are turned upright as their EXIF data says."
            " Make the mask from the upright photo."
        )
    elif abs(have[0] - want[0]) > 2 and abs(have[1] * want[0] / have[0] - want[1]) <= 1:
        hint = f"The mask has the photo's shape: scale it to {want[0]} x {want[1]} pixels."
    raise BadRequest(
        f"The mask “{name}” is {have[0]} x {have[1]} pixels, the photo {want[0]} x {want[1]}.", hint
    )


def require_hole(mask: NDArray[np.uint8], name: str) -> None:
    """Raise `BadRequest` for a mask that leaves nothing to do, or nothing to do it with."""
    most = int(mask.max(initial=0))
    if most == 0:
        raise BadRequest(
            f"The mask “{name}” is empty: every pixel is black.",
            "Paint white what is to be removed.",
        )
    if most == 1:
        raise BadRequest(
            f"The mask “{name}” is almost black: its values are 0 and 1.",
            "Write masks with 0 for keep and 255 for remove.",
        )
    if mask.all():
        raise BadRequest(
            f"The mask “{name}” covers the whole photo.",
            "Leave black what is to be kept; is the mask inverted?",
        )
