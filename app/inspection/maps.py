"""What of a fill's inside is shown, and how it becomes pictures. Needs no Qt; run on a lane."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.inspection.colour_maps import (
    ColourTable,
    MapName,
    ValueScale,
    colour_table,
    find_scale,
    offset_reach,
    paint_offsets,
    paint_values,
)
from inpaint_core.inspection.map_picture import (
    LONGEST,
    MapStyle,
    Rgb,
    draw_map,
    draw_outline,
    lay_on_grey,
)
from inpaint_core.inspection.map_statistics import hole_share, spectrum
from inpaint_core.inspection.placed_map import PlacedMap, merge_tiles, subtract_maps
from inpaint_core.inspection.reduction import (
    ChannelOrder,
    Reduction,
    order_channels,
    reduce_channels,
)
from inpaint_core.priors.grey import LUMA
from inpaint_core.raster.composition import to_float
from inpaint_core.raster.soft_mask import SoftMask

if TYPE_CHECKING:
    from inpaint_core.inspection.capture import Depth, InspectedRun
    from inpaint_core.inspection.influence import Influence
    from inpaint_core.inspection.stability import Stability

MapSubject = Literal["tap", "fill", "coarse", "edges", "offsets", "why.photo", "why.edges", "guess"]
MapReduction = Reduction | Literal["colours"]
ScaleMode = Literal["percentile", "map", "fixed"]
RunSide = Literal["now", "kept", "difference"]

_CELL = 56


@dataclass(frozen=True)
class MapQuery:
    """Which map to render, and how.

    ``tap``, ``reduction``, ``channel`` and ``depth`` (as in `InspectedRun.read_map`) apply to the
    subject "tap". ``side``: of the run, of the kept run, or their difference. ``low`` and ``high``
    are the ends of a "fixed" scale. ``part``: which crop the picture shows.
    """

    subject: MapSubject = "tap"
    tap: str = ""
    reduction: MapReduction = "norm"
    channel: int = 0
    depth: Depth = "whole"
    part: int = 0
    side: RunSide = "now"
    colours: MapName = "dusk"
    scale_mode: ScaleMode = "percentile"
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, eq=False)
class Findings:
    """What is known about a photo's fills: the last inspected ``run``, a ``kept_run`` to compare it
    with, what influenced a pixel, and where repeated fills differ.
    """

    run: InspectedRun | None = None
    kept_run: InspectedRun | None = None
    influence: Influence | None = None
    stability: Stability | None = None


@dataclass(frozen=True, eq=False)
class RenderedMap:
    """A map ready to be shown.

    ``maps`` are its values, one per crop, and ``overlays`` the same as colours (h, w, 4) sRGB with
    alpha. ``picture`` (h, w, 3) shows the crop ``rect`` with the hole's outline. ``style`` is None
    if the values are colours already. ``outline``: the hole's, as closed lines of points (n, 2)
    x, y of the photo. ``reach``: the largest length in an offset field. ``levels``: the number of
    sizes to choose by `MapQuery.depth`. ``is_equal``: a difference of two runs that is zero.
    """

    query: MapQuery
    maps: tuple[PlacedMap, ...]
    overlays: tuple[ColourTable, ...]
    picture: Rgb
    rect: Rect
    style: MapStyle | None
    outline: tuple[NDArray[np.float32], ...]
    reach: float = 0.0
    levels: int = 1
    is_equal: bool = False

    def value_at(self, x: int, y: int) -> NDArray[np.float32] | None:
        """The value, () or (3,), at the photo's pixel (x, y)."""
        for placed_map in self.maps:
            value = placed_map.value_at(x, y)
            if value is not None:
                return value
        return None


@dataclass(frozen=True, eq=False)
class ChannelMosaic:
    """All channels of a tap in one picture: ``columns`` cells of ``cell`` pixels in a row, with a
    border of one pixel between them. ``order``: the channels in the order of the cells.
    """

    picture: Rgb
    order: tuple[int, ...]
    columns: int
    cell: int


def render_map(query: MapQuery, findings: Findings) -> RenderedMap | None:
    """Render a map; None if the findings do not have it."""
    selected = _select_maps(query, findings)
    if not selected or findings.run is None:
        return None
    maps, others = selected
    mask = findings.run.mask
    part = min(query.part, len(maps) - 1)
    rect = maps[part].crop
    if query.subject == "offsets" and query.side != "difference":
        return _render_offsets(query, findings.kept_run if query.side == "kept" else findings.run)
    style = None
    if maps[0].values.ndim != 3:
        style = MapStyle(_choose_scale(query, (*maps, *others)), _colour_map(query))
    picture = draw_outline(draw_map(maps[part], style, rect, LONGEST), mask.over(rect) > 0)
    is_zero = not any(np.nan_to_num(each.values).any() for each in maps)
    return RenderedMap(
        query,
        maps,
        tuple(_paint_overlay(each, style) for each in maps),
        picture,
        rect,
        style,
        _trace_outline(mask),
        levels=max(count_levels(findings.run, query.tap), 1),
        is_equal=query.side == "difference" and is_zero,
    )


