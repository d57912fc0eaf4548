"""What a guide counts for in a wide hole."""

from __future__ import annotations

import numpy as np
import pytest
from textures import box, view

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.progress import Progress
from inpaint_core.exemplar import pyramid
from inpaint_core.exemplar.pyramid import (
    FINE,
    GUIDED,
    build_pyramid,
    measure_wideness,
    with_guide_changed,
)

SIDE = 192
HOLE = box((SIDE, SIDE), 32, 32, 128, 128)


def grain(seed: int = 0) -> FloatImage:
    """Grain of 10 levels around a middle grey."""
    rng = np.random.default_rng(seed)
    return rng.normal(0.5, 0.04, (SIDE, SIDE, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("width", "side", "wideness"),
    [(20, 300, 0), (64, 300, 0), (84, 300, 0.5), (104, 300, 1), (168, 1024, 0.5)],
)
def test_a_hole_is_as_wide_as_a_network_sees_it(width: int, side: int, wideness: float) -> None:
    hole = box((side, side), 20, 20, side - 60, width)
    assert measure_wideness(hole) == pytest.approx(wideness, abs=0.1)


def emphasised(hole: np.ndarray, trust: float, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many times as much the guide counts at each level as it would in a narrow hole."""
    seen = view(grain(), hole, guide=grain(1), trust=trust)
    levels = build_pyramid(seen, 3, Progress())
    monkeypatch.setattr(pyramid, "EMPHASIS", 1.0)
    plain = build_pyramid(seen, 3, Progress())
    for one, other in zip(levels, plain, strict=True):
        assert np.array_equal(np.delete(one.f, GUIDED, axis=2), np.delete(other.f, GUIDED, axis=2))
    return [
        float(one.f[..., GUIDED].sum() / other.f[..., GUIDED].sum())
        for one, other in zip(levels, plain, strict=True)
    ]


def test_in_a_wide_hole_the_guide_counts_more_at_coarse_scales(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shares = emphasised(HOLE, 0.3, monkeypatch)
    assert len(shares) > FINE + 1
    assert shares == pytest.approx([1] * (FINE + 1) + [2] * (len(shares) - FINE - 1))


@pytest.mark.parametrize(("width", "trust"), [(60, 0.3), (128, 1)])
def test_elsewhere_the_guide_counts_as_ever(
    width: int, trust: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    hole = box((SIDE, SIDE), 32, 32, 128, width)
    shares = emphasised(hole, trust, monkeypatch)
    assert len(shares) > FINE + 1
    assert shares == pytest.approx([1] * len(shares))


def test_what_is_mended_counts_as_much_as_the_rest() -> None:
    level = build_pyramid(view(grain(), HOLE, guide=grain(1), trust=0.3), 3, Progress())[-1]
    change = np.full((SIDE, SIDE, 3), 7, np.float32)
    added = with_guide_changed(level, change).f - level.f
    np.testing.assert_allclose(added[..., GUIDED][level.hole], 14, atol=1e-2)
