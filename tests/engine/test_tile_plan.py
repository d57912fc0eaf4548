from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st

from inpaint_core.contract.errors import OutOfMemory
from inpaint_core.contract.geometry import Rect, Segment
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.contract.request import Fill, View
from inpaint_core.contract.specs import SizeRule
from inpaint_core.engine.tile_plan import TilePlan, compute_weights, fill_tiles, plan_tiles
from inpaint_core.generators import harmonic
from inpaint_core.generators.registry import generator
from inpaint_core.raster.membrane import solve_membrane
from inpaint_core.raster.scaling import pad_view, shrink_mask, shrink_view
from inpaint_core.raster.soft_mask import measure_thickness


@st.composite
def holes(draw: st.DrawFn) -> np.ndarray:
    h, w = draw(st.integers(1, 260)), draw(st.integers(1, 260))
    hole = np.zeros((h, w), bool)
    for _ in range(draw(st.integers(1, 4))):
        y, x = draw(st.integers(0, h - 1)), draw(st.integers(0, w - 1))
        hole[y : y + draw(st.integers(1, 120)), x : x + draw(st.integers(1, 120))] = True
    return hole


rules = st.builds(
    SizeRule, st.integers(24, 96), st.sampled_from([1, 2, 7, 8]), st.none() | st.integers(12, 120)
)


def view_of(image: np.ndarray, hole: np.ndarray) -> View:
    return View(np.where(hole[..., None], np.float32(0), image), hole, ~hole)


def disc(side: int, radius: float) -> np.ndarray:
    y, x = np.mgrid[:side, :side] - side / 2
    return np.asarray(y * y + x * x < radius * radius)


@pytest.mark.parametrize(
    ("shape", "width", "height"),
    [
        ((1080, 1920), 1920, 1080),  # of as many pixels as a square of 1440
        ((2160, 3840), 1920, 1080),
        ((1920, 1080), 1080, 1920),
        ((2000, 2000), 1440, 1440),
        ((500, 4000), 4000, 500),
    ],
)
def test_what_is_seen_whole_is_bounded_by_its_area(
    shape: tuple[int, int], width: int, height: int
) -> None:
    hole = np.zeros(shape, bool)
    hole[200:400, 200:400] = True
    plan = plan_tiles(generator("lama_whole"), hole)
    assert plan is not None
    (level,) = plan.levels
    assert (level.width, level.height) == (width, height)
    assert [tile.rect for tile in level.tiles] == [Rect(0, 0, width, height)]
    smaller = plan.refine()
    assert smaller.side < plan.side
    again = plan_tiles(generator("lama_whole"), hole, smaller.side)
    assert again is not None
    assert again.levels == smaller.levels


def test_tiles_of_several_levels_are_no_longer_than_a_square_allows() -> None:
    hole = np.zeros((3000, 12000), bool)
    hole[1000:1200, 1000:1200] = True
    for side in (None, 2160):  # what an oblong view was filled with after out-of-memory
        plan = plan_tiles(generator("lama_whole"), hole, side)
        assert plan is not None
        assert plan.side == 1440
        assert len(plan.levels) > 1


@given(holes(), rules)
@settings(max_examples=60, deadline=None)
def test_the_plan_covers_every_hole_pixel_and_keeps_the_size_rule(
    hole: np.ndarray, rule: SizeRule
) -> None:
    plan = TilePlan.for_hole(hole, rule)
    assert rule.max_side is not None
    assert plan.side <= rule.max_side
    assert plan.side % rule.multiple == 0
    assert [level.scale for level in plan.levels] == sorted(level.scale for level in plan.levels)
    assert plan.levels[-1].scale == 1.0
    first = min(plan.side, rule.first_side or plan.side)
    if measure_thickness(hole) * min(1.0, plan.side / max(hole.shape)) <= first / 4:
        first = plan.side
    assert max(plan.levels[0].width, plan.levels[0].height) == min(first, max(hole.shape))
    for coarse, fine in pairwise(plan.levels):
        assert fine.scale <= 2 * coarse.scale + 1e-9
    for level in plan.levels:
        small = shrink_mask(hole, level.width, level.height)
        total = np.zeros(small.shape, np.float64)
        for tile in level.tiles:
            assert max(tile.rect.w, tile.rect.h) <= plan.side
            assert tile.rect.contains(tile.inner)
            assert small[tile.inner.slices].any()  # a tile without hole is dropped
            share = compute_weights(level, tile)
            assert share.shape == (tile.inner.h, tile.inner.w)
            total[tile.inner.slices] += share
        assert (total[small] > 0).all()
        shares = np.zeros(small.shape, np.float64)
        for tile in level.tiles:
            at = tile.inner.slices
            shares[at] += compute_weights(level, tile) / total[at]
        assert np.abs(shares[small] - 1).max() < 1e-6


