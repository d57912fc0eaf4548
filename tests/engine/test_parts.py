from __future__ import annotations

import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine


def test_finished_parts_come_as_they_are_and_make_up_the_result() -> None:
    image = np.random.default_rng(1).integers(0, 256, (200, 900, 3), np.uint8)
    mask = np.zeros((200, 900), np.uint8)
    mask[50:90, 60:100] = mask[120:150, 800:840] = 255
    parts: list[tuple[Rect, Pixels, float]] = []
    reached = [0.0]
    progress = Progress(lambda fraction, text: reached.append(fraction))
    result = Engine().inpaint(
        InpaintRequest(image, mask, engine="harmonic"),
        progress,
        lambda rect, pixels: parts.append((rect, pixels, reached[-1])),
    )
    assert len(parts) == 2
    assert parts[0][2] < 1.0, "the first part came while the second was not done"
    shown = image.copy()
    for rect, pixels, _ in parts:
        shown[rect.slices] = pixels
        assert not np.shares_memory(pixels, result.pixels)
    assert np.array_equal(shown, result.applied_to(image))
