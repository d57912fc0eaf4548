"""Where holes lie, and outlines of real objects."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tiny import of

from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.training.hole_sampler import (
    BINS,
    INSET,
    HoleSampler,
    draw_hole,
    move_to_border,
)
from inpaint_core.lab.training.photo_archive import PhotoArchive
from inpaint_core.lab.training.samples import make_sample
from inpaint_core.networks.tsgl.config import BASE


def touches(hole: np.ndarray) -> bool:
    return bool(hole[[0, -1]].any() or hole[:, [0, -1]].any())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(BINS), st.sampled_from([64, 128]), st.booleans())
def test_a_hole_is_at_the_border_or_off_it(
    seed: int, share: tuple[float, float], side: int, at_border: bool
) -> None:
    holes = HoleSampler(border=float(at_border))
    hole = holes.draw(np.random.default_rng(seed), side, share)
    assert hole.shape == (side, side)
    assert share[0] < hole.mean() <= share[1]
    assert touches(hole) == at_border
    if not at_border:
        margin = round(side * INSET)
        inner = hole.copy()
        inner[margin:-margin, margin:-margin] = False
        assert not inner.any()


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_moving_to_the_border_keeps_the_shape(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hole = np.zeros((40, 60), bool)
    y, x = rng.integers(1, 20), rng.integers(1, 30)
    shape = rng.random((15, 20)) < 0.5
    shape[7, 9] = True
    hole[y : y + 15, x : x + 20] = shape
    moved = move_to_border(rng, hole)
    assert touches(moved)

    def cut(plane: np.ndarray) -> np.ndarray:
        left, top, width, height = cv2.boundingRect(plane.astype(np.uint8))
        return plane[top : top + height, left : left + width]

    np.testing.assert_array_equal(cut(moved), cut(hole))


def test_half_of_the_holes_are_at_the_border() -> None:
    rng = np.random.default_rng(3)
    found = [touches(HoleSampler(border=0.5).draw(rng, 64, (0.1, 0.2))) for _ in range(200)]
    assert 0.4 < np.mean(found) < 0.6


def test_by_default_nothing_has_changed() -> None:
    """A run from before there was a choice goes on with the holes that it would have had."""
    one, two = (np.random.default_rng(8) for _ in range(2))
    for share in BINS:
        hole = HoleSampler().draw(one, 64, share)
        np.testing.assert_array_equal(hole, draw_hole(two, 64, 64, share))


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    """A ring of 40 x 20, which no other shape has, and a file that is no picture."""
    plane = np.zeros((90, 90), np.uint8)
    cv2.rectangle(plane, (20, 30), (59, 49), 255, -1)
    cv2.rectangle(plane, (30, 36), (49, 43), 0, -1)
    Image.fromarray(plane).save(tmp_path / "ring.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    return tmp_path


def test_silhouettes_are_cut_out_scaled_and_mirrored(objects: Path) -> None:
    shape = HoleSampler(PhotoArchive([str(objects)])).shapes()[-1]
    inside, ratios, cut_off = 0, [], 0
    for seed in range(40):
        hole = np.zeros((120, 120), np.uint8)
        shape(np.random.default_rng(seed), hole, 40.0)
        assert set(np.unique(hole)) <= {0, 1}
        assert hole.any()
        if touches(hole):
            cut_off += 1
            continue
        x, y, width, height = cv2.boundingRect(hole)
        assert 20 <= width <= 52
        ratios.append(width / height)
        middle = hole[y + height // 2, x + width // 2]
        assert middle == 0  # the ring's own hole
        inside += 1
    assert inside > 10
    assert cut_off > 3
    assert np.mean(ratios) == pytest.approx(2, abs=0.15)


def test_samples_with_silhouettes(album: Path, objects: Path) -> None:
    photos, holes = (
        PhotoArchive([str(album / "photos")]),
        HoleSampler(PhotoArchive([str(objects)]), 0.5),
    )
    shares = [
        1 - float(make_sample(photos, of(BASE), 64, 0, number, holes).inputs.known.mean())
        for number in range(12)
    ]
    assert min(shares) > 0.01
    assert max(shares) <= 0.6
    assert len(set(shares)) > 8


def test_silhouettes_that_are_empty(tmp_path: Path) -> None:
    Image.new("L", (20, 20)).save(tmp_path / "black.png")
    shape = HoleSampler(PhotoArchive([str(tmp_path)])).shapes()[-1]
    with pytest.raises(BadRequest, match="silhouettes in a row"):
        shape(np.random.default_rng(0), np.zeros((9, 9), np.uint8), 5.0)