@given(holes(), rules)
@settings(max_examples=25, deadline=None)
def test_every_hole_pixel_is_written_and_no_other(hole: np.ndarray, rule: SizeRule) -> None:
    image = np.full((*hole.shape, 3), 0.25, np.float32)
    sizes: list[int] = []

    def run(view: View, progress: Progress) -> Fill:
        sizes.append(max(view.hole.shape))
        assert view.hole.any()
        assert not (view.source & view.hole).any()
        return Fill(np.full_like(view.image, 0.75))

    out = fill_tiles(TilePlan.for_hole(hole, rule), view_of(image, hole), run, Progress()).image
    np.testing.assert_allclose(out[hole], 0.75, atol=1e-5)
    assert max(sizes) <= (rule.max_side or 0)
    if (~hole).any() and max(hole.shape) > (rule.max_side or 0):
        np.testing.assert_array_equal(out[~hole], image[~hole])


@pytest.mark.parametrize("rule", [SizeRule(128, 8), SizeRule(96, 1), SizeRule(120, 7)])
@pytest.mark.parametrize("name", ["smooth", "photo"])
def test_tiled_harmonic_equals_whole(name: str, rule: SizeRule) -> None:
    if name == "smooth":
        y, x = np.mgrid[:440, :440].astype(np.float32) / 440
        image = np.stack([x, 0.5 * x + 0.3 * y, 0.5 + 0.5 * (x * x - y * y)], axis=-1)
    else:
        image = skimage.data.astronaut()[:440, :440].astype(np.float32) / 255
    hole = disc(440, 140)
    hole[300:, :60] = True  # one more, at the border
    image = image.astype(np.float32)

    def run(view: View, progress: Progress) -> Fill:
        return harmonic.SPEC.run(None, view, progress)

    whole = solve_membrane(image, hole)
    tiled = fill_tiles(TilePlan.for_hole(hole, rule), view_of(image, hole), run, Progress()).image
    difference = (tiled - whole)[hole]
    # The coarse levels see the border of the hole only in the mean, which a photo's texture makes
    # a little wrong: at most two steps of 8 bits in the mean, a quarter of one without texture.
    assert np.sqrt((difference**2).mean()) < (0.25 if name == "smooth" else 2) / 255
    assert np.abs(difference).max() < (1.5 if name == "smooth" else 6) / 255


def local_filter(view: View, progress: Progress) -> Fill:
    """The mean of the known pixels in a 15x15 window, which needs nothing from further away."""
    known = (~view.hole).astype(np.float32)
    total = cv2.boxFilter(view.image * known[..., None], -1, (15, 15), normalize=False)
    count = cv2.boxFilter(known, -1, (15, 15), normalize=False)
    return Fill(total / np.maximum(count, 1)[..., None])


def test_a_local_filter_sees_no_tiles() -> None:
    image = skimage.data.astronaut().astype(np.float32) / 255
    y, x = np.mgrid[:512, :512]
    hole = (np.abs(y - x) < 4) | (np.abs((y + 2 * x) % 190 - 40) < 3)  # scratches all over
    plan = TilePlan.for_hole(hole, SizeRule(192, 8))
    assert len(plan.levels[-1].tiles) >= 9
    view = view_of(image, hole)
    tiled = fill_tiles(plan, view, local_filter, Progress()).image
    whole = local_filter(view, Progress()).image
    # Where two tiles meet, one of them knows its neighbour's fill and takes it into the mean.
    difference = np.abs(tiled - whole)[hole]
    assert np.median(difference) < 1e-6
    assert difference.mean() < 1 / 255
    assert np.sqrt((difference**2).mean()) < 4 / 255


