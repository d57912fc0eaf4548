"""Questions to a fill: why this pixel, how sure, what will be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.inspection.capture import InspectedRun, look_inside
from inpaint_core.inspection.influence import find_influence
from inpaint_core.inspection.planned_fill import preview_fill
from inpaint_core.inspection.prior_pictures import PriorSettings, compute_prior, draw_prior
from inpaint_core.inspection.stability import measure_stability
from inpaint_core.priors.grey import LUMA
from inpaint_core.priors.registry import priors
from inpaint_core.raster.composition import to_float


def test_the_gradient_tells_what_a_small_change_does(run: InspectedRun) -> None:
    """The brightest pixel of the map is nudged: the network's answer is as foretold."""
    found = find_influence(run, 95, 85)
    assert found.edges is not None
    view = found.capture.generator_pass.view
    net = found.capture.generator_pass.net
    row, column = found.capture.place.pixel(95, 85)
    assert found.capture.hole[row, column]

    def brightness(image: np.ndarray) -> float:
        from inpaint_core.priors.grey import compute_grey

        known = {
            **view.priors,
            "grey": compute_grey(image, view.hole),
        }  # the edges stay as they are
        with torch.inference_mode():
            inputs = net.inputs(replace(view, image=image, priors=known))
            picture = (net.network(inputs).image[0, :, row, column] + 1) / 2
        return float(picture.numpy() @ np.array(LUMA, np.float32))

    assert found.value == pytest.approx(brightness(view.image), abs=1e-5)
    values = np.nan_to_num(found.photo.values)
    assert values.max() > 0
    y, x = np.unravel_index(values.argmax(), values.shape)
    step, slopes = 2e-3, []
    for channel in range(3):
        ends = []
        for sign in (1, -1):
            image = view.image.copy()
            image[y, x, channel] += sign * step
            ends.append(brightness(image))
        slopes.append((ends[0] - ends[1]) / (2 * step))
    assert np.linalg.norm(slopes) == pytest.approx(values[y, x], rel=0.1)


def test_what_the_network_never_saw_decided_nothing(run: InspectedRun) -> None:
    found = find_influence(run, 95, 85)
    assert found.edges is not None
    hole = found.capture.hole[: found.photo.values.shape[0], : found.photo.values.shape[1]]
    assert (found.photo.values[hole] == 0).all()
    assert (found.photo.values[~hole] > 0).any()
    assert (found.edges.values[hole] == 0).all()
    assert found.edges.values.max() > 0
    assert run.request.mask[found.strongest[::-1]] == 0


def test_the_finest_tile_answers(tiled: InspectedRun) -> None:
    found = find_influence(tiled, 300, 180)
    assert found.capture.place.width == max(c.place.width for c in tiled.captures)
    assert found.capture.place.fills(300, 180)


def test_pixels_without_an_answer_are_told(run: InspectedRun, request_: InpaintRequest) -> None:
    with pytest.raises(BadRequest, match="was not filled"):
        find_influence(run, 5, 5)
    copied = look_inside(request_.with_options(engine="exemplar"), Engine())
    with pytest.raises(BadRequest, match="not a network"):
        find_influence(copied, 95, 85)


def test_runs_that_differ_and_runs_that_do_not(request_: InpaintRequest) -> None:
    still = measure_stability(request_.with_options(engine="harmonic"), Engine(), 2)
    assert not still.deviation.any()
    seeds = measure_stability(request_.with_options(engine="exemplar"), Engine(), 3)
    assert seeds.runs == 3
    assert seeds.deviation.shape == (seeds.rect.h, seeds.rect.w)
    fills = []
    for seed in range(3):
        each = request_.with_options(engine="exemplar", seed=seed)
        filled = Engine().inpaint(each, Progress()).applied_to(request_.image)
        fills.append(filled[seeds.rect.slices] / 255)
    wanted = np.sqrt(np.var(fills, axis=0).mean(axis=2))
    np.testing.assert_allclose(seeds.deviation, wanted, atol=1e-4)
    np.testing.assert_allclose(seeds.mean, np.mean(fills, axis=0), atol=1e-5)
    assert seeds.deviation.max() > 0.01
    with pytest.raises(BadRequest, match="nothing to compare"):
        measure_stability(request_, Engine(), 1)


def test_other_tiles_are_other_fills(request_: InpaintRequest) -> None:
    moved = measure_stability(request_, Engine(), 2, "tiles")
    assert moved.deviation.max() > 0.005
    assert (moved.rect.h, moved.rect.w) == moved.deviation.shape


def test_what_will_be_seen_is_what_is_seen(tiled: InspectedRun, large: InpaintRequest) -> None:
    found = preview_fill(large)
    assert found.mask.rect == tiled.result.rect
    tiles = [t for crop in found.crops for level in crop.levels for t in level]
    assert [t.place for t in tiles] == [c.place for c in tiled.captures]
    (crop,) = found.crops
    last = len(crop.levels) - 1
    total = np.zeros(large.mask.shape)
    down, across = (np.arange(length) + 0.5 for length in total.shape)
    for number, tile in enumerate(crop.levels[last]):
        share = crop.share(last, number).sample(across, down, smooth=False)
        total += np.nan_to_num(share)
        assert tile.visible[0] <= tile.filled[0] < tile.filled[2] <= tile.visible[2]
    assert len(crop.levels[last]) > 1
    np.testing.assert_allclose(total[large.mask > 0], 1, atol=1e-5)


def test_an_engine_without_tiles_has_none(request_: InpaintRequest) -> None:
    (crop,) = preview_fill(request_.with_options(engine="exemplar")).crops
    assert crop.levels == ()
    with pytest.raises(ValueError, match="no tiles"):
        crop.share(0, 0)


def test_every_prior_can_be_drawn(request_: InpaintRequest) -> None:
    image = to_float(request_.image)
    hole = request_.mask > 0
    for name in priors():
        picture = draw_prior(name, compute_prior(name, image, hole), image.shape)
        assert picture.shape == image.shape
        assert picture.dtype == np.uint8
        assert picture.any()
    many = compute_prior("canny", image, hole, PriorSettings(sigma=1)).sum()
    assert many > compute_prior("canny", image, hole, PriorSettings(sigma=4)).sum() > 0
