"""From a photo's own numbers to the screen's."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColorSpace, QColorTransform, QImage

from app.ui.painting import qimage
from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.tone import Tone, tone


class Colours:
    """How the colours of one photo get onto a screen of the colour ``space`` (None: sRGB).

    Numbers are held at 8 bits, and converted where they are drawn. A 16-bit photo of an unusual
    tone curve, light-linear ones above all, is held with sRGB's curve, so that 8 bits do.
    ``understood`` is False where Qt cannot read the photo's profile, which is then taken for sRGB.
    ``same``: numbers at 8 bits are shown as they are.
    """

    def __init__(self, photo: Photo, space: QColorSpace | None = None) -> None:
        self.understood = True
        self._own = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
        self._tone: Tone | None = None
        if photo.icc is not None:
            own = QColorSpace.fromIccProfile(_of_colours(photo.icc))
            rgb = QColorSpace.ColorModel.Rgb
            self.understood = own.isValid() and own.colorModel() == rgb
            if self.understood:
                self._own = own
                self._tone = tone(photo) if photo.bits == 16 else None
        if self._tone is not None:
            self._own.setTransferFunction(QColorSpace.TransferFunction.SRgb)
        self._transform: QColorTransform | None = None
        self.show_on(space)

    def show_on(self, space: QColorSpace | None) -> None:
        """Convert to another screen's colours from now on."""
        to = QColorSpace(QColorSpace.NamedColorSpace.SRgb) if space is None else space
        transform = self._own.transformationToColorSpace(to)
        # Most photos carry a profile that is sRGB by another maker, as screens do. The RGB cube
        # tells: nothing of it moves by more than one step.
        steps = np.linspace(0, 255, 18).astype(np.uint8)
        cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(18, -1, 3)
        image = qimage.opaque(np.ascontiguousarray(cube))
        image.applyColorTransform(transform)
        moved = np.abs(qimage.array(image).astype(np.int16) - cube).max()
        self._transform = transform if moved > 1 else None

    @property
    def same(self) -> bool:
        """True where the screen takes the numbers as they are."""
        return self._transform is None

    def held(self, pixels: Pixels) -> NDArray[np.uint8]:
        """``pixels`` (H, W, 3) of the photo's depth as they are held, (H, W, 3) uint8: the very
        same array where it has 8 bits. Any thread may call this.
        """
        if pixels.dtype == np.uint8:
            return np.asarray(pixels, np.uint8)
        if self._tone is not None:
            pixels = self._tone.working(pixels)
        return np.asarray(cv2.convertScaleAbs(pixels, alpha=1 / 257), np.uint8)

    def drawn(self, held: NDArray[np.uint8]) -> QImage:
        """What is held (h, w, 3) as the screen shows it. On the UI thread."""
        image = qimage.opaque(held)
        if self._transform is not None:
            image.applyColorTransform(self._transform)
        return image

    def shown(self, held: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """As `drawn`, as an array (h, w, 3)."""
        return held if self._transform is None else qimage.array(self.drawn(held))

    def convert(self, pixels: Pixels) -> NDArray[np.uint8]:
        """``pixels`` (H, W, 3) of the photo's depth as the screen shows them, (H, W, 3) uint8."""
        return self.shown(self.held(pixels))


def _of_colours(icc: bytes) -> bytes:
    """The profile for three channels, also of a grey one: a grey photo has three equal ones."""
    return (colour.as_rgb(icc) or icc) if icc[16:20] == b"GRAY" else icc
