"""Statistics and divergence, against direct computation."""

from __future__ import annotations

import numpy as np
import pytest

from inpaint_core.contract.specs import TapPoint
from inpaint_core.generators.registry import generator
from inpaint_core.inspection.capture import InspectedRun
from inpaint_core.inspection.map_statistics import (
    divergence,
    divergence_map,
    find_chains,
    find_regions,
    measure_map,
)


def box(shape: tuple[int, int], rows: slice, columns: slice) -> np.ndarray:
    hole = np.zeros(shape, bool)
    hole[rows, columns] = True
    return hole


def test_regions_part_the_map() -> None:
    hole = box((64, 64), slice(16, 32), slice(16, 32))
    inside, ring, outside = find_regions(hole, (16, 16))
    np.testing.assert_array_equal(inside, box((16, 16), slice(4, 8), slice(4, 8)))
    np.testing.assert_array_equal(ring | inside, box((16, 16), slice(2, 10), slice(2, 10)))
    assert (inside.astype(int) + ring + outside == 1).all()


def test_a_pixel_that_the_hole_only_touches_is_in_the_ring() -> None:
    hole = box((8, 8), slice(0, 8), slice(0, 1))  # a quarter of the first column of a 2x2 map
    inside, ring, _ = find_regions(hole, (2, 2))
    assert not inside.any()
    assert ring.all()


def test_figures_of_hand_made_values() -> None:
    hole = box((12, 12), slice(0, 12), slice(0, 2))
    x = np.zeros((2, 12, 12), np.float16)
    x[0, :, :2], x[1, :, :2] = 3, 4
    x[:, :, 6:] = -2
    found = measure_map([(x, hole)])
    assert found.inside.pixels == 24
    assert found.inside.mean == 3.5
    assert found.inside.std == 0.5
    assert found.inside.rms == pytest.approx(12.5**0.5)
    assert found.inside.silent == 0
    assert found.inside.median == 5
    assert found.ring.silent == 1
    assert found.outside.pixels == 96
    assert found.outside.silent == 0.25
    assert found.outside.median == pytest.approx(8**0.5)
    assert found.filled == pytest.approx(5 / 8**0.5)
    assert found.relative_activity(found.ring) == 0


def test_no_hole_is_not_a_number() -> None:
    found = measure_map([(np.ones((2, 4, 4), np.float16), np.zeros((4, 4), bool))])
    assert found.inside.pixels == 0
    assert np.isnan(found.inside.mean)
    assert np.isnan(found.filled)


def test_figures_of_a_run_are_those_of_all_its_tiles(tiled: InspectedRun) -> None:
    captures = [c for crop in tiled.find_captures("residual-1", -1) for c in crop]
    assert len(captures) > 1
    parts = []
    for capture in captures:
        inside = find_regions(capture.hole, capture.maps["residual-1"].shape[1:])[0]
        parts.append(capture.maps["residual-1"][:, inside].astype(np.float64).ravel())
    values = np.concatenate(parts)
    found = tiled.measure_statistics("residual-1", -1).inside
    assert found.mean == pytest.approx(values.mean(), rel=1e-5)
    assert found.std == pytest.approx(values.std(), rel=1e-5)
    assert found.pixels == sum(p.size for p in parts) // 72
    assert found.rms == pytest.approx(np.sqrt((values**2).mean()), rel=1e-5)


def test_one_sees_at_which_depth_the_hole_fills_in(run: InspectedRun) -> None:
    """A partial convolution says nothing where its window knows nothing."""
    found = [run.measure_statistics(f"structure-{k}") for k in range(1, 5)]
    assert found[0].filled == 0
    assert found[-1].filled > 0.4
    silent = [f.inside.silent for f in found if f.inside.pixels]
    assert silent[0] > 0.5 > silent[-1]
    assert found[0].outside.silent == 0


def test_divergence_of_two_pixels_by_hand() -> None:
    p = np.array([[[3.0, 1.0]]])
    q = np.array([[[1.0, 1.0]]])
    wanted = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)
    assert divergence(p, q) == pytest.approx(wanted, rel=1e-4)
    np.testing.assert_allclose(
        divergence_map(p, q), [[0.75 * np.log(1.5), 0.25 * np.log(0.5)]], rtol=1e-4
    )


def test_divergence_knows_no_scale_width_or_size() -> None:
    rng = np.random.default_rng(0)
    small = rng.random((3, 4, 4)) + 0.1
    large = np.repeat(np.repeat(small, 2, axis=1), 2, axis=2)
    wide = np.concatenate([large, large, large])
    assert divergence(small, 7 * small) == pytest.approx(0, abs=1e-6)
    assert divergence(large, small) == pytest.approx(0, abs=1e-6)
    assert divergence(wide, small) == pytest.approx(0, abs=1e-6)
    assert divergence(small[::-1, ::-1], small) > 0.01


def test_divergence_from_silence_is_finite() -> None:
    lone = np.zeros((1, 4, 4))
    lone[0, 0, 0] = 1
    assert divergence(lone, np.zeros((1, 4, 4))) == pytest.approx(np.log(16), rel=1e-3)
    assert 0 < divergence(np.ones((1, 4, 4)), lone) < 20


def test_layers_that_follow_each_other_are_found() -> None:
    found = {
        chain[0].name.rpartition("-")[0]: len(chain)
        for chain in find_chains(generator("tsgl").taps)
    }
    assert found["structure"] == 5
    assert found["balanced"] == 6
    assert "equalised" not in found
    assert "" not in found
    names = [TapPoint(n, n, 1, 1) for n in ("a-1", "b-1", "a-2", "c-x")]
    assert [[t.name for t in chain] for chain in find_chains(names)] == [["a-1", "a-2"]]
