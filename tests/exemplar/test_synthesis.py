"""The contract of the synthesis: what it writes and copies, same bytes, cancellation."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from textures import box, view

from inpaint_core.contract.errors import NothingToCopy
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.exemplar.synthesis import synthesise

PHOTO = np.ascontiguousarray(skimage.data.astronaut()).astype(np.float32) / 255


def photo(height: int, width: int, y: int = 40, x: int = 150) -> np.ndarray:
    return PHOTO[y : y + 2 * height : 2, x : x + 2 * width : 2]


def filled(seen: View) -> Fill:
    """The fill of a view, after the checks that every fill must pass."""
    before = seen.image.copy()
    for array in (seen.image, seen.hole, seen.source):
        array.setflags(write=False)
    fill = synthesise(seen, Progress())
    np.testing.assert_array_equal(seen.image, before)
    offsets = fill.products["offsets"]
    assert fill.image.shape == seen.image.shape
    assert fill.image.dtype == np.float32
    assert offsets.shape == (*seen.hole.shape, 2)
    assert offsets.dtype == np.int32
    y, x = np.nonzero(seen.hole)
    dy, dx = offsets[y, x].T
    assert ((y + dy >= 0) & (y + dy < seen.hole.shape[0])).all()
    assert ((x + dx >= 0) & (x + dx < seen.hole.shape[1])).all()
    assert (seen.source & ~seen.hole)[y + dy, x + dx].all()
    assert not offsets[~seen.hole].any()
    np.testing.assert_array_equal(fill.image[~seen.hole], before[~seen.hole])
    assert np.isfinite(fill.image).all()
    return fill


@pytest.fixture(scope="module")
def large() -> View:
    """More than one block of targets on the finest level."""
    hole = box((150, 170), 40, 45, 70, 75)
    return view(photo(150, 170), hole, seed=7)


def test_same_seed_same_bytes_at_any_number_of_threads(
    large: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    fills = []
    for workers in (1, 2, 5):
        monkeypatch.setattr(os, "cpu_count", lambda workers=workers: workers)
        before = threading.active_count()
        fills.append(synthesise(large, Progress()))
        assert threading.active_count() == before
    for other in fills[1:]:
        np.testing.assert_array_equal(other.image, fills[0].image)
        np.testing.assert_array_equal(other.products["offsets"], fills[0].products["offsets"])


def test_another_seed_gives_another_fill() -> None:
    hole = box((80, 90), 25, 30, 26, 30)
    one, two = (filled(view(photo(80, 90), hole, seed=seed)) for seed in (1, 2))
    assert (one.products["offsets"] != two.products["offsets"]).any()
    assert (one.image != two.image).any()


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10_000),
    height=st.integers(20, 70),
    width=st.integers(20, 70),
    share=st.sampled_from([0.0, 0.001, 0.005]),
)
def test_copies_come_from_sources_only(seed: int, height: int, width: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    hole = box((height, width), *rng.integers(0, (height, width)), *rng.integers(1, 25, 2))
    hole |= rng.random(hole.shape) < share
    protect = box((height, width), *rng.integers(0, (height, width)), *rng.integers(1, 30, 2))
    allowed = ~box((height, width), 0, 0, *rng.integers(0, (height // 2, width // 2)))
    seen = view(photo(height, width), hole, source=allowed & ~protect & ~hole, seed=seed)
    windows = np.lib.stride_tricks.sliding_window_view(seen.source, (3, 3))
    try:
        filled(seen)
    except NothingToCopy:
        assert not windows.all(axis=(2, 3)).any()


@pytest.mark.parametrize("y", [0, 5, 10])
@pytest.mark.parametrize("x", [0, 5, 10])
def test_holes_at_every_border_and_corner_of_a_tiny_photo(y: int, x: int) -> None:
    image = photo(16, 16, 200, 200)
    hole = box((16, 16), y, x, 6, 6)
    if (y, x) == (5, 5):  # around the middle there is no room for a patch of 7 pixels
        hole = box((16, 16), 7, 7, 2, 2)
    fill = filled(view(image, hole))
    low, high = image[~hole].min(axis=0), image[~hole].max(axis=0)
    assert (fill.image[hole] > low - 0.15).all()
    assert (fill.image[hole] < high + 0.15).all()


def shapes() -> dict[str, np.ndarray]:
    y, x = np.mgrid[:70, :84]
    rng = np.random.default_rng(1)
    many = np.zeros((70, 84), bool)
    for cy, cx in np.argwhere(rng.random((6, 7)) < 0.8) * 12 + 2:
        many[cy : cy + 3, cx : cx + 3] = True
    return {
        "row": y == 30,
        "column": x == 41,
        "pixel": (y == 35) & (x == 50),
        "corner pixel": (y == 69) & (x == 83),
        "scratch": np.abs(3 * y - 2 * x - 20) <= 2,
        "two scratches": (np.abs(y - x) <= 1) | (np.abs(y + x - 70) <= 1),
        "many small": many,
        "whole left": x < 20,
        "ring": np.abs(np.hypot(y - 35, x - 42) - 20) <= 3,
        "over half": (np.abs(y - 35) < 30) & (np.abs(x - 34) < 30),
        "frame": (y < 12) | (x < 12) | (y >= 58) | (x >= 72),
    }


@pytest.mark.parametrize("name", list(shapes()))
def test_holes_of_every_shape(name: str) -> None:
    hole = shapes()[name]
    image = photo(70, 84)
    fill = filled(view(image, hole))
    moved = fill.products["offsets"][hole].any(axis=1)
    assert moved.all()
    assert (fill.image[hole] != 0).any(axis=1).mean() > 0.9  # the hole is handed over as black


def test_one_patch_is_enough_for_a_large_hole() -> None:
    hole = box((90, 90), 20, 20, 40, 40)
    seen = view(photo(90, 90), hole, source=box((90, 90), 3, 70, 7, 7))
    filled(seen)


@pytest.mark.parametrize("side", [3, 5, 7])
def test_the_smallest_patch_is_enough(side: int) -> None:
    hole = box((60, 60), 20, 20, 9, 10)
    filled(view(photo(60, 60), hole, source=box((60, 60), 3, 40, side, side)))


@pytest.mark.parametrize(
    ("shape", "source"),
    [
        ((40, 40), np.zeros((40, 40), bool)),
        ((40, 40), box((40, 40), 0, 0, 2, 40)),
        ((2, 40), np.ones((2, 40), bool)),
        ((40, 40), np.indices((40, 40)).sum(axis=0) % 3 > 0),
    ],
    ids=["none", "thinner than a patch", "photo thinner than a patch", "no whole patch"],
)
def test_nothing_to_copy_is_said(shape: tuple[int, int], source: np.ndarray) -> None:
    hole = box(shape, 1, 20, 3, 8)
    with pytest.raises(NothingToCopy) as raised:
        synthesise(view(photo(*shape), hole, source=source & ~hole), Progress())
    assert raised.value.message.key == "engine.no_source_patches"


@pytest.mark.parametrize("at", [0.0, 0.3, 0.9, 1.0])
def test_stops_when_cancelled_from_another_thread(large: View, at: float) -> None:
    running, asked = threading.Event(), threading.Event()
    heard: list[float] = []
    outcome: list[BaseException | Fill] = []

    def listener(fraction: float, text: Message | None) -> None:
        heard.append(fraction)
        if fraction >= at and not running.is_set():
            running.set()
            assert asked.wait(60)

    progress = Progress(listener)

    def work() -> None:
        try:
            outcome.append(synthesise(large, progress))
        except BaseException as error:
            outcome.append(error)

    before = threading.active_count()
    worker = threading.Thread(target=work)
    worker.start()
    assert running.wait(60)
    progress.cancel()
    asked.set()
    worker.join()
    assert isinstance(outcome[0], Cancelled)
    assert heard[-1] == min(f for f in heard if f >= at)  # nothing was reported after it
    assert threading.active_count() == before


def test_progress_never_falls_and_moves_in_small_steps(large: View) -> None:
    heard: list[tuple[float, Message | None]] = []
    synthesise(large, Progress(lambda *said: heard.append(said)))
    fractions = np.array([fraction for fraction, _ in heard])
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert (np.diff(fractions) >= 0).all()
    assert np.diff(fractions).max() < 0.2
    assert all(text is None or str(text) for _, text in heard)
