"""From a photo and a hole to the network's input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tsgl_cases import TINY, TINY_LAMA

from inpaint_core.contract.errors import NothingToCopy
from inpaint_core.networks.tsgl.config import STRUCTURE_PRIORS
from inpaint_core.networks.tsgl.inputs import prepare_inputs
from inpaint_core.networks.tsgl.network import build_network
from inpaint_core.priors.canny import find_canny_edges


@pytest.fixture
def photo() -> np.ndarray:
    rows, columns = np.mgrid[:64, :128]
    light = np.where(rows + columns // 4 < 40, 0.2, 0.8) + 0.02 * np.sin(columns)
    return np.repeat(light[..., None], 3, axis=2).astype(np.float32)


@pytest.fixture
def hole() -> np.ndarray:
    found = np.zeros((64, 128), bool)
    found[16:48, 40:80] = True
    return found


def test_ranges_and_polarity(photo: np.ndarray, hole: np.ndarray) -> None:
    found = prepare_inputs(photo, hole, TINY)
    assert found.image.shape == (1, 3, 64, 128)
    assert found.structure.shape == (1, 2, 64, 128)
    np.testing.assert_array_equal(found.known[0, 0].numpy(), ~hole)
    assert torch.equal(found.known, found.structure_known)
    np.testing.assert_allclose(found.image[0, 0].numpy()[~hole], photo[..., 0][~hole] * 2 - 1)
    assert not found.image[0, :, 16:48, 40:80].any()
    np.testing.assert_array_equal(found.structure[0, 0].numpy(), find_canny_edges(photo, hole))
    np.testing.assert_allclose(
        found.structure[0, 1].numpy()[~hole], photo[..., 0][~hole], atol=1e-6
    )
    assert found.texture is not None
    assert abs(float(found.texture[0, 0, 4, 4]) - (0.2 * 2 - 1)) < 0.05  # smoothed, in [-1, 1]
    assert prepare_inputs(photo, hole, TINY_LAMA).texture is None


def test_what_is_in_the_hole_does_not_matter(photo: np.ndarray, hole: np.ndarray) -> None:
    other = np.where(hole[..., None], np.float32(np.nan), photo)
    net = build_network(TINY).eval()
    with torch.no_grad():
        one, two = (net(prepare_inputs(p, hole, TINY)).image for p in (photo, other))
    assert torch.equal(one, two)


@pytest.mark.parametrize("name", STRUCTURE_PRIORS)
def test_every_structure_prior(name: str, photo: np.ndarray, hole: np.ndarray) -> None:
    config = replace(TINY, structure_prior=name, texture_prior="none")
    found = prepare_inputs(photo, hole, config, computed={"semantic": photo})
    assert found.structure.shape[1] == STRUCTURE_PRIORS[name].channels
    assert not found.structure[0].numpy()[:, hole].any()
    with torch.no_grad():
        assert torch.isfinite(build_network(config).eval()(found).image).all()


def test_drawn_edges(photo: np.ndarray, hole: np.ndarray) -> None:
    drawn = np.zeros_like(hole)
    drawn[30, 20:100] = True
    found = prepare_inputs(photo, hole, TINY, drawn)
    plain = prepare_inputs(photo, hole, TINY)
    inside = drawn & hole
    known = found.structure_known[0, 0].numpy() > 0
    np.testing.assert_array_equal(known, ~hole | inside)
    assert found.structure[0, 0].numpy()[inside].all()
    # Outside the hole the photo's own edges stay, and brightness is drawn nowhere.
    np.testing.assert_array_equal(
        found.structure[0, 0].numpy()[~hole], plain.structure[0, 0].numpy()[~hole]
    )
    assert torch.equal(found.structure[:, 1], plain.structure[:, 1])
    net = build_network(TINY).eval()
    with torch.no_grad():
        assert not torch.equal(net(found).image, net(plain).image)


def test_edges_cannot_be_drawn_into_gradients(photo: np.ndarray, hole: np.ndarray) -> None:
    with pytest.raises(ValueError, match="no edges can be drawn"):
        prepare_inputs(photo, hole, replace(TINY, structure_prior="gradients"), hole)


def test_nothing_known(photo: np.ndarray) -> None:
    with pytest.raises(NothingToCopy):
        prepare_inputs(photo, np.ones((64, 128), bool), TINY)