def test_no_seams_where_tiles_meet() -> None:
    """Each tile's fill has its own brightness error; with a ring it is removed."""
    rng = np.random.default_rng(0)
    image = (0.5 + 0.02 * rng.standard_normal((400, 400, 3))).astype(np.float32)
    hole = disc(400, 120)
    errors = iter([0.1, -0.1] * 100)

    def run(view: View, progress: Progress) -> Fill:
        return Fill(np.full_like(view.image, 0.5 + next(errors)), overlap=4)

    plan = TilePlan.for_hole(hole, SizeRule(128, 8))
    assert len(plan.levels[-1].tiles) >= 4
    out = fill_tiles(plan, view_of(image, hole), run, Progress()).image
    steps = np.abs(np.diff(out, axis=1))[hole[:, 1:] & hole[:, :-1]]
    assert steps.max() < 0.02
    assert np.abs(out[hole] - 0.5).max() < 0.03


def test_tiles_know_the_level_above() -> None:
    image = np.zeros((500, 500, 3), np.float32)
    hole = disc(500, 200)
    inside_only: list[View] = []

    def run(view: View, progress: Progress) -> Fill:
        if view.guide is not None and not view.source.any():
            inside_only.append(view)
        return Fill(np.full_like(view.image, 0.75 if view.guide is None else 0.5))

    fill_tiles(TilePlan.for_hole(hole, SizeRule(128, 8)), view_of(image, hole), run, Progress())
    assert inside_only  # tiles that lie wholly in the hole
    for view in inside_only:
        assert view.guide is not None
        assert (~view.hole).any()
        for filled in (view.image[~view.hole], view.guide):
            assert (filled >= 0.5 - 1e-3).all()  # enlarged, bicubic: nearly


def test_a_finer_plan_after_out_of_memory() -> None:
    plan = TilePlan.for_hole(disc(1500, 300), SizeRule(512, 8))
    finer = plan.refine()
    finest = finer.refine()
    assert [p.side for p in (plan, finer, finest)] == [512, 384, 256]
    assert len(finest.levels[-1].tiles) > len(plan.levels[-1].tiles)
    with pytest.raises(OutOfMemory):
        finest.refine()
    odd = TilePlan.for_hole(disc(700, 100), SizeRule(512, 56)).refine()
    assert odd.side == 336


@pytest.mark.parametrize(
    ("side", "finest", "seen"),
    [
        (200, 0.5, [200]),
        (512, 0.5, [256, 512]),
        (512, 1.0, [256, 512]),
        (1024, 0.5, [256, 512]),
        (1024, 1.0, [256, 512, 1024]),
        (1300, 0.3, [256, 512]),
    ],
)
def test_a_first_look_at_small_size(side: int, finest: float, seen: list[int]) -> None:
    rule = SizeRule(512, 64, first_side=256)
    plan = TilePlan.for_hole(disc(side, side / 5), rule, finest=finest)
    assert [level.width for level in plan.levels] == pytest.approx(seen, abs=1)
    assert len(plan.levels[0].tiles) == 1


@pytest.mark.parametrize(("radius", "seen"), [(30, [512]), (34, [256, 512])])
def test_a_thin_hole_needs_no_first_look(radius: float, seen: list[int]) -> None:
    rule = SizeRule(512, 64, first_side=256)
    for scale in (1, 2):
        plan = TilePlan.for_hole(disc(512 * scale, radius * scale), rule, finest=0.5)
        assert [level.width for level in plan.levels] == seen


def test_the_finest_level_is_a_parameter() -> None:
    hole = disc(1500, 300)
    plan = TilePlan.for_hole(hole, SizeRule(512, 8), finest=0.5)
    assert plan.levels[-1].scale == 0.5
    assert TilePlan.for_hole(hole, SizeRule(512, 8), finest=0.01).levels[0].width == 512
    image = np.full((1500, 1500, 3), 0.4, np.float32)
    fill = fill_tiles(
        plan, view_of(image, hole), lambda v, p: Fill(np.full_like(v.image, 0.4)), Progress()
    )
    assert fill.image.shape == image.shape
    np.testing.assert_allclose(fill.image, image, atol=1e-5)


