"""Conversion of a photo's colours to the screen's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColorSpace, QColorTransform, QImage

from app.ui.painting import qimage
from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.colour.icc_profiles import hide_codes
from inpaint_core.photo.photo import Photo, to_eight_bits
from inpaint_core.photo.tone import Tone, find_tone

if TYPE_CHECKING:
    from inpaint_core.photo.colour.proofing import ProofIntent, SoftProof


@dataclass(frozen=True)
class ProofSetting:
    """The profile of the ``device`` that is proofed for, and how: see `SoftProof`."""

    device: bytes
    intent: ProofIntent
    warns: bool


class ScreenColours:
    """Converts the colours of one photo to a screen of the colour ``space`` (None: sRGB).

    Pixels are encoded at 8 bits and converted when they are drawn. A 16-bit photo with an unusual
    tone curve, such as a linear one, is encoded with sRGB's curve, for which 8 bits suffice.
    ``has_readable_profile`` is False if Qt cannot read the photo's profile, which is then
    treated as sRGB.
    """

    def __init__(self, photo: Photo, space: QColorSpace | None = None) -> None:
        self.has_readable_profile = True
        self._own = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
        self._tone: Tone | None = None
        if photo.icc is not None:
            own = QColorSpace.fromIccProfile(_rgb_profile(photo.icc))
            rgb = QColorSpace.ColorModel.Rgb
            self.has_readable_profile = own.isValid() and own.colorModel() == rgb
            if self.has_readable_profile:
                self._own = own
                self._tone = find_tone(photo) if photo.bits == 16 else None
        if self._tone is not None:
            self._own.setTransferFunction(QColorSpace.TransferFunction.SRgb)
        self._transform: QColorTransform | None = None
        self._proof: SoftProof | None = None
        self.set_screen(space)

    def set_screen(self, space: QColorSpace | None, proof: ProofSetting | None = None) -> None:
        """Convert to the colours of another screen from now on, with a ``proof`` as they would come
        from the device that it names. Raises ValueError for a profile that cannot be used so; then
        there is no proof.
        """
        target = QColorSpace(QColorSpace.NamedColorSpace.SRgb) if space is None else space
        self._proof = None
        self._set_target(target)
        if proof is not None:
            from inpaint_core.photo.colour.proofing import SoftProof

            own, screen = (bytes(each.iccProfile().data()) for each in (self._own, target))
            self._proof = SoftProof(own, screen, proof.device, proof.intent, proof.warns)

    def _set_target(self, target: QColorSpace) -> None:
        transform = self._own.transformationToColorSpace(target)
        # Most photos and screens have a profile that is practically sRGB. The RGB cube tells: none
        # of its colours moves by more than one step.
        steps = np.linspace(0, 255, 18).astype(np.uint8)
        cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(18, -1, 3)
        image = qimage.screen_image(np.ascontiguousarray(cube))
        image.applyColorTransform(transform)
        moved = np.abs(qimage.to_rgb(image).astype(np.int16) - cube).max()
        self._transform = transform if moved > 1 else None

    def encode(self, pixels: Pixels) -> NDArray[np.uint8]:
        """``pixels`` (H, W, 3) at the photo's depth, encoded as (H, W, 3) uint8; the same array if
        it has 8 bits. On any thread.
        """
        if pixels.dtype != np.uint8 and self._tone is not None:
            pixels = self._tone.to_working(pixels)
        return to_eight_bits(pixels)

    def to_image(self, encoded: NDArray[np.uint8]) -> QImage:
        """Encoded pixels (h, w, 3) as the screen shows them. On the UI thread."""
        if self._proof is not None:
            return qimage.screen_image(self._proof.apply(encoded))
        image = qimage.screen_image(encoded)
        if self._transform is not None:
            image.applyColorTransform(self._transform)
        return image

    def to_screen(self, encoded: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """As `drawn`, as an array (h, w, 3)."""
        plain = self._transform is None and self._proof is None
        return encoded if plain else qimage.to_rgb(self.to_image(encoded))

    def convert(self, pixels: Pixels) -> NDArray[np.uint8]:
        """``pixels`` (H, W, 3) at the photo's depth as the screen shows them, (H, W, 3) uint8."""
        return self.to_screen(self.encode(pixels))


def _rgb_profile(icc: bytes) -> bytes:
    """A profile for three channels, also for a grey one: a grey photo has three equal channels.

    Of an HDR photo all tones are shown, however flat, as a conversion of its colours leaves them.
    """
    if icc[16:20] == b"GRAY":
        return colour.expand_grey_profile(icc) or icc
    return hide_codes(icc)
