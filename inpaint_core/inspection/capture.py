"""Looking inside a fill while it is computed, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage, Pixels
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.contract.specs import GeneratorSpec, TapPoint
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator, generators
from inpaint_core.inspection.placed_map import Laid, put_together
from inpaint_core.inspection.reduction import Colours, Reduction, colours, reduce
from inpaint_core.inspection.statistics import Statistics, divergence, statistics
from inpaint_core.inspection.tile_place import Place
from inpaint_core.networks.taps import FeatureMap, Pass, tapped
from inpaint_core.priors.registry import priors
from inpaint_core.raster.soft_masks import SoftMask, soften

Depth = Literal["first", "whole", "fine"]
"""One of the sizes at which a crop was seen and maps were kept: the first, whose coarse colours the
others keep, the finest at which it was seen as a whole, or the finest, be it in tiles."""

MOST = 300_000_000
"""Bytes of feature maps that one run keeps."""


@dataclass(frozen=True, eq=False)
class Capture:
    """What one pass over one tile left: ``maps`` by tap, (C, h, w) float16 with h, w the padded
    tile's sides divided by the tap's stride.
    """

    seen: Pass
    place: Place
    maps: Mapping[str, FeatureMap]

    @property
    def image(self) -> FloatImage:
        """The tile as the network got it, (h, w, 3); black in the hole."""
        return self.seen.view.image

    @property
    def hole(self) -> BoolMask:
        """(h, w), the padded tile: what the network had to fill."""
        return self.seen.view.hole

    @property
    def priors(self) -> Mapping[str, NDArray[Any]]:
        """What the network got beside the photo, by prior, (h, w) or (h, w, C)."""
        return self.seen.view.priors


@dataclass(frozen=True, eq=False)
class Run:
    """One fill and what was inside it. ``captures`` are in the order of the passes: crop by crop,
    coarse before fine. ``left_out``: passes whose maps would have needed too much memory.
    """

    request: InpaintRequest
    result: InpaintResult
    captures: tuple[Capture, ...]
    left_out: int = 0

    @property
    def taps(self) -> tuple[TapPoint, ...]:
        """The taps that have maps, in the order in which their generator declares them."""
        specs = {c.seen.spec.id: c.seen.spec for c in self.captures}
        held = {name for c in self.captures for name in c.maps}
        return tuple(tap for spec in specs.values() for tap in spec.taps if tap.name in held)

    @cached_property
    def _components(self) -> dict[tuple[str, Depth], Colours]:
        """What was found already: pictures, pages and files show the same colours."""
        return {}

    @cached_property
    def mask(self) -> SoftMask:
        """What was replaced, grown and feathered."""
        request = self.request
        return soften(request.mask, request.grow, request.feather)

    def hole(self, rect: Rect) -> BoolMask:
        """(h, w) over any rectangle of the photo: what was filled."""
        return np.asarray(self.mask.over(rect) > 0)

    @property
    def priors(self) -> Mapping[str, NDArray[Any]]:
        """The maps of the priors that ``request.want`` names, over ``result.rect`` at the photo's
        resolution. What the network was given itself is `prior`, which costs nothing.
        """
        known = priors()
        return {k: v for k, v in self.result.products.items() if k in known}

    @property
    def coarse(self) -> NDArray[np.float32] | None:
        """The network's own picture (h, w, 3) over ``result.rect``, before real texture."""
        return self.result.products.get("coarse")

    @property
    def edges(self) -> NDArray[np.float32] | None:
        """The edges that the network completed, (h, w) in [0, 1] over ``result.rect``."""
        return self.result.products.get("edges")

    @property
    def offsets(self) -> NDArray[np.int32] | None:
        """(h, w, 2): where each pixel of ``result.rect`` was copied from, as dy, dx."""
        return self.result.products.get("offsets")

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for a person."""
        if not self.left_out:
            return self.result.notes
        return (
            *self.result.notes,
            f"The maps of {self.left_out} of {self.left_out + self._kept} tiles were left out to"
            " save memory: look at fewer maps at once to see them all.",
        )

    @property
    def _kept(self) -> int:
        return sum(1 for capture in self.captures if capture.maps)

    def tap(self, name: str) -> TapPoint:
        """The tap of this name. Raises `BadRequest` when it has no map here."""
        for tap in self.taps:
            if tap.name == name:
                return tap
        raise BadRequest(f"This run holds no map called “{name}”.", "Look inside again for it.")

    def level(self, name: str, depth: Depth = "whole") -> tuple[tuple[Capture, ...], ...]:
        """The captures that hold a map of the tap ``name``, by crop, at one size of each."""
        return _seen([capture for capture in self.captures if name in capture.maps], depth)

    def map(
        self, name: str, how: Reduction = "norm", channel: int = 0, depth: Depth = "whole"
    ) -> tuple[Laid, ...]:
        """One tap's map reduced to one value per pixel, laid on the photo; one per crop."""
        stride = self.tap(name).stride
        return tuple(
            put_together([(c.place, reduce(c.maps[name], how, channel)) for c in crop], stride)
            for crop in self.level(name, depth)
        )

    def colours(self, name: str, depth: Depth = "whole") -> tuple[Laid, ...]:
        """One tap's first three principal components as red, green, blue; one map per crop, all
        with the same colours.
        """
        stride, crops = self.tap(name).stride, self.level(name, depth)
        found = self._components.get((name, depth))
        if found is None:
            found = colours([c.maps[name] for crop in crops for c in crop])
            self._components[name, depth] = found
        return tuple(
            put_together([(c.place, found.of(c.maps[name])) for c in crop], stride)
            for crop in crops
        )

    def statistics(self, name: str, depth: Depth = "whole") -> Statistics:
        """One tap's values inside the hole, around it and outside, over all crops."""
        captures = [c for crop in self.level(name, depth) for c in crop]
        return statistics([(c.maps[name], c.hole) for c in captures])

    def divergence(self, earlier: str, later: str, depth: Depth = "whole") -> float:
        """The Kullback-Leibler divergence of two taps in nats, the mean over tiles. NaN where
        nothing holds both.
        """
        captures = [c for crop in self.level(earlier, depth) for c in crop if later in c.maps]
        found = [divergence(c.maps[earlier], c.maps[later]) for c in captures]
        return float(np.mean(found)) if found else float("nan")

    def prior(self, name: str, depth: Depth = "whole") -> tuple[Laid, ...]:
        """A prior as the network got it, laid on the photo; one per crop that has it."""
        crops = _seen([capture for capture in self.captures if name in capture.priors], depth)
        return tuple(
            put_together([(c.place, np.asarray(c.priors[name], np.float32)) for c in crop], 1)
            for crop in crops
        )


