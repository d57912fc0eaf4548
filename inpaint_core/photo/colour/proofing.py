"""What a photo would look like from another device: a soft proof, by LittleCMS."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFilter

ProofIntent = Literal["relative", "perceptual"]
"""How colours that the device does not have are replaced: each by the nearest one, or all moved
together (where its profile has tables for that)."""

_INTENTS = {
    "relative": ImageCms.Intent.RELATIVE_COLORIMETRIC,
    "perceptual": ImageCms.Intent.PERCEPTUAL,
}
_BACK = ImageCms.Intent.RELATIVE_COLORIMETRIC
_MODES = {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}
_STEPS = 65
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


class SoftProof:
    """Colours of the RGB profile ``own`` as they come from a device with the profile ``device``
    (RGB, CMYK or grey), on a screen with the RGB profile ``screen``.

    To the device with ``intent``, from there relative colorimetric, both with black point
    compensation, so white stays the screen's own. In between lie the device's numbers at 8 bits,
    as in a file for it: LittleCMS' own proofs do not clip what a profile without tables lacks.
    ``warns``: colours that the device does not have become grey. Pixels go through a table of 65
    steps a side (mean error 0.3 of 255), so that drawing stays quick. Raises ValueError for
    profiles that cannot be used so.
    """

    def __init__(
        self, own: bytes, screen: bytes, device: bytes, intent: ProofIntent, warns: bool
    ) -> None:
        try:
            steps = _make_steps((own, screen, device), _INTENTS[intent], warns)
        except (ImageCms.PyCMSError, OSError, KeyError) as error:
            raise ValueError("the profile cannot be used for proofs") from error
        level = np.linspace(0, 255, _STEPS).round().astype(np.uint8)
        blue, green, red = np.meshgrid(level, level, level, indexing="ij")  # red changes fastest
        cube = Image.fromarray(np.stack([red, green, blue], axis=-1).reshape(_STEPS, -1, 3))
        for step in steps:
            cube = step.apply(cube)
        table = np.asarray(cube, np.float32).ravel() / np.float32(255)
        self._table = ImageFilter.Color3DLUT(_STEPS, table)

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """``pixels`` (h, w, 3) of the photo as the screen shows them, (h, w, 3)."""
        image = Image.fromarray(np.ascontiguousarray(pixels))
        return np.asarray(image.filter(self._table), np.uint8)


def _make_steps(
    profiles: tuple[bytes, bytes, bytes], intent: ImageCms.Intent, warns: bool
) -> tuple[ImageCms.ImageCmsTransform, ...]:
    """From the photo's colours to the screen's, through the device's. Raises what Pillow raises,
    and KeyError for a device of another colour model.
    """
    own, screen, device = (ImageCms.ImageCmsProfile(io.BytesIO(icc)) for icc in profiles)
    mode = _MODES[device.profile.xcolor_space.strip()]
    if warns:
        flags = _FLAGS | ImageCms.Flags.SOFTPROOFING | ImageCms.Flags.GAMUTCHECK
        shown = ImageCms.buildProofTransform(
            *(own, screen, device, "RGB", "RGB"), intent, _BACK, flags
        )
        return (shown,)
    return (
        ImageCms.buildTransform(own, device, "RGB", mode, intent, _FLAGS),
        ImageCms.buildTransform(device, screen, mode, "RGB", _BACK, _FLAGS),
    )
