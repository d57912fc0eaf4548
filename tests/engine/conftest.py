from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from inpaint_core import registry
from inpaint_core.registry import GeneratorSpec, collect

Register = Callable[[GeneratorSpec], None]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Add generators for the length of one test."""

    def add(*specs: GeneratorSpec) -> None:
        known = [*registry.generators().values(), *specs]
        monkeypatch.setattr(registry, "generators", lambda: collect(known))

    return add


@pytest.fixture
def photo() -> NDArray[np.uint8]:
    """(72, 96, 3): a real photo with texture, small enough for every generator."""
    return np.ascontiguousarray(skimage.data.astronaut()[60:204:2, 150:342:2])


@pytest.fixture
def mask(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[30:44, 40:60] = 255
    mask[60:72, 0:6] = 255
    return mask
