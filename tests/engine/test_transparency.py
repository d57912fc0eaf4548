"""Holes in and beside what cannot be seen: no hidden colour shows, and opacity is filled too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from tiny_network import Ship

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generators

SHAPE = (144, 176)
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]]
GRAVEL = np.stack([skimage.data.gravel()[: SHAPE[0], : SHAPE[1]]] * 3, axis=2) // 2 + 100
EDGE_HOLE = (X >= 110) & (X < 160) & (Y >= 52) & (Y < 92)
CUT_OUT = np.hypot((X - 76) / 64, (Y - 72) / 56) < 1


@pytest.fixture(autouse=True)
def _tiny_weights(ship: Ship) -> None:
    ship("plain", "wide", "arriving")


def request(
    alpha: NDArray[Any],
    hole: NDArray[np.bool_],
    engine: str,
    hidden: int = 0,
    image: NDArray[np.uint8] = GRAVEL,
) -> InpaintRequest:
    """``alpha`` in [0, 1]; ``hidden`` is the colour of what cannot be seen."""
    pixels = np.where(alpha[..., None] > 0, image, np.uint8(hidden))
    pixels[hole & (X > 120)] = (250, 0, 0)
    opacity = np.rint(np.where(hole, 1, alpha) * 255).astype(np.uint8)
    mask = hole.astype(np.uint8) * np.uint8(255)
    options = FillOptions(engine=engine, seed=2, device="cpu")
    return InpaintRequest(pixels, mask, options, frozenset({"offsets"}), opacity)


def fill(asked: InpaintRequest) -> tuple[InpaintResult, NDArray[Any], NDArray[Any]]:
    """The result, and the whole picture and its alpha after it."""
    for array in (asked.image, asked.mask, asked.alpha):
        assert array is not None
        array.setflags(write=False)
    result = Engine().inpaint(asked, Progress())
    assert asked.alpha is not None
    alpha = asked.alpha.copy()
    if result.alpha is not None:
        assert result.alpha.dtype == alpha.dtype
        alpha[result.rect.slices] = result.alpha
    return result, result.applied_to(asked.image), alpha


@pytest.mark.parametrize("engine", list(generators()))
def test_hidden_colours_have_no_influence(engine: str) -> None:
    cover = CUT_OUT.astype(np.float64)
    fills = [fill(request(cover, EDGE_HOLE, engine, hidden)) for hidden in (0, 255)]
    (one, black, alpha), (_, white, same) = fills
    np.testing.assert_array_equal(alpha, same)
    seen = alpha > 0
    np.testing.assert_array_equal(black[seen], white[seen])
    changed = np.zeros(SHAPE, bool)
    changed[one.rect.slices] = one.strength > 0
    np.testing.assert_array_equal(black[changed], white[changed])
    if engine in ("lama", "lama_refined", "lama_whole", "migan"):
        return  # without weights it paints anything, and nothing is copied over it
    known = GRAVEL[CUT_OUT & ~EDGE_HOLE]
    visible = black[changed & (alpha > 25)].astype(int)
    assert visible.min() >= int(known.min()) - 20
    assert visible.max() <= int(known.max()) + 20


@pytest.mark.parametrize("engine", ["exemplar", "auto"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_the_outline_of_a_cut_out_goes_on(engine: str, depth: type[np.generic]) -> None:
    asked = request(CUT_OUT.astype(np.float64), EDGE_HOLE, engine)
    if depth == np.uint16:
        assert asked.alpha is not None
        asked = replace(
            asked,
            image=asked.image.astype(np.uint16) * 257,
            alpha=asked.alpha.astype(np.uint16) * 257,
        )
    _, _, alpha = fill(asked)
    most = np.iinfo(depth).max
    opaque = alpha > most // 2
    wrong = (opaque != CUT_OUT) & EDGE_HOLE
    assert wrong.sum() < 0.12 * EDGE_HOLE.sum()
    partly = (alpha > 0.08 * most) & (alpha < 0.92 * most)
    assert partly.sum() < 0.02 * EDGE_HOLE.sum()


@pytest.mark.parametrize("engine", ["exemplar", "tsgl"])
def test_opacity_comes_from_where_the_colours_were_copied(engine: str) -> None:
    lattice = ((X // 12 + Y // 12) % 2).astype(np.float64)
    asked = request(lattice, EDGE_HOLE, engine).with_options(feather=0.0)
    result, _, alpha = fill(asked)
    y, x = np.nonzero(EDGE_HOLE)
    dy, dx = result.products["offsets"][y - result.rect.y, x - result.rect.x].T
    assert asked.alpha is not None
    np.testing.assert_array_equal(alpha[y, x], asked.alpha[y + dy, x + dx])
    share = (alpha[EDGE_HOLE] > 127).mean()
    assert 0.25 < share < 0.75


@pytest.mark.parametrize("engine", list(generators()))
def test_a_hole_where_nothing_can_be_seen_becomes_invisible(engine: str) -> None:
    hole = (X >= 156) & (X < 170) & (Y >= 4) & (Y < 18)
    _, pixels, alpha = fill(request(CUT_OUT.astype(np.float64), hole, engine))
    assert not alpha[hole].any()
    assert not (pixels[hole] == (250, 0, 0)).all(axis=1).any()


@pytest.mark.parametrize("engine", list(generators()))
def test_a_hole_in_what_is_opaque_is_filled_as_without_alpha(engine: str) -> None:
    hole = (X >= 60) & (X < 84) & (Y >= 60) & (Y < 84)
    opaque = request(np.ones(SHAPE), hole, engine)
    result, _, _ = fill(opaque)
    assert result.alpha is None
    plain = Engine().inpaint(replace(opaque, alpha=None), Progress())
    np.testing.assert_array_equal(result.pixels, plain.pixels)


@pytest.mark.parametrize("engine", ["exemplar", "harmonic"])
def test_a_fade_goes_on_without_steps(engine: str) -> None:
    fade = np.broadcast_to(1 - (X + 1) / 200, SHAPE)
    hole = (X >= 60) & (X < 100) & (Y >= 50) & (Y < 90)
    _, _, alpha = fill(request(fade, hole, engine))
    inside = hole & (X >= 63) & (X < 97) & (Y >= 53) & (Y < 87)
    assert np.abs(alpha / 255.0 - fade)[inside].mean() < 0.06
    assert np.abs(np.diff(alpha.astype(int), axis=1))[inside[:, 1:]].max() < 40


def test_nothing_of_what_was_painted_over_shows_in_alpha() -> None:
    asked = request(CUT_OUT.astype(np.float64), EDGE_HOLE, "exemplar").with_options(feather=0.0)
    assert asked.alpha is not None
    other = asked.alpha.copy()
    other[EDGE_HOLE] = 40
    (_, one, first), (_, two, second) = fill(asked), fill(replace(asked, alpha=other))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("wrong", [np.zeros((3, 3), np.uint8), np.zeros(SHAPE, np.float32)])
def test_another_kind_of_alpha_is_refused(wrong: NDArray[Any]) -> None:
    asked = replace(request(np.ones(SHAPE), EDGE_HOLE, "harmonic"), alpha=wrong)
    with pytest.raises(BadRequest):
        Engine().inpaint(asked, Progress())
