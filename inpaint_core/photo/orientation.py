"""The eight EXIF orientations, applied to pixels."""

from __future__ import annotations

import cv2

from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.photo import as_pixels


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """``pixels`` (H, W) or (H, W, C) as they are to be looked at, ``orientation`` 1 to 8.

    Source: EXIF 2.32, tag 274: which side of the picture row 0 and column 0 are.
    """
    if orientation == 2:
        turned = cv2.flip(pixels, 1)
    elif orientation == 3:
        turned = cv2.rotate(pixels, cv2.ROTATE_180)
    elif orientation == 4:
        turned = cv2.flip(pixels, 0)
    elif orientation == 5:
        turned = cv2.transpose(pixels)
    elif orientation == 6:
        turned = cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE)
    elif orientation == 7:
        turned = cv2.transpose(cv2.rotate(pixels, cv2.ROTATE_180))
    elif orientation == 8:
        turned = cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE)
    else:
        return pixels
    return as_pixels(turned)
