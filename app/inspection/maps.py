"""What of a fill's inside is shown, and how it becomes pictures. Needs no Qt; run on a lane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.inspection.colour_maps import MapName, Scale, Table, painted, scale_of, table
from inpaint_core.inspection.difference import difference
from inpaint_core.inspection.map_picture import LONGEST, Look, Rgb, on_grey, outlined, shown
from inpaint_core.inspection.placed_map import Laid, put_together
from inpaint_core.inspection.provenance import offset_colours, reach
from inpaint_core.inspection.reduction import Order, Reduction, ordered, reduce
from inpaint_core.inspection.spectrum import spectrum
from inpaint_core.inspection.statistics import Statistics, chains, share_of
from inpaint_core.priors.grey import LUMA
from inpaint_core.raster.composition import to_float
from inpaint_core.raster.soft_masks import SoftMask, soften

if TYPE_CHECKING:
    from inpaint_core.contract.specs import TapPoint
    from inpaint_core.inspection.capture import Depth, Run
    from inpaint_core.inspection.influence import Influence
    from inpaint_core.inspection.stability import Stability

Subject = Literal["tap", "fill", "coarse", "edges", "offsets", "why.photo", "why.edges", "guess"]
How = Reduction | Literal["colours"]
Spread = Literal["percentile", "map", "fixed"]
Side = Literal["now", "kept", "difference"]

_CELL = 56
_COLOURED = ("fill", "coarse")


@dataclass(frozen=True)
class Query:
    """Which map is wanted and how it is to look.

    ``tap`` with ``how``, ``channel`` and ``depth`` (as in `Run.map`) counts for the subject "tap".
    ``side``: of the run, of the one that was kept, or their difference. ``low`` and ``high`` are
    the ends of a "fixed" scale. ``part``: which crop the picture shows.
    """

    subject: Subject = "tap"
    tap: str = ""
    how: How = "norm"
    channel: int = 0
    depth: Depth = "whole"
    part: int = 0
    side: Side = "now"
    colours: MapName = "dusk"
    spread: Spread = "percentile"
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found out about a photo's fills: the last ``run`` that was looked into, one that was
    ``kept`` to compare it with, why a pixel is as it is, and where the fill is a guess.
    """

    run: Run | None = None
    kept: Run | None = None
    why: Influence | None = None
    guess: Stability | None = None


@dataclass(frozen=True, eq=False)
class Shown:
    """A map ready to be looked at. ``laid`` are its values, one per crop, and ``veils`` the same as
    colours (h, w, 4) sRGB with alpha. ``picture`` (h, w, 3) is the crop ``rect`` alone, with the
    hole's outline. ``look`` is None for what is in colours already; ``reach`` is how long
    the offsets of a field are. ``outline``: the hole's, closed lines of points (n, 2) x, y of the
    photo. ``levels``: how many sizes there are to choose by `Query.depth`. ``same``: it is the
    difference of two runs that do not differ here.
    """

    query: Query
    laid: tuple[Laid, ...]
    veils: tuple[Table, ...]
    picture: Rgb
    rect: Rect
    look: Look | None
    outline: tuple[NDArray[np.float32], ...]
    reach: float = 0.0
    levels: int = 1
    same: bool = False

    def at(self, x: int, y: int) -> NDArray[np.float32] | None:
        """The value, () or (3,), at the photo's pixel (x, y)."""
        for laid in self.laid:
            found = laid.at(x, y)
            if found is not None:
                return found
        return None


@dataclass(frozen=True, eq=False)
class Figures:
    """The figures of every tap, and the divergence in nats from each to the one before it in its
    part of the network, by tap; ``parts`` are the taps that follow each other, by part.
    """

    statistics: Mapping[str, Statistics]
    divergences: Mapping[str, float]
    parts: Mapping[str, tuple[TapPoint, ...]]


@dataclass(frozen=True, eq=False)
class Mosaic:
    """All channels of a tap as one picture: ``columns`` cells of ``cell`` pixels in a row, with a
    rim of one pixel between them. ``order``: the channels' numbers, first to last.
    """

    picture: Rgb
    order: tuple[int, ...]
    columns: int
    cell: int


def draw(query: Query, found: Findings) -> Shown | None:
    """Make what is wanted; None where it is not there."""
    maps = _both(query, found)
    if not maps or found.run is None:
        return None
    laid, others = maps
    mask = _mask(found.run)
    part = min(query.part, len(laid) - 1)
    rect = laid[part].crop
    if query.subject == "offsets" and query.side != "difference":
        return _offsets(query, found.kept if query.side == "kept" else found.run)
    coloured = laid[0].values.ndim == 3
    look = None if coloured else Look(_scale(query, (*laid, *others)), _name(query))
    veils = tuple(_veil(each, look) for each in laid)
    picture = outlined(shown(laid[part], look, rect, LONGEST), mask.over(rect) > 0)
    sizes = max(levels(found.run, query.tap), 1)
    outline = _outline(mask)
    same = query.side == "difference" and not any(np.nan_to_num(m.values).any() for m in laid)
    return Shown(query, laid, veils, picture, rect, look, outline, levels=sizes, same=same)