def _seen(captures: Sequence[Capture], depth: Depth) -> tuple[tuple[Capture, ...], ...]:
    """The ``captures`` of one size of each crop."""
    crops: dict[Rect, dict[tuple[int, int], list[Capture]]] = {}
    for capture in captures:
        place = capture.place
        sizes = crops.setdefault(place.crop, {})
        sizes.setdefault((place.width, place.height), []).append(capture)
    return tuple(tuple(_at(list(sizes.values()), depth)) for sizes in crops.values())


def _at(sizes: Sequence[list[Capture]], depth: Depth) -> list[Capture]:
    """The captures of one of the ``sizes`` of a crop, coarse before fine."""
    if depth == "whole":
        sizes = [size for size in sizes if size[0].place.whole] or sizes[:1]
    return sizes[0] if depth == "first" else sizes[-1]


@dataclass
class _Watcher:
    """Keeps what passes leave, up to ``most`` bytes of maps."""

    wanted: frozenset[str] | None
    most: int
    captures: list[Capture] = field(default_factory=list)
    bytes: int = 0

    @property
    def left_out(self) -> int:
        """Passes whose maps were wanted and not kept."""
        return sum(1 for c in self.captures if not c.maps and self.taps(c.seen.spec))

    def taps(self, spec: GeneratorSpec) -> list[TapPoint]:
        """What is wanted of a generator."""
        return [t for t in spec.taps if self.wanted is None or t.name in self.wanted]

    @contextmanager
    def watch(self, seen: Pass) -> Iterator[None]:
        """One pass. Maps that would go beyond ``most`` are not copied at all."""
        if seen.number == 0:  # an attempt that ran out of memory left tiles that do not count
            self._drop(seen.crop)
        taps = self.taps(seen.spec)
        size = sum(_size(tap, seen.view.hole.shape) for tap in taps)
        if self.bytes + size > self.most:
            taps = []
        if taps:
            with tapped(network_of(seen.net), taps) as found:
                yield
        else:
            found = {}
            yield
        maps = {name: m[0] for name, m in found.items()}
        self.bytes += sum(m.nbytes for m in maps.values())
        self.captures.append(Capture(seen, Place.of(seen), maps))

    def _drop(self, crop: Rect) -> None:
        self.captures = [c for c in self.captures if c.place.crop != crop]
        self.bytes = sum(m.nbytes for c in self.captures for m in c.maps.values())


def look_inside(
    request: InpaintRequest,
    engine: Engine,
    taps: Iterable[str] | None = None,
    progress: Progress | None = None,
    most: int = MOST,
    on_part: Callable[[Rect, Pixels], None] | None = None,
) -> Run:
    """Fill and keep what was inside: what the network was given, its own picture and edges, where
    pixels came from, and the feature maps of ``taps`` (all when None, none for an empty list).

    The fill is bit by bit the one that ``engine.inpaint(request)`` makes; nothing is written to.
    Maps are float16 and kept up to ``most`` bytes, coarse levels first; ``Run.left_out`` says how
    many tiles went without. ``on_part`` as in `Engine.inpaint`. Raises `BadRequest` for a tap that
    the engine does not have, and what `Engine.inpaint` raises.
    """
    spec = generator(request.engine)
    wanted = None if taps is None else frozenset(taps)
    check_taps(spec, wanted or ())
    watcher = _Watcher(wanted, most)
    result = engine.inpaint(
        replace(request, want=request.want | _products(spec)),
        Progress() if progress is None else progress,
        on_part,
        watch=watcher.watch,
    )
    return Run(request, result, tuple(watcher.captures), watcher.left_out)


def check_taps(spec: GeneratorSpec, names: Iterable[str]) -> None:
    """Raise `BadRequest` for a tap that neither the generator nor one it may choose has."""
    among: Sequence[GeneratorSpec] = [spec] if spec.choose is None else [*generators().values()]
    held = [tap.name for each in among for tap in each.taps]
    for name in names:
        if name not in held:
            raise BadRequest(
                f"The engine “{spec.id}” has no map called “{name}”.",
                f"Choose among: {', '.join(held)}."
                if held
                else "Choose an engine with a network, as “tsgl”.",
            )


def network_of(net: Any) -> Any:
    """The network that taps are places in: what ``build`` returned, or its ``network``."""
    return getattr(net, "network", net)


def _products(spec: GeneratorSpec) -> frozenset[str]:
    """The by-products that a generator has anyway; those of any choice for one that chooses."""
    if spec.choose is not None:
        return frozenset({"offsets"})
    return frozenset({*spec.products, *(("offsets", "coarse") if spec.native_stage else ())})


def _size(tap: TapPoint, shape: tuple[int, ...]) -> int:
    """Bytes of a tap's map of a tile."""
    return 2 * tap.channels * (shape[0] // tap.stride) * (shape[1] // tap.stride)
