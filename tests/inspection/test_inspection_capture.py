"""Looking changes nothing, keeps what was asked for, and lies where it belongs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
import torch

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, View
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.engine.engine import Engine
from inpaint_core.inspection import capture as capturing
from inpaint_core.inspection.capture import Depth, InspectedRun, look_inside
from inpaint_core.inspection.placed_map import (
    PlacedMap,
    TilePlace,
    merge_tiles,
    subtract_maps,
)
from inpaint_core.networks.hooks import record_taps
from inpaint_core.networks.tsgl.inference import LoadedTsgl
from inpaint_core.networks.tsgl.network import Tsgl


def test_the_fill_is_bit_by_bit_the_same(
    run: InspectedRun, tiled: InspectedRun, request_: InpaintRequest, large: InpaintRequest
) -> None:
    for looked, request in ((run, request_), (tiled, large)):
        plain = Engine().inpaint(request, Progress())
        np.testing.assert_array_equal(plain.pixels, looked.result.pixels)
        assert plain.plan == looked.result.plan
        assert plain.notes == looked.result.notes


def test_all_taps_are_kept_with_all_else(run: InspectedRun, spec: GeneratorSpec) -> None:
    usual = [tap.name for tap in spec.taps if not tap.on_request]
    assert [tap.name for tap in run.taps] == usual
    assert run.left_out == 0
    rect = run.result.rect
    for plane in (run.coarse, run.edges, run.offsets):
        assert plane is not None
        assert plane.shape[:2] == (rect.h, rect.w)
    assert set(run.captures[0].priors) == set(spec.priors)
    assert run.priors == {}


def test_only_what_is_asked_for_is_kept(tiled: InspectedRun, request_: InpaintRequest) -> None:
    assert {frozenset(c.maps) for c in tiled.captures} == {
        frozenset({"structure-1", "residual-1", "texture-2", "decoded-5"})
    }
    nothing = look_inside(replace(request_, want=frozenset({"gradients"})), Engine(), ())
    assert nothing.priors["gradients"].shape == (50, 60, 2)
    assert [dict(c.maps) for c in nothing.captures] == [{}]
    assert nothing.left_out == 0


def test_nothing_is_hooked_when_nobody_looks(
    monkeypatch: pytest.MonkeyPatch, request_: InpaintRequest, loaded: LoadedTsgl
) -> None:
    def hooked() -> int:
        return sum(len(m._forward_hooks) for m in loaded.network.modules())

    seen: list[int] = []
    real = LoadedTsgl.infer

    def counted(self: LoadedTsgl, view: View, want: frozenset[str] = frozenset()) -> Any:
        seen.append(hooked())
        return real(self, view, want)

    monkeypatch.setattr(LoadedTsgl, "infer", counted)
    Engine().inpaint(request_, Progress())
    look_inside(request_, Engine(), ["local-2"])
    assert seen == [0, 1]
    assert hooked() == 0


def test_maps_have_their_declared_stride(tiled: InspectedRun) -> None:
    for capture in tiled.captures:
        h, w = capture.hole.shape
        for name, values in capture.maps.items():
            tap = tiled.find_tap(name)
            assert values.shape == (tap.channels, h // tap.stride, w // tap.stride)
            assert values.dtype == np.float16


def test_maps_beyond_the_limit_are_left_out_and_that_is_said(large: InpaintRequest) -> None:
    one = 2 * 72 * 32 * 32
    run = look_inside(large, Engine(), ["texture-2"], most=2 * one + 1)
    held = [bool(c.maps) for c in run.captures]
    assert held == [True, True] + [False] * (len(held) - 2)
    assert run.left_out == len(held) - 2 > 0
    assert f"{run.left_out} of {len(held)} tiles" in str(run.notes[-1])
    assert sum(m.nbytes for c in run.captures for m in c.maps.values()) <= 2 * one


def test_an_unknown_tap_is_named(request_: InpaintRequest) -> None:
    with pytest.raises(BadRequest, match="no map called “nonsense”"):
        look_inside(request_, Engine(), ["nonsense"])
    with pytest.raises(BadRequest, match="none called “local-1”"):
        look_inside(request_.with_options(engine="exemplar"), Engine(), ["local-1"])


def test_an_engine_without_a_network_leaves_offsets_only(request_: InpaintRequest) -> None:
    run = look_inside(request_.with_options(engine="exemplar"), Engine())
    assert run.taps == ()
    assert run.coarse is None
    assert run.offsets is not None
    assert not any("gives no" in str(note) for note in run.notes)


def test_a_failed_attempt_does_not_count(
    monkeypatch: pytest.MonkeyPatch, large: InpaintRequest, spec: GeneratorSpec
) -> None:
    """Out of memory in the middle: only the finer plan's tiles are kept."""
    calls = []

    def run_net(net, view, progress):  # type: ignore[no-untyped-def]
        calls.append(view.hole.shape)
        if len(calls) == 2:
            raise torch.OutOfMemoryError("full")
        return spec.run(net, view, progress)

    from inpaint_core.contract.specs import SizeRule
    from inpaint_core.generators import registry

    known = {**registry.generators(), "tsgl": replace(spec, run=run_net, size=SizeRule(128, 64))}
    monkeypatch.setattr(registry, "generators", lambda: known)
    run = look_inside(large.with_options(engine="tsgl"), Engine(), ["texture-2"])
    assert len(calls) == len(run.captures) + 2
    assert {max(c.place.tile.w, c.place.tile.h) for c in run.captures} <= {64}