def mosaic(query: Query, run: Run, by: Order, width: int) -> Mosaic:
    """Every channel of the tap, each painted on its own scale unless that is fixed, in a picture
    about ``width`` pixels wide.
    """
    features, inside = _stack(run, query)
    order = ordered(features, by, inside)
    h, w = features.shape[1:]
    columns = max(1, width // (_CELL + 1))
    rows = -(-len(order) // columns)
    out = np.full((rows * (_CELL + 1), columns * (_CELL + 1), 3), 118, np.uint8)
    size = (max(1, round(_CELL * min(1, w / h))), max(1, round(_CELL * min(1, h / w))))
    method = cv2.INTER_AREA if max(h, w) > _CELL else cv2.INTER_NEAREST
    for place, channel in enumerate(order):
        small = np.asarray(cv2.resize(features[channel], size, interpolation=method), np.float32)
        scale = Scale(query.low, query.high) if query.spread == "fixed" else scale_of(small)
        top, left = (n * (_CELL + 1) for n in divmod(place, columns))
        cell = on_grey(painted(small, scale, query.colours))
        out[top : top + size[1], left : left + size[0]] = cell
    return Mosaic(out, tuple(order), columns, _CELL + 1)


def spectral(query: Query, run: Run) -> tuple[Rgb, Look]:
    """The spectrum of a tap, or of its one channel that is shown, painted; and its scale."""
    features, _ = _stack(run, query)
    chosen = features[query.channel] if query.how == "channel" else features
    plane = spectrum(chosen)
    look = Look(scale_of(plane, "map"), query.colours)
    return on_grey(painted(plane, look.scale, look.colours)), look


def values_at(run: Run, x: int, y: int, query: Query) -> dict[str, float]:
    """The value of every tap at the photo's pixel (x, y), reduced as the query says; by tap."""
    found: dict[str, float] = {}
    how: Reduction = "norm" if query.how == "colours" else query.how
    for tap in run.taps:
        for capture in (c for crop in run.level(tap.name, query.depth) for c in crop):
            features, crop = capture.maps[tap.name], capture.place.crop
            if not (crop.x <= x < crop.right and crop.y <= y < crop.bottom):
                continue
            row, column = capture.place.pixel(x, y, tap.stride)
            if 0 <= row < features.shape[1] and 0 <= column < features.shape[2]:
                pixel = features[:, row : row + 1, column : column + 1]
                channel = min(query.channel, len(features) - 1)
                found[tap.name] = float(reduce(pixel, how, channel)[0, 0])
                break
    return found


def figures(run: Run, depth: Depth, progress: Progress) -> Figures:
    """Inside the hole, around it and outside, layer by layer."""
    found: dict[str, Statistics] = {}
    for index, tap in enumerate(run.taps):
        progress.report(index / len(run.taps), "")
        progress.check()
        found[tap.name] = run.statistics(tap.name, depth)
    apart: dict[str, float] = {}
    parts: dict[str, tuple[TapPoint, ...]] = {}
    for chain in chains(run.taps):
        parts[chain[0].name.rpartition("-")[0]] = chain
        for one, other in pairwise(chain):
            progress.check()
            apart[other.name] = run.divergence(one.name, other.name, depth)
    return Figures(found, apart, parts)


def bar(name: MapName, length: int) -> Rgb:
    """The colours of a map from low to high, (1, length, 3)."""
    steps = np.linspace(0, 255, max(length, 2)).astype(int)
    return np.asarray(table(name)[steps][None], np.uint8)


def levels(run: Run, tap: str) -> int:
    """How many sizes, coarse to fine, a tap has maps at."""
    sizes: dict[Rect, set[tuple[int, int]]] = {}
    for capture in run.captures:
        if tap in capture.maps:
            place = capture.place
            sizes.setdefault(place.crop, set()).add((place.width, place.height))
    return max((len(each) for each in sizes.values()), default=0)


# -- maps ------------------------------------------------------------------------------------------


def _both(query: Query, found: Findings) -> tuple[tuple[Laid, ...], tuple[Laid, ...]] | None:
    """The maps to show, and others that share their scale."""
    now = _laid(query, found.run, found)
    if not now:
        return None
    if query.side == "now" and (found.kept is None or query.subject != "tap"):
        return now, ()
    asked = replace(query, how="norm") if query.how == "colours" else query
    then = _laid(asked, found.kept, found)
    if not then:
        return (now, ()) if query.side == "now" else None
    if query.side == "now":
        return now, then if query.how != "colours" else ()
    if query.side == "kept":
        kept = _laid(query, found.kept, found)
        return kept, now if query.how != "colours" else ()
    if query.how == "colours":  # components of two runs are different directions
        now = _laid(asked, found.run, found)
    pairs = zip(map(_bright, then), map(_bright, now), strict=False)
    return tuple(difference(one, other) for one, other in pairs), ()


def _laid(query: Query, run: Run | None, found: Findings) -> tuple[Laid, ...]:
    if run is None:
        return ()
    match query.subject:
        case "tap":
            if query.tap not in {tap.name for tap in run.taps}:
                return ()
            if query.how == "colours":
                return run.colours(query.tap, query.depth)
            channel = min(query.channel, run.tap(query.tap).channels - 1)
            return run.map(query.tap, query.how, channel, query.depth)
        case "fill":
            return _over(run, to_float(run.result.pixels))
        case "coarse":
            return _over(run, run.coarse)
        case "edges":
            return _over(run, run.edges)
        case "offsets":
            offsets = run.offsets
            return () if offsets is None else _over(run, np.hypot(offsets[..., 0], offsets[..., 1]))
        case "why.photo":
            return () if found.why is None else (found.why.photo,)
        case "why.edges":
            edges = None if found.why is None else found.why.edges
            return () if edges is None else (edges,)
        case "guess":
            guess = found.guess
            if guess is None:
                return ()
            return (Laid(guess.deviation, _extent(guess.rect), guess.rect),)


def _over(run: Run, values: NDArray[Any] | None) -> tuple[Laid, ...]:
    """A map at the photo's own resolution over what was filled."""
    if values is None or run.result.rect.empty:
        return ()
    rect = run.result.rect
    return (Laid(np.asarray(values, np.float32), _extent(rect), rect),)


def _extent(rect: Rect) -> tuple[float, float, float, float]:
    return rect.x, rect.y, rect.right, rect.bottom


def _bright(laid: Laid) -> Laid:
    """Colours as their brightness: of two pictures one can see which is lighter."""
    if laid.values.ndim == 2:
        return laid
    return replace(laid, values=laid.values @ np.asarray(LUMA, np.float32))


def _stack(run: Run, query: Query) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """All channels (C, h, w) over one crop, and where on them the hole is, (h, w)."""
    crops = run.level(query.tap, query.depth)
    crop = crops[min(query.part, len(crops) - 1)]
    tap = run.tap(query.tap)
    planes = [
        put_together([(c.place, c.maps[tap.name][k].astype(np.float32)) for c in crop], tap.stride)
        for k in range(tap.channels)
    ]
    hole = put_together(
        [(c.place, share_of(c.hole, c.maps[tap.name].shape[1:])) for c in crop], tap.stride
    )
    stack = np.nan_to_num(np.stack([laid.values for laid in planes]))
    return stack, np.asarray(np.nan_to_num(hole.values) >= 0.5)


# -- colours ---------------------------------------------------------------------------------------


def _name(query: Query) -> MapName:
    return "contrast" if query.side == "difference" else query.colours


def _scale(query: Query, maps: tuple[Laid, ...]) -> Scale:
    if query.spread == "fixed" and query.side != "difference":
        return Scale(query.low, query.high)
    values = np.concatenate([laid.values.ravel() for laid in maps])
    found = scale_of(values, "map" if query.spread == "map" else "percentile")
    if query.side != "difference":
        return found
    even = found.balanced
    return even if even.high > 0 else Scale(-1.0, 1.0)  # two runs that agree are in the middle


def _veil(laid: Laid, look: Look | None) -> Table:
    if look is not None:
        return painted(laid.values, look.scale, look.colours)
    known = np.asarray(~np.isnan(laid.values).any(axis=2))
    colours = np.where(known[..., None], np.clip(laid.values, 0, 1), 0)
    alpha = np.where(known, 255, 0).astype(np.uint8)
    return np.dstack([np.rint(colours * 255).astype(np.uint8), alpha])


def _offsets(query: Query, run: Run | None) -> Shown:
    assert run is not None
    offsets, rect, mask = run.offsets, run.result.rect, _mask(run)
    assert offsets is not None
    veil = offset_colours(offsets)
    colours = Laid((on_grey(veil) / 255).astype(np.float32), _extent(rect), rect)
    picture = outlined(shown(colours, None, rect, LONGEST), mask.over(rect) > 0)
    lengths = _over(run, np.hypot(offsets[..., 0], offsets[..., 1]))
    outline = _outline(mask)
    return Shown(query, lengths, (veil,), picture, rect, None, outline, reach(offsets))


def _mask(run: Run) -> SoftMask:
    request = run.request
    return soften(request.mask, request.grow, request.feather)


def _outline(mask: SoftMask) -> tuple[NDArray[np.float32], ...]:
    """The hole's rim along the edges of its pixels."""
    rect = mask.rect
    # Four times as large, contours through the middle of pixels come near to the pixels' edges.
    scale = 4 if rect.area < 4_000_000 else 1
    hole = np.repeat(np.repeat((mask.alpha > 0).astype(np.uint8), scale, 0), scale, 1)
    found, _ = cv2.findContours(hole, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    corner = np.array([rect.x, rect.y], np.float32)
    lines = ((line[:, 0] + 0.5) / scale + corner for line in found)
    return tuple(np.asarray(line, np.float32) for line in lines)