def render_mosaic(
    query: MapQuery, run: InspectedRun, by: ChannelOrder, width: int
) -> ChannelMosaic:
    """Every channel of the tap, each on its own scale unless that is fixed, in a picture about
    ``width`` pixels wide.
    """
    features, inside = _stack_channels(run, query)
    order = order_channels(features, by, inside)
    h, w = features.shape[1:]
    columns = max(1, width // (_CELL + 1))
    rows = -(-len(order) // columns)
    out = np.full((rows * (_CELL + 1), columns * (_CELL + 1), 3), 118, np.uint8)
    size = (max(1, round(_CELL * min(1, w / h))), max(1, round(_CELL * min(1, h / w))))
    method = cv2.INTER_AREA if max(h, w) > _CELL else cv2.INTER_NEAREST
    for place, channel in enumerate(order):
        small = np.asarray(cv2.resize(features[channel], size, interpolation=method), np.float32)
        scale = (
            ValueScale(query.low, query.high) if query.scale_mode == "fixed" else find_scale(small)
        )
        top, left = (n * (_CELL + 1) for n in divmod(place, columns))
        cell = lay_on_grey(paint_values(small, scale, query.colours))
        out[top : top + size[1], left : left + size[0]] = cell
    return ChannelMosaic(out, tuple(order), columns, _CELL + 1)


def render_spectrum(query: MapQuery, run: InspectedRun) -> tuple[Rgb, MapStyle]:
    """The spectrum of a tap, or of the channel that is shown, as a picture, and its style."""
    features, _ = _stack_channels(run, query)
    chosen = features[query.channel] if query.reduction == "channel" else features
    plane = spectrum(chosen)
    look = MapStyle(find_scale(plane, "map"), query.colours)
    return lay_on_grey(paint_values(plane, look.scale, look.colours)), look


def read_values(run: InspectedRun, x: int, y: int, query: MapQuery) -> dict[str, float]:
    """The value of every tap at the photo's pixel (x, y), reduced as the query says, by tap."""
    found: dict[str, float] = {}
    how: Reduction = "norm" if query.reduction == "colours" else query.reduction
    for tap in run.taps:
        for capture in (c for crop in run.find_captures(tap.name, query.depth) for c in crop):
            features, crop = capture.maps[tap.name], capture.place.crop
            if not (crop.x <= x < crop.right and crop.y <= y < crop.bottom):
                continue
            row, column = capture.place.pixel(x, y, tap.stride)
            if 0 <= row < features.shape[1] and 0 <= column < features.shape[2]:
                pixel = features[:, row : row + 1, column : column + 1]
                channel = min(query.channel, len(features) - 1)
                found[tap.name] = float(reduce_channels(pixel, how, channel)[0, 0])
                break
    return found


def render_colour_bar(name: MapName, length: int) -> Rgb:
    """The colours of a colour map from low to high, (1, length, 3)."""
    steps = np.linspace(0, 255, max(length, 2)).astype(int)
    return np.asarray(colour_table(name)[steps][None], np.uint8)


def count_levels(run: InspectedRun, tap: str) -> int:
    """The number of sizes, coarse to fine, at which a tap has maps."""
    sizes: dict[Rect, set[tuple[int, int]]] = {}
    for capture in run.captures:
        if tap in capture.maps:
            place = capture.place
            sizes.setdefault(place.crop, set()).add((place.width, place.height))
    return max((len(each) for each in sizes.values()), default=0)


# -- maps ------------------------------------------------------------------------------------------


def _select_maps(
    query: MapQuery, findings: Findings
) -> tuple[tuple[PlacedMap, ...], tuple[PlacedMap, ...]] | None:
    """The maps to show, and other maps to include in their scale."""
    now = _read_maps(query, findings.run, findings)
    if not now:
        return None
    if query.side == "now" and (findings.kept_run is None or query.subject != "tap"):
        return now, ()
    comparable = replace(query, reduction="norm") if query.reduction == "colours" else query
    then = _read_maps(comparable, findings.kept_run, findings)
    if not then:
        return (now, ()) if query.side == "now" else None
    if query.side == "now":
        return now, then if query.reduction != "colours" else ()
    if query.side == "kept":
        kept = _read_maps(query, findings.kept_run, findings)
        return kept, now if query.reduction != "colours" else ()
    if query.reduction == "colours":  # components of two runs are different directions
        now = _read_maps(comparable, findings.run, findings)
    pairs = zip(map(_to_brightness, then), map(_to_brightness, now), strict=False)
    return tuple(subtract_maps(one, other) for one, other in pairs), ()


def _read_maps(
    query: MapQuery, run: InspectedRun | None, findings: Findings
) -> tuple[PlacedMap, ...]:
    if run is None:
        return ()
    match query.subject:
        case "tap":
            if query.tap not in {tap.name for tap in run.taps}:
                return ()
            if query.reduction == "colours":
                return run.read_components(query.tap, query.depth)
            channel = min(query.channel, run.find_tap(query.tap).channels - 1)
            return run.read_map(query.tap, query.reduction, channel, query.depth)
        case "fill":
            return _place_over_result(run, to_float(run.result.pixels))
        case "coarse":
            return _place_over_result(run, run.coarse)
        case "edges":
            return _place_over_result(run, run.edges)
        case "offsets":
            return _place_over_result(run, _offset_lengths(run))
        case "why.photo":
            return () if findings.influence is None else (findings.influence.photo,)
        case "why.edges":
            edges = None if findings.influence is None else findings.influence.edges
            return () if edges is None else (edges,)
        case "guess":
            guess = findings.stability
            return () if guess is None else (PlacedMap.on_photo(guess.deviation, guess.rect),)


def _place_over_result(run: InspectedRun, values: NDArray[Any] | None) -> tuple[PlacedMap, ...]:
    """A map at the photo's resolution over the result's rectangle."""
    if values is None or run.result.rect.is_empty:
        return ()
    return (PlacedMap.on_photo(values, run.result.rect),)


def _to_brightness(placed_map: PlacedMap) -> PlacedMap:
    """The brightness of a colour map, so that a difference shows which one is lighter."""
    if placed_map.values.ndim == 2:
        return placed_map
    return replace(placed_map, values=placed_map.values @ np.asarray(LUMA, np.float32))


def _stack_channels(
    run: InspectedRun, query: MapQuery
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """All channels (C, h, w) over one crop, and the hole on them, (h, w)."""
    crops = run.find_captures(query.tap, query.depth)
    crop = crops[min(query.part, len(crops) - 1)]
    tap = run.find_tap(query.tap)
    planes = [
        merge_tiles([(c.place, c.maps[tap.name][k].astype(np.float32)) for c in crop], tap.stride)
        for k in range(tap.channels)
    ]
    hole = merge_tiles(
        [(c.place, hole_share(c.hole, c.maps[tap.name].shape[1:])) for c in crop], tap.stride
    )
    stack = np.nan_to_num(np.stack([placed_map.values for placed_map in planes]))
    return stack, np.asarray(np.nan_to_num(hole.values) >= 0.5)


# -- colours ---------------------------------------------------------------------------------------


def _colour_map(query: MapQuery) -> MapName:
    return "contrast" if query.side == "difference" else query.colours


def _choose_scale(query: MapQuery, maps: tuple[PlacedMap, ...]) -> ValueScale:
    if query.scale_mode == "fixed" and query.side != "difference":
        return ValueScale(query.low, query.high)
    values = np.concatenate([placed_map.values.ravel() for placed_map in maps])
    found = find_scale(values, "map" if query.scale_mode == "map" else "percentile")
    if query.side != "difference":
        return found
    even = found.symmetric
    return even if even.high > 0 else ValueScale(-1.0, 1.0)  # equal runs: middle colour


def _paint_overlay(placed_map: PlacedMap, style: MapStyle | None) -> ColourTable:
    if style is not None:
        return paint_values(placed_map.values, style.scale, style.colours)
    known = np.asarray(~np.isnan(placed_map.values).any(axis=2))
    colours = np.where(known[..., None], np.clip(placed_map.values, 0, 1), 0)
    alpha = np.where(known, 255, 0).astype(np.uint8)
    return np.dstack([np.rint(colours * 255).astype(np.uint8), alpha])


def _render_offsets(query: MapQuery, run: InspectedRun | None) -> RenderedMap:
    assert run is not None
    offsets, rect, mask = run.offsets, run.result.rect, run.mask
    assert offsets is not None
    overlay = paint_offsets(offsets)
    colours = PlacedMap.on_photo(lay_on_grey(overlay) / 255, rect)
    picture = draw_outline(draw_map(colours, None, rect, LONGEST), mask.over(rect) > 0)
    lengths, outline = _place_over_result(run, _offset_lengths(run)), _trace_outline(mask)
    return RenderedMap(
        query, lengths, (overlay,), picture, rect, None, outline, offset_reach(offsets)
    )


def _offset_lengths(run: InspectedRun) -> NDArray[Any] | None:
    return None if run.offsets is None else np.hypot(run.offsets[..., 0], run.offsets[..., 1])


def _trace_outline(mask: SoftMask) -> tuple[NDArray[np.float32], ...]:
    """The hole's outline along the edges of its pixels."""
    rect = mask.rect
    # Contours pass through pixel centres; enlarged four times, they come close to the edges.
    scale = 4 if rect.area < 4_000_000 else 1
    hole = np.repeat(np.repeat((mask.strength > 0).astype(np.uint8), scale, 0), scale, 1)
    found, _ = cv2.findContours(hole, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    corner = np.array([rect.x, rect.y], np.float32)
    lines = ((line[:, 0] + 0.5) / scale + corner for line in found)
    return tuple(np.asarray(line, np.float32) for line in lines)
