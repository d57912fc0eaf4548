"""From a picture of a mask to strengths between keep and fill."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.message import Message
from inpaint_core.photo.photo import Photo, to_eight_bits


def read_strengths(picture: Photo) -> NDArray[np.uint8]:
    """The mask (H, W) uint8 in a picture: bright = remove, 0 keep .. 255 fill, soft edges kept.

    Where the picture has alpha and everything that can be seen of it has one colour (strokes of
    one brush on a transparent layer, whatever their colour), alpha is the mask. Any other picture
    counts by its brightness (Rec. 601 luma), over black where it is transparent. 16 bits are
    scaled to 8.
    """
    alpha = None if picture.alpha is None else to_eight_bits(picture.alpha)
    if alpha is not None and alpha.min() < 255 and _one_colour(picture.pixels, alpha):
        return alpha
    pixels = to_eight_bits(picture.pixels)
    if picture.is_grey:
        light = np.ascontiguousarray(pixels[:, :, 0])
    else:
        light = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    if alpha is not None:
        light = np.asarray(cv2.multiply(light, alpha, scale=1 / 255), np.uint8)
    return light


def _one_colour(pixels: Pixels, alpha: NDArray[np.uint8]) -> bool:
    seen = pixels[alpha > 0]
    return bool((seen == seen[:1]).all())


def check_shape(mask: NDArray[np.uint8], shape: tuple[int, ...], name: str) -> None:
    """Raise `BadRequest`, naming both sizes, unless ``mask`` has the photo's (H, W)."""
    have, want = (mask.shape[1], mask.shape[0]), (int(shape[1]), int(shape[0]))
    if have == want:
        return
    advice = Message("command.mask_wrong_size.export")
    if have == want[::-1]:
        advice = Message("command.mask_wrong_size.turned")
    elif abs(have[0] - want[0]) > 2 and abs(have[1] * want[0] / have[0] - want[1]) <= 1:
        advice = Message("command.mask_wrong_size.scaled", width=want[0], height=want[1])
    raise BadRequest(
        "command.mask_wrong_size",
        name=name,
        width=have[0],
        height=have[1],
        photo_width=want[0],
        photo_height=want[1],
        advice=advice,
    )


def require_hole(mask: NDArray[np.uint8], name: str) -> None:
    """Raise `BadRequest` for a mask that leaves nothing to do, or nothing to do it with."""
    most = int(mask.max(initial=0))
    if most == 0:
        raise BadRequest("command.mask_empty", name=name)
    if most == 1:
        raise BadRequest("command.mask_almost_black", name=name)
    if mask.all():
        raise BadRequest("command.mask_covers_all", name=name)
