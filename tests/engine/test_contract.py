"""The engine's contract, tested with every registered generator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny_network import Ship

from inpaint_core.contract.errors import BadRequest, NothingToCopy
from inpaint_core.contract.geometry import Segment
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generators

pytestmark = [
    pytest.mark.parametrize("engine_id", list(generators())),
    pytest.mark.parametrize("depth", [np.uint8, np.uint16]),
]


def cancelling(at: int) -> Progress:
    """A progress that is cancelled at its ``at``-th report (from 0)."""
    heard: list[Message | None] = []

    def listener(fraction: float, text: Message | None) -> None:
        if len(heard) == at:
            progress.cancel()
        heard.append(text)

    progress = Progress(listener)
    return progress


@pytest.fixture(autouse=True)
def _tiny_weights(ship: Ship) -> None:
    ship("plain", "wide", "arriving")


@pytest.fixture
def request_(
    engine_id: str, depth: type[np.generic], photo: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> InpaintRequest:
    image = photo if depth == np.uint8 else photo.astype(np.uint16) * 257
    return InpaintRequest(image, mask, FillOptions(engine=engine_id, seed=5, device="cpu"))


def test_only_the_feathered_hole_changes(request_: InpaintRequest) -> None:
    result = Engine().inpaint(request_, Progress())
    filled = result.applied_to(request_.image)
    assert filled.dtype == request_.image.dtype
    near = np.zeros(request_.mask.shape, bool)
    for dy in range(-2, 3):  # a feather of 2 pixels reaches 2 pixels beyond the mask
        for dx in range(-2, 3):
            rows, columns = np.nonzero(request_.mask)
            near[np.clip(rows + dy, 0, 71), np.clip(columns + dx, 0, 95)] = True
    np.testing.assert_array_equal(filled[~near], request_.image[~near])
    assert (filled[near] != request_.image[near]).any()


def test_nothing_of_what_was_painted_over_is_left(request_: InpaintRequest) -> None:
    other = request_.image.copy()
    other[request_.mask > 0] = 17
    first = Engine().inpaint(request_, Progress()).applied_to(request_.image)
    second = Engine().inpaint(replace(request_, image=other), Progress()).applied_to(other)
    np.testing.assert_array_equal(first, second)


def test_an_empty_hole_returns_at_once(request_: InpaintRequest) -> None:
    said: list[Message | None] = []
    empty = replace(request_, mask=np.zeros_like(request_.mask))
    result = Engine().inpaint(empty, Progress(lambda fraction, text: said.append(text)))
    assert result.rect.is_empty
    assert result.pixels.shape == (0, 0, 3)
    assert result.pixels.dtype == request_.image.dtype
    assert not any(text is not None and text.key == "engine.filling_part" for text in said)
    np.testing.assert_array_equal(result.applied_to(request_.image), request_.image)


def test_same_request_same_bytes(request_: InpaintRequest) -> None:
    engine = Engine()
    first = engine.inpaint(request_, Progress())
    again = engine.inpaint(request_, Progress())
    afresh = Engine().inpaint(request_, Progress())
    assert first.rect == again.rect == afresh.rect
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.pixels, afresh.pixels)


def test_usable_after_a_cancel_at_any_moment(request_: InpaintRequest) -> None:
    engine = Engine()
    engine.load(request_.options.engine)
    reports: list[Message | None] = []
    wanted = engine.inpaint(request_, Progress(lambda fraction, text: reports.append(text)))
    for stop_at in {0, len(reports) // 2, len(reports) - 2}:
        with pytest.raises(Cancelled):
            engine.inpaint(request_, cancelling(stop_at))
    np.testing.assert_array_equal(engine.inpaint(request_, Progress()).pixels, wanted.pixels)


def test_usable_after_an_error(request_: InpaintRequest) -> None:
    engine = Engine()
    wanted = engine.inpaint(request_, Progress())
    with pytest.raises(BadRequest):
        engine.inpaint(replace(request_, mask=request_.mask[1:]), Progress())
    with pytest.raises(NothingToCopy):
        engine.inpaint(replace(request_, mask=np.full_like(request_.mask, 255)), Progress())
    np.testing.assert_array_equal(engine.inpaint(request_, Progress()).pixels, wanted.pixels)


def test_the_input_is_not_touched(request_: InpaintRequest) -> None:
    protect = np.zeros(request_.mask.shape, bool)
    protect[:10] = True
    lines = (Segment(0, 37, 95, 37),)
    full = request_.with_options(protect=protect, source=~protect, lines=lines)
    copies = [a.copy() for a in (full.image, full.mask, protect, ~protect)]
    for array in (full.image, full.mask, full.options.protect, full.options.source):
        assert array is not None
        array.setflags(write=False)
    Engine().inpaint(full, Progress())
    for array, copy in zip(
        (full.image, full.mask, full.options.protect, full.options.source), copies, strict=True
    ):
        np.testing.assert_array_equal(array, copy)


def test_copies_come_from_where_they_may(request_: InpaintRequest) -> None:
    spec = generators()[request_.options.engine]
    protect = np.zeros(request_.mask.shape, bool)
    protect[:, 60:] = True
    allowed = np.zeros(request_.mask.shape, bool)
    allowed[8:] = True
    full = replace(request_, want=frozenset({"offsets"})).with_options(
        protect=protect, source=allowed
    )
    result = Engine().inpaint(full, Progress())
    # The fill of a trusted network is used as it is where the photo is as small as here.
    is_copied = spec.native_stage and spec.trust < 1
    if "offsets" not in spec.products and not is_copied:
        assert not result.products
        assert result.notes[0].key == "command.no_such_product"
        return
    offsets = result.products["offsets"]
    assert offsets.shape == (result.rect.h, result.rect.w, 2)
    y, x = np.nonzero(offsets.any(axis=2))
    assert y.size >= np.count_nonzero(request_.mask)
    dy, dx = offsets[y, x].T
    from_y, from_x = y + result.rect.y + dy, x + result.rect.x + dx
    assert allowed[from_y, from_x].all()
    assert not protect[from_y, from_x].any()
    assert not request_.mask[from_y, from_x].any()


def test_everything_protected_leaves_nothing_to_copy(request_: InpaintRequest) -> None:
    with pytest.raises(NothingToCopy):
        Engine().inpaint(
            request_.with_options(protect=np.ones(request_.mask.shape, bool)), Progress()
        )


@pytest.mark.parametrize("shape", [(16, 16), (3, 40), (40, 2), (1, 30)])
def test_small_photos_work(request_: InpaintRequest, shape: tuple[int, int]) -> None:
    h, w = shape
    image = np.ascontiguousarray(request_.image[:h, :w])
    mask = np.zeros(shape, np.uint8)
    mask[h // 3 : h // 3 + max(h // 3, 1), w // 3 : w // 2] = 255
    small = replace(request_, image=image, mask=mask).with_options(feather=0.0)
    try:
        filled = Engine().inpaint(small, Progress()).applied_to(image)
    except NothingToCopy:  # a photo thinner than a patch holds none to copy, which may be said
        assert min(shape) < 7
        spec = generators()[request_.options.engine]
        assert spec.native_stage or "offsets" in spec.products
        return
    np.testing.assert_array_equal(filled[mask == 0], image[mask == 0])
    low, high = image[mask == 0].min(axis=0), image[mask == 0].max(axis=0)
    margin = np.iinfo(image.dtype).max // 8
    assert (filled[mask > 0] <= high.astype(int) + margin).all()
    assert (filled[mask > 0] >= low.astype(int) - margin).all()


def test_progress_moves_to_the_end(request_: InpaintRequest) -> None:
    heard: list[tuple[float, Message | None]] = []
    Engine().inpaint(request_, Progress(lambda *said: heard.append(said)))
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(set(fractions)) >= 3
    assert all(text is None or str(text) for _, text in heard)
