"""From a photo's own numbers to the screen's: sRGB at 8 bits."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColorSpace, QImage

from app.ui import qimage
from inpaint_core.contract import Pixels


class Colours:
    """How the colours of one photo get onto the screen.

    ``icc`` and ``grey`` as in `Photo`. ``understood`` is False where Qt cannot read the profile,
    which is then taken for sRGB. ``same``: photos of 8 bits are shown as they are.
    """

    def __init__(self, icc: bytes | None, grey: bool = False) -> None:
        self._space: QColorSpace | None = None
        self._grey = False
        self.understood = True
        if icc is not None:
            space = QColorSpace.fromIccProfile(icc)
            self.understood = space.isValid()
            if self.understood:
                # A grey profile speaks of one channel; the photo repeats it three times.
                self._grey = grey and space.colorModel() == QColorSpace.ColorModel.Gray
                self._space = space
                self._drop_what_changes_nothing()
        self.same = self._space is None

    def _drop_what_changes_nothing(self) -> None:
        # Most photos carry a profile that is sRGB by another maker. The RGB cube tells: nothing
        # of it moves by more than one step.
        steps = np.linspace(0, 255, 18).astype(np.uint8)
        cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(18, -1, 3)
        if self._grey:
            cube = np.repeat(np.arange(256, dtype=np.uint8).reshape(1, -1, 1), 3, axis=2)
        shown = self._converted(np.ascontiguousarray(cube))
        if shown is None:
            self.understood = False
            self._space = None
        elif np.abs(shown.astype(np.int16) - cube).max() <= 1:
            self._space = None

    def convert(self, pixels: Pixels) -> NDArray[np.uint8]:
        """``pixels`` (H, W, 3) as the screen shows them, (H, W, 3) uint8.

        The very same array where nothing needs to be done. Any thread may call this.
        """
        if self._space is not None:
            shown = self._converted(pixels)
            if shown is not None:
                return shown
        if pixels.dtype == np.uint8:
            return np.asarray(pixels, np.uint8)
        return np.asarray(cv2.convertScaleAbs(pixels, alpha=1 / 257), np.uint8)

    def _converted(self, pixels: Pixels) -> NDArray[np.uint8] | None:
        image = qimage.grey_image(pixels[..., 0]) if self._grey else qimage.image(pixels)
        assert self._space is not None
        image.setColorSpace(self._space)
        screen = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
        converted = image.convertedToColorSpace(screen, QImage.Format.Format_RGB888)
        return None if converted.isNull() else qimage.array(converted)
