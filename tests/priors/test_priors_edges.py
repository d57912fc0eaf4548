"""Edges, lines and gradients, against shapes whose edges are known and against scikit-image."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.feature import canny as reference

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.priors.canny import find_canny_edges
from inpaint_core.priors.gradients import compute_gradients
from inpaint_core.priors.grey import LUMA, compute_grey
from inpaint_core.priors.lines import find_segments
from inpaint_core.priors.sobel import compute_sobel


def dilated(mask: BoolMask, radius: int) -> BoolMask:
    side = 2 * radius + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side)))) > 0


def test_edges_are_those_of_scikit_image(photo: FloatImage) -> None:
    whole = np.zeros(photo.shape[:2], bool)
    mine = find_canny_edges(photo, whole)
    theirs = reference(photo @ np.asarray(LUMA, np.float32), sigma=2.0)
    assert theirs.sum() > 500
    assert (mine & dilated(theirs, 1)).sum() > 0.95 * mine.sum()
    assert (theirs & dilated(mine, 1)).sum() > 0.95 * theirs.sum()


def test_no_false_edge_along_the_hole(photo: FloatImage, hole: BoolMask) -> None:
    ring = dilated(hole, 4) & ~hole
    true = find_canny_edges(photo, np.zeros_like(hole))
    false = ring & ~dilated(true, 2)
    found = find_canny_edges(photo, hole)
    black = find_canny_edges(np.where(hole[..., None], np.float32(0), photo), np.zeros_like(hole))
    assert (black & false).sum() > 40  # what the bridge over the hole is there to prevent
    assert (found & false).sum() <= 10
    assert (found & ring).sum() > 0.7 * (true & ring).sum()  # and the true ones are still there


def test_an_edge_ends_at_the_hole() -> None:
    photo = np.zeros((64, 96, 3), np.float32)
    photo[:, 48:] = 1
    hole = np.zeros((64, 96), bool)
    hole[20:44, 30:70] = True
    found = find_canny_edges(photo, hole)
    assert not found[20:44, 30:70].any()
    rows, columns = np.nonzero(found)
    assert set(rows) >= set(range(3, 17)) | set(range(47, 61))
    assert np.abs(columns - 47.5).max() <= 2


def test_grey_is_luma(photo: FloatImage, hole: BoolMask) -> None:
    y, x = 10, 20
    r, g, b = photo[y, x]
    assert abs(compute_grey(photo, hole)[y, x] - (0.2125 * r + 0.7154 * g + 0.0721 * b)) < 1e-6


def test_gradients_of_a_slope() -> None:
    rows, columns = np.mgrid[:20, :30].astype(np.float32)
    photo = np.repeat((0.01 * columns - 0.02 * rows + 0.5)[..., None], 3, axis=2)
    hole = np.zeros((20, 30), bool)
    hole[8:12, 10:15] = True
    found = compute_gradients(photo, hole)
    inside = np.zeros_like(hole)
    inside[1:-1, 1:-1] = True
    inside &= ~dilated(hole, 1)
    np.testing.assert_allclose(found[inside], np.broadcast_to([0.01, -0.02], (inside.sum(), 2)),
                               atol=1e-6)  # fmt: skip
    assert found[8, 9, 0] == 0  # its right-hand neighbour is in the hole
    assert found[8, 9, 1] != 0


def test_the_colours_of_a_slope_and_of_a_step() -> None:
    """Red rises to the right, blue falls downwards, and green has a step."""
    rows, columns = np.mgrid[:20, :30].astype(np.float32)
    photo = np.stack([0.01 * columns, (columns >= 20).astype(np.float32), 1 - 0.02 * rows], axis=2)
    hole = np.zeros((20, 30), bool)
    hole[8:12, 10:15] = True
    found = compute_sobel(photo, hole)
    np.testing.assert_allclose(found[5, 5], [0.02, 0, 0, 0, 0, -0.04], atol=1e-6)
    assert found[5, 19, 1] == found[5, 20, 1] == 1.0
    assert not found[7:13, 9:16].any()  # the filter would touch the hole
    assert not found[0].any()
    assert not found[:, -1].any()


def test_a_line_through_the_hole_becomes_two() -> None:
    photo = np.full((100, 160, 3), 0.2, np.float32)
    cv2.fillConvexPoly(photo, np.array([[0, 30], [159, 60], [159, 99], [0, 99]]), (0.9, 0.9, 0.9))
    hole = np.zeros((100, 160), bool)
    hole[10:90, 60:100] = True
    found = find_segments(photo, hole)
    assert len(found) >= 2
    left = found[np.maximum(found[:, 0], found[:, 2]) < 61]
    right = found[np.minimum(found[:, 0], found[:, 2]) > 98]
    assert len(left)
    assert len(right)
    assert len(left) + len(right) == len(found)
    for x0, y0, x1, y1 in found:
        assert abs(y0 - (30 + x0 * 30 / 159)) < 2
        assert abs(y1 - (30 + x1 * 30 / 159)) < 2


def test_a_line_drawn_before_the_hole_was_cut_is_cut_by_it() -> None:
    """Without a hole the same edge is one long segment."""
    photo = np.full((100, 160, 3), 0.2, np.float32)
    photo[50:] = 0.9
    found = find_segments(photo, np.zeros((100, 160), bool))
    assert np.hypot(found[:, 2] - found[:, 0], found[:, 3] - found[:, 1]).max() > 140
