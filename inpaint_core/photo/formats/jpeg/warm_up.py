"""Compiling what JPEGs are written with before anybody waits for it."""

from __future__ import annotations

import cv2
import numpy as np

from inpaint_core.photo.formats.jpeg.kept_blocks import recoded
from inpaint_core.photo.photo import as_pixels


def get_ready() -> None:
    """Code a very small JPEG anew: the loops are compiled on their first call, which takes 5 s,
    and read from disk the next time.
    """
    before = np.zeros((16, 16, 3), np.uint8)
    _, original = cv2.imencode(".jpg", before)
    recoded(original.tobytes(), 1, as_pixels(before + np.uint8(99)), grey=False)
