"""Photos for priors, at the size of a quick test."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from inpaint_core.contract.arrays import BoolMask, FloatImage


@pytest.fixture(scope="session")
def photo() -> FloatImage:
    """(160, 192, 3) float32 in [0, 1]: part of a real photo, with edges and texture."""
    crop = data.astronaut()[0:320, 100:484]
    return np.asarray(cv2.resize(crop, (192, 160), interpolation=cv2.INTER_AREA) / 255, np.float32)


@pytest.fixture
def hole() -> BoolMask:
    """(160, 192) bool, a rectangle across the photo's strongest edges."""
    found = np.zeros((160, 192), bool)
    found[40:100, 50:120] = True
    return found