def test_the_overlap_is_at_least_64_at_512() -> None:
    level = TilePlan.for_hole(disc(2400, 900), SizeRule(512, 8)).levels[-1]
    lefts = sorted({tile.rect.x for tile in level.tiles})
    assert len(lefts) > 3
    assert max(b - a for a, b in pairwise(lefts)) <= 512 - 64
    inners = sorted({(tile.inner.x, tile.inner.right) for tile in level.tiles})
    assert all(b[0] <= a[1] - 64 for a, b in pairwise(inners))


def test_the_plan_describes_itself() -> None:
    plan = TilePlan.for_hole(disc(700, 200), SizeRule(256, 8))
    described = plan.describe()
    assert [d["scale"] for d in described] == [level.scale for level in plan.levels]
    assert described[-1]["tiles"][0] == [
        getattr(plan.levels[-1].tiles[0].rect, name) for name in ("x", "y", "w", "h")
    ]


def test_a_cancel_between_tiles() -> None:
    progress = Progress()
    seen: list[int] = []

    def run(view: View, part: Progress) -> Fill:
        seen.append(1)
        progress.cancel()
        return Fill(view.image)

    hole = disc(400, 150)
    with pytest.raises(Cancelled):
        fill_tiles(
            TilePlan.for_hole(hole, SizeRule(128)),
            view_of(np.zeros((400, 400, 3), np.float32), hole),
            run,
            progress,
        )
    assert len(seen) == 1


@given(holes(), st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_nothing_of_a_hole_leaks_when_a_view_gets_smaller(
    hole: np.ndarray, width: int, height: int
) -> None:
    width, height = min(width, hole.shape[1]), min(height, hole.shape[0])
    image = np.where(hole[..., None], np.float32(1), np.float32(0.25))
    image = np.repeat(image, 3, axis=2)
    protected = np.zeros_like(hole)
    protected[0] = True
    view = View(image, hole, ~hole & ~protected, lines=(Segment(0, 0, 9, 9),))
    small = shrink_view(view, width, height)
    assert small.hole.shape == (height, width)
    assert not (small.source & small.hole).any()
    assert small.hole.any() == hole.any()
    np.testing.assert_allclose(small.image[~small.hole], 0.25, atol=1e-5)
    assert not small.source[0].any()


@given(holes(), st.sampled_from([1, 8, 32, 64]))
@settings(max_examples=25, deadline=None)
def test_padding_adds_no_sources(hole: np.ndarray, multiple: int) -> None:
    h, w = hole.shape
    image = np.random.default_rng(0).random((h, w, 3), np.float32)
    more = pad_view(View(image, hole, ~hole), multiple)
    assert more.hole.shape[0] % multiple == more.hole.shape[1] % multiple == 0
    np.testing.assert_array_equal(more.image[:h, :w], image)
    np.testing.assert_array_equal(more.hole[:h, :w], hole)
    assert np.count_nonzero(more.source) == np.count_nonzero(~hole)


def test_every_tile_is_shown_as_soon_as_it_is_filled() -> None:
    image = skimage.data.astronaut()[:440, :440].astype(np.float32) / 255
    hole = disc(440, 140)
    plan = TilePlan.for_hole(hole, SizeRule(128, 8))
    seen = view_of(image, hole)
    shown: list[tuple[float, np.ndarray]] = []

    def run(view: View, progress: Progress) -> Fill:
        progress.preview(lambda: view.image, 1.0)  # a tile is not the view: it is not passed on
        return harmonic.SPEC.run(None, view, progress)

    progress = Progress().with_previews(
        lambda read, scale, white: shown.append((scale, read().copy()))
    )
    fill = fill_tiles(plan, seen, run, progress)
    assert [scale for scale, _ in shown] == [
        level.scale for level in plan.levels for _ in level.tiles
    ]
    np.testing.assert_array_equal(shown[-1][1], fill.image)
    for scale, picture in shown:
        assert picture.shape[:2] == (round(440 * scale), round(440 * scale))
    first, second = (picture for scale, picture in shown[-2:])
    assert 0 < np.count_nonzero((first != second).any(axis=2)) < np.count_nonzero(hole)