def test_a_spot_of_the_photo_is_the_same_spot_of_every_map(
    loaded: LoadedTsgl, spec: GeneratorSpec
) -> None:
    """Six spots are changed one after the other; where a map answers most is within a pixel of the
    map of where it should. The decoder, whose fresh weights answer anywhere, is tried below.
    """
    image = np.full((256, 256, 3), 0.5, np.float32)
    hole = np.zeros((256, 256), bool)
    hole[:40, :40] = True
    taps = [t for t in spec.taps if not t.name.startswith(("decoded", "balanced-5", "balanced-6"))]

    def maps(photo: np.ndarray) -> dict[str, np.ndarray]:
        view = View(photo, hole, ~hole)
        with torch.inference_mode(), record_taps(loaded.network, taps) as found:
            loaded.network(loaded.inputs(view))
        return {name: m[0].astype(np.float32) for name, m in found.items()}

    place = TilePlace(Rect(0, 0, 256, 256), 256, 256, Rect(0, 0, 256, 256), Rect(0, 0, 256, 256))
    flat = maps(image)
    away: dict[str, list[tuple[float, float]]] = {tap.name: [] for tap in taps}
    for x, y in ((101, 150), (190, 97), (70, 201), (150, 60), (222, 222), (120, 118)):
        changed = image.copy()
        changed[y - 1 : y + 2, x - 1 : x + 2] = 1
        now = maps(changed)
        for tap in taps:
            answer = np.abs(now[tap.name] - flat[tap.name]).sum(axis=0)
            row, column = np.unravel_index(answer.argmax(), answer.shape)
            at = place.pixel(x, y, tap.stride)
            away[tap.name].append((row - at[0], column - at[1]))
    for name, found in away.items():
        assert np.abs(np.median(found, axis=0)).max() <= 1, name


def test_the_decoder_keeps_its_place_too(loaded: LoadedTsgl, spec: GeneratorSpec) -> None:
    taps = [tap for tap in spec.taps if tap.name.startswith("decoded")]
    widths = [tap.channels for tap in spec.taps if tap.name.startswith("balanced")]
    row, column = 1, 2
    empty = [torch.zeros(1, c, 256 >> k, 256 >> k) for k, c in enumerate(widths, start=1)]
    full = [m.clone() for m in empty]
    full[5][..., row, column] = 1
    network = loaded.network
    assert isinstance(network, Tsgl)
    with torch.inference_mode():
        with record_taps(network, taps) as silent:
            network.decoder(empty)
        with record_taps(network, taps) as answered:
            network.decoder(full)
    for tap in taps:
        size = np.abs(answered[tap.name][0].astype(np.float64) - silent[tap.name][0]).sum(axis=0)
        rows, columns = np.mgrid[: size.shape[0], : size.shape[1]] + 0.5
        middle = [(size * axis).sum() / size.sum() * tap.stride for axis in (rows, columns)]
        wanted = [(row + 0.5) * 64, (column + 0.5) * 64]
        assert np.abs(np.subtract(middle, wanted)).max() <= tap.stride, tap.name


def test_a_changed_spot_of_the_photo_is_found_on_the_laid_map(large: InpaintRequest) -> None:
    """The whole way: crop, level, tiles and their seams."""
    x, y = 140, 120
    image = large.image.copy()
    image[y - 2 : y + 3, x - 2 : x + 3] = 255 - image[y - 2 : y + 3, x - 2 : x + 3]
    both = [
        look_inside(each, Engine(), ["residual-1"]) for each in (large, replace(large, image=image))
    ]
    for depth in get_args(Depth):
        (one,), (other,) = (r.read_map("residual-1", "norm", depth=depth) for r in both)
        change = np.nan_to_num(np.abs(subtract_maps(one, other).values))
        row, column = np.unravel_index(change.argmax(), change.shape)
        found = one.to_photo(int(row), int(column))
        step = (one.extent[2] - one.extent[0]) / one.values.shape[1]
        assert np.abs(np.subtract(found, (x + 0.5, y + 0.5))).max() <= step


