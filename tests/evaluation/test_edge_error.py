"""The error of a fill's edges, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core.lab.evaluation.edge_metrics import edge_error, find_edges

HOLE = np.zeros((80, 80), bool)
HOLE[20:60, 20:60] = True


def step(row: int, low: int = 60, high: int = 180) -> np.ndarray:
    image = np.full((80, 80, 3), low, np.uint8)
    image[row:] = high
    return image


def test_the_same_edge_is_no_error_and_another_one_is_all_wrong() -> None:
    assert edge_error(step(40), step(40), HOLE) == 0.0
    assert edge_error(step(40), step(42), HOLE) == 0.0
    assert edge_error(step(40), step(45), HOLE) == 1.0


def test_a_blank_fill_and_an_invented_edge_are_all_wrong() -> None:
    blank = np.full((80, 80, 3), 60, np.uint8)
    assert edge_error(step(40), np.where(HOLE[..., None], blank, blank), HOLE) == 1.0
    assert edge_error(blank, step(40), HOLE) == 1.0
    assert edge_error(blank, blank + np.uint8(90), HOLE) == 0.0


def test_half_of_an_edge_is_found() -> None:
    """Twice as many edge pixels as are right, all true ones found: F1 = 2/3."""
    filled = step(35)
    filled[45:] = 60
    truth = step(35)
    assert edge_error(truth, filled, HOLE) == pytest.approx(1 / 3, abs=0.01)


def test_edges_outside_the_hole_do_not_count() -> None:
    truth, other = step(40), step(40)
    other[:10] = 200
    assert find_edges(other)[8:12].any()
    assert edge_error(truth, other, HOLE) == 0.0


def test_grain_is_no_edge() -> None:
    rng = np.random.default_rng(0)
    grain = np.clip(120 + rng.normal(0, 6, (80, 80, 3)), 0, 255).astype(np.uint8)
    assert not find_edges(grain).any()
