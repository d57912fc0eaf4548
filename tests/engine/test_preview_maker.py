"""Previews of a running fill: at once, ever finer, cheap, and without a trace in the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from tiny_network import Ship

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.preview import FillPreview
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.context_crops import Crop
from inpaint_core.engine.engine import Engine
from inpaint_core.engine.preview_maker import (
    GUIDE_SIDE,
    INTERVAL,
    MOST_SHARE,
    SKETCHED_FROM,
    SLOWING,
    PreviewMaker,
)
from inpaint_core.raster.backdrop import Backdrop
from inpaint_core.raster.soft_mask import SoftMask, soften

SHAPE = (260, 300)
HOLE = Rect(90, 70, 120, 110)
GRAVEL = np.stack([skimage.data.gravel()[: SHAPE[0], : SHAPE[1]]] * 3, axis=2)


@pytest.fixture(autouse=True)
def _tiny_weights(ship: Ship) -> None:
    ship("plain", "wide")


def request(engine: str = "exemplar", image: NDArray[Any] = GRAVEL) -> InpaintRequest:
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[HOLE.slices] = 255
    return InpaintRequest(image, mask, FillOptions(engine=engine, feather=3, device="cpu"))


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Stage:
    """A maker of previews of one hole, and what it has made."""

    def __init__(self, asked: InpaintRequest | None = None, backdrop: Backdrop | None = None):
        self.asked = request() if asked is None else asked
        self.mask: SoftMask = soften(self.asked.mask, 0, 3)
        self.clock, self.shown = Clock(), list[FillPreview]()
        self.crop = Crop(HOLE.grow(60), (self.mask.rect,))
        self.maker = PreviewMaker(
            self.asked, self.mask, backdrop, self.shown.append, clock=self.clock
        )

    def progress(self, is_guide: bool = False) -> Progress:
        return self.maker.attach(Progress(), self.crop, self.crop.rect, is_guide)

    def picture(self, scale: float, value: float = 0.5) -> FloatImage:
        size = round(self.crop.rect.h * scale), round(self.crop.rect.w * scale)
        return np.full((*size, 3), value, np.float32)


@pytest.mark.parametrize("engine", ["exemplar", "tsgl", "auto", "harmonic"])
def test_previews_change_no_byte_and_the_first_one_is_there_before_all_work(engine: str) -> None:
    asked = request(engine)
    for array in (asked.image, asked.mask):
        array.setflags(write=False)
    said: list[tuple[int, str]] = []
    shown: list[FillPreview] = []
    progress = Progress(
        lambda _, text: None if text is None else said.append((len(shown), text.key))
    )
    with_previews = Engine().inpaint(asked, progress, on_preview=shown.append)
    without = Engine().inpaint(asked, Progress())
    assert np.array_equal(with_previews.pixels, without.pixels)
    assert with_previews.notes == without.notes
    assert with_previews.plan == without.plan
    assert shown
    assert [key for count, key in said if count == 0] == ["engine.reading_mask"]
    for preview in shown:
        assert preview.rect == without.rect
        assert preview.pixels.dtype == np.uint8
        assert np.array_equal(preview.strength, without.strength)
        left, top, right, bottom = preview.extent
        assert left <= preview.rect.x < preview.rect.right <= right
        assert top <= preview.rect.y < preview.rect.bottom <= bottom


def test_the_sketch_is_as_light_as_what_is_around_and_has_nothing_of_what_was_there() -> None:
    image = np.full((*SHAPE, 3), 90, np.uint16)
    image[:, SHAPE[1] // 2 :] = 60000
    asked = request(image=image)
    for colour in (0, 40000):
        image[HOLE.slices] = colour
        stage = Stage(replace(asked, image=image.copy()))
        stage.maker.sketch([stage.crop])
        (sketch,) = stage.shown
        assert sketch.pixels.dtype == np.uint16
        middle = sketch.pixels.shape[0] // 2
        row = sketch.pixels[middle, :, 0].astype(int)
        assert row[0] == 90
        assert row[-1] == 60000
        assert (np.diff(row) >= -2).all()
    assert max(sketch.pixels.shape) <= 160


def test_what_is_small_is_not_sketched_and_without_a_listener_nothing_is_made() -> None:
    stage = Stage()
    count = np.count_nonzero(stage.mask.strength)
    assert count >= SKETCHED_FROM
    stage.maker.sketch([stage.crop], least=count + 1)
    assert not stage.shown
    silent = PreviewMaker(stage.asked, stage.mask, None, None)
    silent.sketch([stage.crop])
    progress = Progress()
    assert silent.attach(progress, stage.crop, stage.crop.rect) is progress


def test_a_hole_with_nothing_known_around_it_is_not_sketched() -> None:
    asked = replace(request(), mask=np.full(SHAPE, 255, np.uint8))
    stage = Stage(asked)
    stage.maker.sketch([stage.crop])
    assert not stage.shown


def test_previews_are_apart_and_become_rarer() -> None:
    stage = Stage()
    progress = stage.progress()
    began, times = stage.clock.now, []
    for _ in range(6000):
        stage.clock.now += 0.01
        before = len(stage.shown)
        progress.preview(lambda: stage.picture(0.5), 0.5)
        if len(stage.shown) > before:
            times.append(stage.clock.now - began)
    apart = np.diff(times)
    assert (apart >= INTERVAL - 1e-6).all()
    assert (apart >= SLOWING * np.array(times[:-1]) - 1e-6).all()
    assert 30 < len(times) < 60


def test_previews_that_take_long_are_made_less_often() -> None:
    stage = Stage()
    progress, made = stage.progress(), list[float]()

    def read() -> FloatImage:
        made.append(stage.clock.now)
        stage.clock.now += 0.1
        return stage.picture(0.5)

    for _ in range(4000):
        stage.clock.now += 0.01
        progress.preview(read, 0.5)
    assert len(made) >= 3
    assert 0.1 * len(made) <= MOST_SHARE * (stage.clock.now - 100) + 0.1


def test_a_hole_never_becomes_coarser_again_but_a_guide_is_coarse() -> None:
    stage = Stage()

    def offer(scale: float, is_guide: bool = False) -> int:
        stage.clock.now += 60
        stage.progress(is_guide).preview(lambda: stage.picture(scale), scale)
        return len(stage.shown)

    assert offer(1.0, is_guide=True) == 1
    guide = GUIDE_SIDE / min(stage.crop.rect.w, stage.crop.rect.h)
    assert max(stage.shown[0].pixels.shape) < max(HOLE.w, HOLE.h) * (guide + 0.1) + 3
    assert offer(guide / 2) == 1
    assert offer(0.5) == 2
    assert offer(0.25) == 2
    assert offer(0.5) == 3
    assert offer(1.0) == 4
    assert offer(0.5) == 4


def test_the_part_shown_is_cut_where_the_hole_is_and_brought_to_the_photos_depth() -> None:
    stage = Stage(request(image=GRAVEL.astype(np.uint16) * 257))
    y, x = np.mgrid[: stage.crop.rect.h, : stage.crop.rect.w].astype(np.float32)
    picture = np.stack([x + stage.crop.rect.x, y + stage.crop.rect.y, x * 0], axis=2)
    stage.clock.now += 60
    stage.progress().preview(lambda: picture, 1.0, white=65535)
    (preview,) = stage.shown
    left, top, _, _ = preview.extent
    assert preview.pixels[0, 0].tolist() == [left, top, 0]
    assert preview.pixels.shape[:2] == (stage.mask.rect.h + 2, stage.mask.rect.w + 2)


def test_what_is_not_known_yet_stays_as_it_was_shown() -> None:
    stage = Stage()
    stage.maker.sketch([stage.crop])
    sketch = stage.shown[0].pixels
    picture = stage.picture(0.5, 1.0)
    picture[: len(picture) // 2] = np.nan
    stage.clock.now += 60
    stage.progress().preview(lambda: picture, 0.5)
    half = stage.shown[1].pixels
    assert (half[-1] == 255).all()
    assert half[0].max() <= sketch.max() < 255
    stage.clock.now += 60
    stage.progress().preview(lambda: stage.picture(0.25), 0.25)
    assert len(stage.shown) == 3  # a part that was finer says nothing about the rest


def test_of_a_transparent_photo_the_backdrop_is_not_shown() -> None:
    backdrop = Backdrop((1.0, 0.0, 1.0))
    alpha = np.full(SHAPE, 255, np.uint8)
    stage = Stage(replace(request(), alpha=alpha), backdrop)
    picture = stage.picture(1.0, 0.4)
    picture[: len(picture) // 2] = (1.0, 0.0, 1.0)
    stage.clock.now += 60
    stage.progress().preview(lambda: picture, 1.0)
    (preview,) = stage.shown
    assert preview.opacity is not None
    assert preview.opacity[0].tolist() == [0] * preview.opacity.shape[1]
    assert preview.opacity[-1].tolist() == [255] * preview.opacity.shape[1]
    assert preview.pixels[-1, 0].tolist() == [102, 102, 102]


def test_only_the_holes_of_the_crop_are_meant() -> None:
    asked = request()
    asked.mask[20:30, 20:30] = 255
    stage = Stage(asked)
    own = (Rect(10, 10, 30, 30), Rect(80, 60, 140, 130))
    inside = Rect(10, 10, 210, 180)
    crop = Crop(Rect.whole(SHAPE), own)
    stage.clock.now += 60
    progress = stage.maker.attach(Progress(), crop, crop.rect)
    progress.preview(lambda: np.full((*SHAPE, 3), 0.5, np.float32), 1.0)
    (preview,) = stage.shown
    assert preview.rect == inside
    assert np.array_equal(preview.strength, stage.mask.over(inside))
    alone = Crop(Rect.whole(SHAPE), (own[0], Rect(210, 180, 4, 4)))
    stage.clock.now += 60
    stage.maker.attach(Progress(), alone, alone.rect).preview(
        lambda: np.full((*SHAPE, 3), 0.5, np.float32), 1.0
    )
    assert np.count_nonzero(stage.shown[-1].strength) == np.count_nonzero(
        stage.mask.over(own[0])
    ) + np.count_nonzero(stage.mask.over(alone.own[1]))


def test_a_large_preview_is_reduced() -> None:
    image = np.broadcast_to(np.uint8(90), (2400, 2600, 3))
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[50:2350, 50:2550] = 255
    soft = soften(mask, 0, 3)
    shown: list[FillPreview] = []
    crop = Crop(Rect.whole(mask.shape), (soft.rect,))
    clock = Clock()
    maker = PreviewMaker(InpaintRequest(image, mask), soft, None, shown.append, clock=clock)
    maker.sketch([crop])
    clock.now += 60
    picture = np.broadcast_to(np.float32(0.5), image.shape)
    maker.attach(Progress(), crop, crop.rect).preview(lambda: picture, 1.0)
    for preview in shown:
        assert preview.pixels.size <= 3.1 * (1 << 20)
        assert preview.strength.size <= 1.01 * (1 << 22)
    assert len(shown) == 2
