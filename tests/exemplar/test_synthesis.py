"""The contract of the synthesis: what it writes and copies, same bytes, cancellation."""

from __future__ import annotations

import os
import threading

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from textures import box, view

from inpaint_core.contract.errors import NothingToCopy
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Cancelled, Progress, ReadPicture
from inpaint_core.contract.request import Fill, View
from inpaint_core.exemplar.pyramid import choose_radius, find_whole_patches
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
    if choose_radius(seen.source, int(hole.sum())) is not None:
        assert filled(seen).products["offsets"][hole].any(axis=1).all()


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


@pytest.mark.parametrize(("side", "width"), [(3, 2), (6, 8), (12, 90)])
def test_a_small_source_is_enough_for_a_small_hole(side: int, width: int) -> None:
    hole = box((60, 120), 20, 20, 1, width)
    fill = filled(
        view(np.tile(photo(60, 60), (1, 2, 1)), hole, source=box((60, 120), 3, 40, side, side))
    )
    assert fill.products["offsets"][hole].any(axis=1).all()
    assert fill.warnings == ()


def mesh(shape: tuple[int, int], gap: int, wire: int) -> np.ndarray:
    """A hole like a mesh: square gaps of known pixels between wires."""
    y, x = np.indices(shape)
    return (y % (gap + wire) < wire) | (x % (gap + wire) < wire)


SCARCE = {
    "none": np.zeros((80, 80), bool),
    "thinner than a patch": box((80, 80), 0, 0, 2, 80),
    "no whole patch": np.indices((80, 80)).sum(axis=0) % 3 > 0,
    "one patch": box((80, 80), 3, 70, 7, 7),
    "islands": box((80, 80), 0, 0, 9, 9) | box((80, 80), 70, 70, 9, 9),
}


@pytest.mark.parametrize("name", list(SCARCE))
def test_too_few_sources_give_a_smooth_fill_and_a_warning(name: str) -> None:
    hole = box((80, 80), 10, 10, 58, 58)
    image = photo(80, 80)
    for array in (image, hole):
        array.setflags(write=False)
    fill = synthesise(view(image, hole, source=SCARCE[name] & ~hole), Progress())
    assert [warning.key for warning in fill.warnings] == ["engine.too_few_sources"]
    assert not fill.products["offsets"].any()
    np.testing.assert_array_equal(fill.image[~hole], image[~hole])
    assert (fill.image[hole] >= image[~hole].min(axis=0) - 1e-3).all()
    assert (fill.image[hole] <= image[~hole].max(axis=0) + 1e-3).all()
    assert np.abs(np.diff(fill.image[12:66, 12:66], axis=1)).max() < 0.1


@pytest.mark.parametrize(
    "hole",
    [
        mesh((96, 96), 8, 8),
        mesh((96, 96), 2, 2),
        mesh((97, 101), 3, 12),
        ~box((96, 96), 0, 0, 9, 9),
    ],
    ids=["mesh", "fine mesh", "thick wires", "one corner"],
)
def test_a_fill_from_little_stays_among_the_known_colours(hole: np.ndarray) -> None:
    image = photo(*hole.shape)
    fill = synthesise(view(image, hole), Progress())
    low, high = image[~hole].min(axis=0), image[~hole].max(axis=0)
    assert (fill.image[hole] >= low - 0.06).all()
    assert (fill.image[hole] <= high + 0.06).all()
    truth, mean = image[hole], image[~hole].mean(axis=0)
    assert np.abs(fill.image[hole] - truth).mean() < 1.1 * np.abs(mean - truth).mean()


def test_smaller_patches_are_used_where_there_are_too_few_large_ones() -> None:
    wide, narrow = mesh((96, 96), 20, 8), mesh((96, 96), 8, 2)
    assert choose_radius(~wide, int(wide.sum())) == 3
    assert find_whole_patches(~narrow, 3).any()
    assert choose_radius(~narrow, int(narrow.sum())) == 1
    assert choose_radius(~mesh((96, 96), 4, 4), 100_000) is None


def test_without_a_known_pixel_there_is_nothing_to_fill_from() -> None:
    everything = np.ones((20, 20), bool)
    with pytest.raises(NothingToCopy) as raised:
        synthesise(view(photo(20, 20), everything), Progress())
    assert raised.value.message.key == "engine.no_known_pixels"


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


def test_every_level_is_shown_as_it_is_filled() -> None:
    seen = view(photo(120, 140), box((120, 140), 30, 40, 60, 60))
    shown: list[tuple[float, np.ndarray]] = []

    def listen(read: ReadPicture, scale: float, white: float) -> None:
        shown.append((scale, read() / white))

    fill = synthesise(seen, Progress().with_previews(listen))
    plain = synthesise(seen, Progress())
    np.testing.assert_array_equal(fill.image, plain.image)
    scales = [scale for scale, _ in shown]
    assert scales == sorted(scales)
    assert len(set(scales)) >= 3
    assert scales[-1] == 1
    for scale, picture in shown:
        assert picture.shape == (round(120 * scale), round(140 * scale), 3)
    last = shown[-1][1]
    np.testing.assert_allclose(last[~seen.hole], seen.image[~seen.hole], atol=1e-6)
    # Votes are means of what is copied in the end.
    assert np.abs(last - fill.image)[seen.hole].mean() < 0.05


def test_what_is_filled_without_a_guide_is_not_shown_after_the_guide() -> None:
    image, hole = photo(120, 140), box((120, 140), 30, 40, 60, 60)
    smooth = cv2.GaussianBlur(image, (0, 0), 5)
    shown: list[str] = []
    said: list[Message] = []

    def listen(read: ReadPicture, scale: float, white: float) -> None:
        shown.append(f"{scale}")

    def hear(_: float, text: Message | None) -> None:
        if text is not None:
            said.append(text)

    progress = Progress(hear).with_previews(listen)
    synthesise(view(image, hole, guide=smooth, trust=0.3), progress)
    tested = len(shown)
    shown.clear()
    synthesise(view(image, hole), Progress().with_previews(listen))
    # With a guide, levels above the native one are filled twice at least, and shown once less.
    copied = sum(message.key == "engine.copying_texture" for message in said)
    assert tested < copied
    assert tested >= len(shown)
