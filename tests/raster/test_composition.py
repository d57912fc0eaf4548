from __future__ import annotations

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inpaint_core.contract.request import Fill
from inpaint_core.raster.composition import compose, compose_transparent, level_colours, to_float

shapes = st.tuples(st.integers(1, 12), st.integers(1, 12))


@given(st.data(), st.sampled_from([np.uint8, np.uint16]))
@settings(max_examples=60, deadline=None)
def test_the_mixture_is_rounded_and_nothing_else_changes(
    data: st.DataObject, depth: type[np.generic]
) -> None:
    h, w = data.draw(shapes)
    photo = data.draw(arrays.arrays(depth, (h, w, 3)))
    alpha = data.draw(arrays.arrays(np.uint8, (h, w)))
    fill = data.draw(arrays.arrays(np.float32, (h, w, 3), elements=st.floats(-0.5, 1.5, width=32)))
    before = photo.copy()
    out = compose(photo, alpha, fill)
    np.testing.assert_array_equal(photo, before)
    assert out.dtype == photo.dtype
    np.testing.assert_array_equal(out[alpha == 0], photo[alpha == 0])
    full = np.iinfo(depth).max
    share = alpha[..., None] / 255.0
    wanted = share * np.clip(fill.astype(np.float64), 0, 1) * full + (1 - share) * photo
    assert np.abs(out - wanted).max() <= 0.51


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_every_value_survives_the_way_there_and_back(depth: type[np.generic]) -> None:
    values = np.arange(np.iinfo(depth).max + 1, dtype=depth)
    photo = np.repeat(values.reshape(-1, 64)[..., None], 3, axis=2)
    alpha = np.full(photo.shape[:2], 255, np.uint8)
    np.testing.assert_array_equal(compose(np.zeros_like(photo), alpha, to_float(photo)), photo)


def test_at_full_strength_the_photo_does_not_even_round() -> None:
    rng = np.random.default_rng(0)
    fill = rng.random((400, 400, 3), np.float32)
    alpha = np.full(fill.shape[:2], 255, np.uint8)
    photo = rng.integers(0, 65536, fill.shape).astype(np.uint16)
    np.testing.assert_array_equal(
        compose(photo, alpha, fill), compose(np.zeros_like(photo), alpha, fill)
    )


def textured(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.5 + 0.05 * rng.standard_normal((160, 200, 3))).astype(np.float32)


@pytest.fixture
def hole() -> np.ndarray:
    y, x = np.mgrid[:160, :200]
    return np.asarray((y - 80) ** 2 + (x - 100) ** 2 < 50**2)


def test_a_colour_step_is_taken_out_and_the_grain_stays(hole: np.ndarray) -> None:
    known, fill = textured(0), textured(1)
    error = np.linspace(-0.1, 0.1, 200, dtype=np.float32)[None, :, None]
    out = level_colours(known, hole, Fill(fill + error, overlap=4))
    before, after = np.broadcast_to(error, fill.shape)[hole], (out - fill)[hole]
    assert np.abs(before).max() > 0.04
    assert np.abs(after).max() < 0.02
    assert np.sqrt((after**2).mean()) < 0.25 * np.sqrt((before**2).mean())
    change = out - fill - error
    inside = hole[:, 1:] & hole[:, :-1]
    assert np.abs(np.diff(change, axis=1))[inside].max() < 0.005  # a tenth of the grain


def test_an_edge_in_the_ring_is_no_colour_error(hole: np.ndarray) -> None:
    known, fill = textured(0), textured(1)
    known[70:80, :60] = 0.0  # something dark that the fill does not continue
    out = level_colours(known, hole, Fill(fill, overlap=4))
    assert np.abs(out - fill)[hole].max() < 0.03


def test_a_perfect_ring_changes_nothing(hole: np.ndarray) -> None:
    photo = skimage.data.astronaut()[:160, :200].astype(np.float32) / 255
    out = level_colours(photo, hole, Fill(photo, overlap=3))
    np.testing.assert_allclose(out, photo, atol=1e-6)


def test_without_a_ring_nothing_is_corrected(hole: np.ndarray) -> None:
    fill = textured(1)
    assert level_colours(textured(0) + np.float32(0.2), hole, Fill(fill)) is fill


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (16, 16), (3, 200)])
def test_any_hole_in_any_photo(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for share in (0.02, 0.5, 0.98):
        hole = rng.random(shape) < share
        image = np.full((*shape, 3), 0.6, np.float32)
        out = level_colours(image, hole, Fill(np.full_like(image, 0.5), overlap=2))
        assert np.isfinite(out).all()
        assert (out[hole] >= 0.5 - 1e-5).all()
        assert (out[hole] <= 0.6 + 1e-5).all()


@given(st.data(), st.sampled_from([np.uint8, np.uint16]))
@settings(max_examples=60, deadline=None)
def test_transparent_colours_are_mixed_by_what_is_seen_of_them(
    data: st.DataObject, depth: type[np.generic]
) -> None:
    h, w = data.draw(shapes)
    full = np.iinfo(depth).max
    photo = data.draw(arrays.arrays(depth, (h, w, 3)))
    opacity = data.draw(arrays.arrays(depth, (h, w), elements=st.sampled_from([0, 90, full])))
    alpha = data.draw(arrays.arrays(np.uint8, (h, w)))
    units = st.floats(0, 1, width=32)
    fill = data.draw(arrays.arrays(np.float32, (h, w, 3), elements=units))
    after = data.draw(arrays.arrays(np.float32, (h, w), elements=st.sampled_from([0, 0.5, 1])))
    pixels, mixed = compose_transparent(photo, opacity, alpha, fill, after)
    np.testing.assert_array_equal(pixels[alpha == 0], photo[alpha == 0])
    np.testing.assert_array_equal(mixed[alpha == 0], opacity[alpha == 0])
    assert pixels.dtype == mixed.dtype == depth
    share = alpha / 255.0
    wanted = share * after + (1 - share) * (opacity / full)
    assert np.abs(mixed / full - wanted).max() <= 0.51 / full + 1e-6
    # Premultiplied colours are mixed linearly (Porter, Duff 1984).
    seen = share[..., None] * after[..., None] * fill
    seen = seen + ((1 - share) * (opacity / full))[..., None] * (photo / full)
    assert np.abs(pixels / full * wanted[..., None] - seen).max() <= 0.51 / full + 1e-5
    opaque = np.full((h, w), full, depth)
    same, still = compose_transparent(photo, opaque, alpha, fill, np.ones((h, w), np.float32))
    np.testing.assert_array_equal(same, compose(photo, alpha, fill))
    np.testing.assert_array_equal(still, opaque)
