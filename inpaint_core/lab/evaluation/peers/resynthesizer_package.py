"""Resynthesizer's engine without GIMP, from the Python package “resynthesizer”.

It gets what “Heal selection” would give it: the hole with a frame of 50 pixels, and the same
settings as in the file for GIMP.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.lab.evaluation.peers.gimp import FRAME, NEIGHBOURS, OUTLIERS, PROBES
from inpaint_core.lab.evaluation.peers.python_peer import python_peer


def fill(photo: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """“Heal selection” on the part of the photo that it looks at."""
    from PIL import Image

    resynthesizer: Any = importlib.import_module("resynthesizer")
    part = Rect.bounding(mask > 0).grow(FRAME).intersect(Rect.whole(mask.shape)).slices
    settings = resynthesizer.getDefaultParams()
    settings.isMakeSeamlesslyTileableHorizontally = 0
    settings.isMakeSeamlesslyTileableVertically = 0
    settings.sensitivityToOutliers = OUTLIERS
    settings.patchSize, settings.maxProbeCount = NEIGHBOURS, PROBES
    filled = resynthesizer.resynthesize(
        Image.fromarray(photo[part]), Image.fromarray(mask[part]), settings
    )
    whole = photo.copy()
    whole[part] = np.asarray(filled)
    return whole


PEERS = (
    python_peer(
        "resynthesizer",
        "Resynthesizer's engine, as Heal selection",
        "resynthesizer_package",
        fill.__name__,
        "resynthesizer",
        "resynthesizer",
    ),
)
