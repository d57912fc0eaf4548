from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from inpaint_core.contract.request import View
from inpaint_core.networks.tsgl.config import BASE
from inpaint_core.networks.tsgl.inference import LoadedTsgl
from inpaint_core.networks.tsgl.network import Tsgl

SIDE = 128


@pytest.fixture(scope="module")
def loaded() -> LoadedTsgl:
    torch.manual_seed(0)
    network = Tsgl(BASE).eval()
    with torch.no_grad():  # fresh weights paint in pure black and white
        for weight in network.decoder.ups[-1].parameters():
            weight.mul_(0.02)
    return LoadedTsgl(network, "cpu", torch.float32)


@pytest.fixture
def view() -> View:
    image = np.random.default_rng(0).random((SIDE, SIDE, 3), np.float32)
    hole = np.zeros((SIDE, SIDE), bool)
    hole[40:90, 50:100] = True
    image[hole] = 0
    return View(image, hole, ~hole)


def blurred(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), SIDE / 8, borderType=cv2.BORDER_REPLICATE)


def test_a_guide_gives_the_picture_its_low_frequencies(loaded: LoadedTsgl, view: View) -> None:
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32) / SIDE
    guide = np.stack([0.3 + 0.4 * y, 0.3 + 0.4 * x, 0.6 - 0.2 * y], axis=2)
    smooth = replace(view, image=np.where(view.hole[..., None], np.float32(0), guide))
    alone, _ = loaded.infer(smooth)
    guided, _ = loaded.infer(replace(smooth, guide=guide))
    far = np.abs(blurred(alone) - blurred(guide)).mean()
    near = np.abs(blurred(guided) - blurred(guide)).mean()
    assert near < far / 4
    # What is finer is the network's own.
    fine = alone - blurred(alone)
    inner = cv2.erode(view.hole.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert np.corrcoef(fine[inner].ravel(), (guided - blurred(guided))[inner].ravel())[0, 1] > 0.9


def test_what_a_guide_holds_outside_of_the_hole_does_not_count(
    loaded: LoadedTsgl, view: View
) -> None:
    guide = np.full((SIDE, SIDE, 3), 0.4, np.float32)
    other = np.where(view.hole[..., None], guide, np.float32(np.nan))
    one, _ = loaded.infer(replace(view, guide=guide))
    two, _ = loaded.infer(replace(view, guide=other))
    np.testing.assert_array_equal(one, two)