def test_tiles_are_laid_without_a_seam(tiled: InspectedRun) -> None:
    """The brightness that the tiles were given is that of the photo at the level's size."""
    from inpaint_core.priors.grey import compute_grey
    from inpaint_core.raster.composition import to_float
    from inpaint_core.raster.scaling import shrink_view

    (laid,) = tiled.read_prior("grey", "fine")
    last = tiled.captures[-1].place
    image = to_float(tiled.request.image)[last.crop.slices]
    hole = tiled.request.mask[last.crop.slices] > 0
    small = shrink_view(View(image, hole, ~hole), last.width, last.height)
    wanted = compute_grey(small.image, small.hole)
    seen = ~np.isnan(laid.values) & ~small.hole
    assert seen.sum() > 10_000
    np.testing.assert_allclose(laid.values[seen], wanted[seen], atol=1e-5)


def test_colours_and_maps_cover_the_same(tiled: InspectedRun) -> None:
    (plane,), (picture,) = (
        tiled.read_map("texture-2", depth="fine"),
        tiled.read_components("texture-2", "fine"),
    )
    assert picture.values.shape == (*plane.values.shape, 3)
    assert picture.extent == plane.extent
    np.testing.assert_array_equal(np.isnan(picture.values[..., 0]), np.isnan(plane.values))
    assert np.isnan(plane.values).any()  # no tile where there is no hole
    (whole,) = tiled.read_map("texture-2")
    assert not np.isnan(whole.values).any()


@pytest.mark.usefixtures("first_look")
def test_the_first_look_the_whole_and_the_finest_tiles(large: InpaintRequest) -> None:
    run = look_inside(large, Engine(), ["texture-1"])
    sizes = [run.find_captures("texture-1", depth)[0] for depth in get_args(Depth)]
    assert [max(one.place.width, one.place.height) for one, *_ in sizes] == [64, 113, 200]
    assert [len(each) for each in sizes] == [1, 1, 2]


def test_a_place_goes_both_ways() -> None:
    place = TilePlace(Rect(100, 50, 400, 200), 200, 100, Rect(64, 0, 96, 64), Rect(80, 0, 64, 64))
    assert place.scale == (0.5, 0.5)
    assert place.extent((8, 12), 8) == (228, 50, 420, 178)
    assert place.pixel(228, 50, 8) == (0, 0)
    assert place.pixel(419, 177, 8) == (7, 11)
    assert place.pixel(227, 50, 8) == (0, -1)
    assert place.fills(260, 60)
    assert not place.fills(250, 60)
    values = np.arange(96, dtype=np.float32).reshape(8, 12)
    laid = PlacedMap(values, place.extent((8, 12), 8), place.crop)
    for row, column in ((0, 0), (7, 11), (3, 5)):
        x, y = laid.to_photo(row, column)
        assert laid.value_at(int(x), int(y)) == values[row, column]
    assert laid.value_at(99, 60) is None
    assert laid.value_at(110, 60) is None  # in the crop, but left of the tile
    over = laid.sample(np.arange(220.5, 236), np.arange(50.5, 58), smooth=False)
    assert np.isnan(over[:, :8]).all()
    assert (over[:, 8:] == 0).all()


def test_overlapping_tiles_blend() -> None:
    crop = Rect(0, 0, 96, 64)
    left = TilePlace(crop, 96, 64, Rect(0, 0, 64, 64), Rect(0, 0, 64, 64))
    right = replace(left, tile=Rect(32, 0, 64, 64))
    ramp = np.tile(np.arange(12, dtype=np.float32), (8, 1))
    laid = merge_tiles([(left, ramp[:, :8]), (right, ramp[:, 4:])], 8)
    np.testing.assert_allclose(laid.values, ramp, atol=1e-5)
    with pytest.raises(ValueError, match="no tile"):
        merge_tiles([], 8)


def test_differences_are_on_the_pixels_of_the_first(run: InspectedRun) -> None:
    (one,) = run.read_map("local-2")
    other = PlacedMap(one.values + 2, one.extent, one.crop)
    np.testing.assert_allclose(subtract_maps(one, other).values, 2, atol=1e-5)
    fine = PlacedMap(np.kron(other.values, np.ones((2, 2), np.float32)), one.extent, one.crop)
    inner = subtract_maps(one, fine).values[1:-1, 1:-1]
    assert np.abs(inner - 2).max() < 0.5 * np.ptp(one.values)
    with pytest.raises(ValueError, match="colours"):
        subtract_maps(one, run.read_components("local-2")[0])


def test_the_limit_is_the_promised_one() -> None:
    assert capturing.MOST_MAP_BYTES <= 300e6
