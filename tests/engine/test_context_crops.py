from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.contract.errors import NothingToCopy
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.context_crops import (
    LEAST_CONTEXT,
    Crop,
    _shrink,
    find_context_crops,
    find_sources,
)
from inpaint_core.raster.soft_mask import soften


def crops_of(mask: np.ndarray, **more: np.ndarray) -> tuple[Crop, ...]:
    image = np.broadcast_to(np.zeros(3, np.uint8), (*mask.shape, 3))
    request = InpaintRequest(image, mask, FillOptions(**more))
    return find_context_crops(request, soften(mask, 0, 0.0))


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_every_hole_pixel_has_one_owner_with_context(data: st.DataObject) -> None:
    h, w = data.draw(st.integers(16, 700)), data.draw(st.integers(16, 900))
    mask = np.zeros((h, w), np.uint8)
    for _ in range(data.draw(st.integers(1, 12))):
        y, x = data.draw(st.integers(0, h - 1)), data.draw(st.integers(0, w - 1))
        mask[y : y + data.draw(st.integers(1, 60)), x : x + data.draw(st.integers(1, 90))] = 255
    if mask.all():
        mask[0, 0] = 0
    crops = crops_of(mask)
    owners = np.zeros((h, w), int)
    photo = Rect.whole(mask.shape)
    for crop in crops:
        assert photo.contains(crop.rect)
        assert (mask[crop.rect.slices] == 0).any()
        for own in crop.own:
            assert crop.rect.contains(own)
            wanted = own.grow(max(own.w, own.h, LEAST_CONTEXT)).intersect(photo)
            assert crop.rect.contains(wanted)
            owners[own.slices] += 1
    assert owners.max() == 1
    assert (owners[mask > 0] == 1).all()


def test_near_holes_share_a_crop_and_far_ones_do_not() -> None:
    mask = np.zeros((3000, 4000), np.uint8)
    mask[100:120, 100:120] = mask[100:120, 150:190] = 255
    mask[2500:2600, 3500:3600] = 255
    near, far = crops_of(mask)
    assert len(near.own) == 2
    assert len(far.own) == 1
    assert near.rect.area + far.rect.area < mask.size / 40


def test_a_spot_near_a_large_hole_has_a_crop_of_its_own_and_comes_first() -> None:
    mask = np.zeros((800, 900), np.uint8)
    mask[100:400, 100:400] = 255
    mask[410:440, 410:440] = mask[380:420, 460:500] = 255
    spots, large = crops_of(mask)
    assert [len(spots.own), len(large.own)] == [2, 1]
    hole = mask[spots.rect.slices] > 0
    own = spots.find_own_hole(hole)
    assert np.count_nonzero(own) == 30 * 30 + 40 * 40
    assert np.count_nonzero(hole) > np.count_nonzero(own)  # the corner of the large one


def test_a_spot_that_would_see_the_same_as_a_large_hole_shares_its_crop() -> None:
    for width, count in ((300, 1), (1200, 2)):
        mask = np.zeros((300, width), np.uint8)
        mask[100:200, 100:200] = mask[90:110, 220:240] = 255
        mask[100:120, width - 60 : width - 40] = 255
        crops = crops_of(mask)
        assert len(crops) == count, width
        filled = sum(np.count_nonzero(mask[crop.rect.slices]) for crop in crops)
        assert filled == np.count_nonzero(mask)  # nothing is filled twice


@given(st.integers(1, 70), st.integers(1, 70), st.sampled_from([1, 2, 4, 8]), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_reduced_mask_holds_every_block_with_a_hole(
    height: int, width: int, step: int, seed: int
) -> None:
    mask = (np.random.default_rng(seed).random((height, width)) < 0.02).astype(np.uint8)
    blocks = np.pad(mask, ((0, -height % step), (0, -width % step)))
    wanted = blocks.reshape(len(blocks) // step, step, -1, step).max(axis=(1, 3))
    np.testing.assert_array_equal(_shrink(mask, step), wanted)


def test_a_hole_at_the_border_has_its_crop_moved_inwards() -> None:
    mask = np.zeros((2000, 2000), np.uint8)
    mask[:200, :200] = 255
    (crop,) = crops_of(mask)
    assert crop.rect == Rect(0, 0, 600, 600)


@pytest.mark.parametrize(
    ("hole", "reach"),
    [
        ((10, 10), 128),
        ((400, 300), 400),
        ((600, 600), 600),
        ((1200, 1200), 424),  # (1200 + 2 * 424) squared are 4 million pixels
        ((1500, 1500), 450),
        ((1500, 20), 709),
        ((3000, 20), 511),  # less than 0.3 of its length, which would be two thirds more pixels
    ],
)
def test_a_large_hole_sees_less_of_the_photo(hole: tuple[int, int], reach: int) -> None:
    mask = np.zeros((4000, 6000), np.uint8)
    mask[1700 : 1700 + hole[1], 1700 : 1700 + hole[0]] = 255
    (crop,) = crops_of(mask)
    assert crop.rect == Rect(1700, 1700, *hole).grow(reach)


def test_the_crop_grows_until_there_is_enough_to_copy_from() -> None:
    mask = np.zeros((2000, 2000), np.uint8)
    mask[900:1000, 900:1000] = 255
    protect = np.zeros(mask.shape, bool)
    protect[400:1500, 400:1500] = True
    (narrow,), (wide,) = crops_of(mask), crops_of(mask, protect=protect)
    assert wide.rect.area > narrow.rect.area
    free = ~protect[wide.rect.slices] & (mask[wide.rect.slices] == 0)
    assert np.count_nonzero(free) >= 100 * 100


def test_a_hole_over_most_of_the_photo_sees_all_of_it() -> None:
    mask = np.full((300, 400), 255, np.uint8)
    mask[:, :20] = 0
    (crop,) = crops_of(mask)
    assert crop.rect == Rect(0, 0, 400, 300)


def test_nothing_left_to_copy_from_has_a_name() -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[10:20, 10:20] = 255
    for more in ({"protect": np.ones(mask.shape, bool)}, {"source": mask > 0}):
        with pytest.raises(NothingToCopy):
            crops_of(mask, **more)
    with pytest.raises(NothingToCopy):
        crops_of(np.full((60, 80), 255, np.uint8))


def test_thousands_of_specks_need_few_crops_of_bounded_size() -> None:
    rng = np.random.default_rng(0)
    mask = np.zeros((4000, 6000), np.uint8)
    for y, x in rng.integers(0, (3996, 5996), (3000, 2)):
        mask[y : y + 3, x : x + 3] = 255
    crops = crops_of(mask)
    assert 2 < len(crops) < 128
    assert max(crop.rect.area for crop in crops) < 8_000_000
    assert sum(crop.rect.area for crop in crops) < 2 * mask.size
    owners = np.zeros(mask.shape, np.uint8)
    for crop in crops:
        for own in crop.own:
            owners[own.slices] += 1
    assert (owners[mask > 0] == 1).all()


def test_sources_are_known_allowed_and_not_protected() -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[10:20, 10:20] = 255
    protect, allowed = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    protect[:15] = True
    allowed[:, :30] = True
    request = InpaintRequest(
        np.zeros((40, 40, 3), np.uint8), mask, FillOptions(protect=protect, source=allowed)
    )
    rect = Rect(5, 5, 30, 30)
    found = find_sources(request, soften(mask, 0, 0.0), rect)
    np.testing.assert_array_equal(found, (allowed & ~protect & (mask == 0))[rect.slices])
