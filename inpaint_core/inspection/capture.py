"""Records what happens inside a fill: inputs, feature maps and by-products."""

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
from inpaint_core.contract.message import Message
from inpaint_core.contract.preview import OnPreview
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.contract.specs import GeneratorPass, GeneratorSpec, TapPoint
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import (
    generator,
    generator_for_first_look,
    list_candidates,
)
from inpaint_core.inspection.map_statistics import MapStatistics, divergence, measure_map
from inpaint_core.inspection.placed_map import PlacedMap, TilePlace, merge_tiles
from inpaint_core.inspection.reduction import (
    ComponentColours,
    Reduction,
    find_components,
    reduce_channels,
)
from inpaint_core.networks.hooks import FeatureMap, record_taps
from inpaint_core.priors.registry import priors
from inpaint_core.raster.soft_mask import SoftMask

Depth = Literal["first", "whole", "fine"]
"""Which size of a crop to show: the first look, whose coarse colours the others keep; the finest at
which one tile held the whole crop; or the finest, possibly in tiles."""

MOST_MAP_BYTES = 300_000_000
"""Bytes of feature maps that one run keeps at most."""


@dataclass(frozen=True, eq=False)
class TileCapture:
    """One pass over one tile: ``maps`` by tap, (C, h, w) as `record_taps` gives them, where h and
    w are the padded tile's sides divided by the tap's stride.
    """

    generator_pass: GeneratorPass
    place: TilePlace
    maps: Mapping[str, FeatureMap]

    @property
    def image(self) -> FloatImage:
        """The tile as given to the network, (h, w, 3); black in the hole."""
        return self.generator_pass.view.image

    @property
    def hole(self) -> BoolMask:
        """(h, w) over the padded tile: what the network had to fill."""
        return self.generator_pass.view.hole

    @property
    def priors(self) -> Mapping[str, NDArray[Any]]:
        """The priors given to the network, (h, w) or (h, w, C) each."""
        return self.generator_pass.view.priors


@dataclass(frozen=True, eq=False)
class InspectedRun:
    """One fill and its recordings. ``captures`` are in the order of the passes: crop by crop,
    coarse before fine. ``left_out``: passes whose maps would have taken too much memory.
    """

    request: InpaintRequest
    result: InpaintResult
    captures: tuple[TileCapture, ...]
    left_out: int = 0

    @property
    def taps(self) -> tuple[TapPoint, ...]:
        """The taps that have maps, in the order their generator declares them."""
        specs = {c.generator_pass.spec.id: c.generator_pass.spec for c in self.captures}
        held = {name for c in self.captures for name in c.maps}
        return tuple(tap for spec in specs.values() for tap in spec.taps if tap.name in held)

    @cached_property
    def _components(self) -> dict[tuple[str, Depth], ComponentColours]:
        """A cache, so that pictures, pages and files show the same colours."""
        return {}

    @cached_property
    def mask(self) -> SoftMask:
        """What was replaced, grown and feathered."""
        return SoftMask(self.result.rect, self.result.strength)

    def hole(self, rect: Rect) -> BoolMask:
        """(h, w) over any rectangle of the photo: True where it was filled."""
        return np.asarray(self.mask.over(rect) > 0)

    @property
    def priors(self) -> Mapping[str, NDArray[Any]]:
        """The priors that ``request.want`` names, over ``result.rect`` at the photo's resolution.
        Those the network was given are free: see `prior`.
        """
        known = priors()
        return {k: v for k, v in self.result.products.items() if k in known}

    @property
    def coarse(self) -> NDArray[np.float32] | None:
        """The network's own fill (h, w, 3) over ``result.rect``, before texture is copied."""
        return self.result.products.get("coarse")

    @property
    def edges(self) -> NDArray[np.float32] | None:
        """The edges that the network completed, (h, w) in [0, 1] over ``result.rect``."""
        return self.result.products.get("edges")

    @property
    def offsets(self) -> NDArray[np.int32] | None:
        """(h, w, 2): the offset (dy, dx) from each pixel of ``result.rect`` to its source."""
        return self.result.products.get("offsets")

    @property
    def notes(self) -> tuple[Message, ...]:
        """Notes about the fill and its maps."""
        left = self.left_out
        if not left:
            return self.result.notes
        count = left + sum(1 for capture in self.captures if capture.maps)
        return (*self.result.notes, Message("inspection.maps_left_out", left=left, count=count))

    def find_tap(self, name: str) -> TapPoint:
        """The tap of this name. Raises `BadRequest` when it has no map here."""
        for tap in self.taps:
            if tap.name == name:
                return tap
        raise BadRequest("inspection.no_such_map", name=name)

    def find_captures(
        self, name: str, depth: Depth = "whole"
    ) -> tuple[tuple[TileCapture, ...], ...]:
        """The captures with a map of the tap ``name``, grouped by crop, at one size of each."""
        return _captures_at([c for c in self.captures if name in c.maps], depth)

    def read_map(
        self, name: str, how: Reduction = "norm", channel: int = 0, depth: Depth = "whole"
    ) -> tuple[PlacedMap, ...]:
        """One tap's map reduced to one value per pixel and placed on the photo; one per crop."""
        stride = self.find_tap(name).stride
        return tuple(
            merge_tiles(
                [(c.place, reduce_channels(c.maps[name], how, channel)) for c in crop], stride
            )
            for crop in self.find_captures(name, depth)
        )

    def read_components(self, name: str, depth: Depth = "whole") -> tuple[PlacedMap, ...]:
        """One tap's first three principal components as red, green and blue; one map per crop,
        with the same components for all.
        """
        stride, crops = self.find_tap(name).stride, self.find_captures(name, depth)
        components = self._components.get((name, depth))
        if components is None:
            components = find_components([c.maps[name] for crop in crops for c in crop])
            self._components[name, depth] = components
        return tuple(
            merge_tiles([(c.place, components.of(c.maps[name])) for c in crop], stride)
            for crop in crops
        )

    def measure_statistics(self, name: str, depth: Depth = "whole") -> MapStatistics:
        """One tap's values inside the hole, around it and outside, over all crops."""
        captures = [c for crop in self.find_captures(name, depth) for c in crop]
        return measure_map([(c.maps[name], c.hole) for c in captures])

    def measure_divergence(self, earlier: str, later: str, depth: Depth = "whole") -> float:
        """The Kullback-Leibler divergence of two taps in nats, averaged over tiles. NaN when no
        capture holds both.
        """
        captures = [
            c for crop in self.find_captures(earlier, depth) for c in crop if later in c.maps
        ]
        changes = [divergence(c.maps[earlier], c.maps[later]) for c in captures]
        return float(np.mean(changes)) if changes else float("nan")

    def read_prior(self, name: str, depth: Depth = "whole") -> tuple[PlacedMap, ...]:
        """A prior as given to the network, placed on the photo; one per crop that has it."""
        crops = _captures_at([c for c in self.captures if name in c.priors], depth)
        return tuple(
            merge_tiles([(c.place, np.asarray(c.priors[name], np.float32)) for c in crop], 1)
            for crop in crops
        )


def _captures_at(
    captures: Sequence[TileCapture], depth: Depth
) -> tuple[tuple[TileCapture, ...], ...]:
    """The ``captures`` of one size of each crop."""
    crops: dict[Rect, dict[tuple[int, int], list[TileCapture]]] = {}
    for capture in captures:
        place = capture.place
        sizes = crops.setdefault(place.crop, {})
        sizes.setdefault((place.width, place.height), []).append(capture)
    chosen = []
    for by_size in crops.values():
        coarse_to_fine = list(by_size.values())
        if depth == "whole":
            whole = [size for size in coarse_to_fine if size[0].place.is_whole]
            coarse_to_fine = whole or coarse_to_fine[:1]
        chosen.append(tuple(coarse_to_fine[0 if depth == "first" else -1]))
    return tuple(chosen)


@dataclass
class _Watcher:
    """Records passes, with up to ``most`` bytes of maps."""

    wanted: frozenset[str] | None
    most: int
    captures: list[TileCapture] = field(default_factory=list)
    bytes: int = 0

    @property
    def left_out(self) -> int:
        """How many passes had wanted maps that were not kept."""
        return sum(1 for c in self.captures if not c.maps and self.taps(c.generator_pass.spec))

    def taps(self, spec: GeneratorSpec) -> list[TapPoint]:
        """The wanted taps of a generator."""
        if self.wanted is None:
            return [t for t in spec.taps if not t.on_request]
        return [t for t in spec.taps if t.name in self.wanted]

    @contextmanager
    def watch(self, made: GeneratorPass) -> Iterator[None]:
        """Record one pass. Maps that would exceed ``most`` are not copied at all."""
        if made.number == 0:  # an attempt that ran out of memory left tiles that do not count
            self.captures = [c for c in self.captures if c.place.crop != made.crop]
            self.bytes = sum(m.nbytes for c in self.captures for m in c.maps.values())
        taps = self.taps(made.spec)
        h, w = made.view.hole.shape
        pixels = sum(tap.channels * (h // tap.stride) * (w // tap.stride) for tap in taps)
        if self.bytes + 2 * pixels > self.most:  # float16, as nearly all are
            taps = []
        if taps:
            with record_taps(network_of(made.net), taps) as taken:
                yield
        else:
            taken = {}
            yield
        maps = {name: m[0] for name, m in taken.items()}
        self.bytes += sum(m.nbytes for m in maps.values())
        self.captures.append(TileCapture(made, TilePlace.from_pass(made), maps))


def look_inside(
    request: InpaintRequest,
    engine: Engine,
    taps: Iterable[str] | None = None,
    progress: Progress | None = None,
    most: int = MOST_MAP_BYTES,
    on_part: Callable[[Rect, Pixels], None] | None = None,
    on_preview: OnPreview | None = None,
) -> InspectedRun:
    """Fill and record: the network's inputs, its own picture and edges, where pixels came from, and
    the feature maps of ``taps`` (None: all that are not on request; an empty list: none).

    The fill is bit for bit that of ``engine.inpaint(request)``. Maps are kept as `record_taps`
    gives them, up to ``most`` bytes, coarse levels first; `InspectedRun.left_out` counts the tiles
    without. ``on_part`` and ``on_preview`` as in `Engine.inpaint`. Raises `BadRequest` for a tap
    that the engine does not have, and what `Engine.inpaint` raises.
    """
    spec = generator(request.options.engine)
    wanted = None if taps is None else frozenset(taps)
    check_taps(spec, wanted or ())
    watcher = _Watcher(wanted, most)
    result = engine.inpaint(
        replace(request, want=request.want | _available_products(spec)),
        Progress() if progress is None else progress,
        on_part,
        watch=watcher.watch,
        on_preview=on_preview,
    )
    return InspectedRun(request, result, tuple(watcher.captures), watcher.left_out)


def check_taps(spec: GeneratorSpec, names: Iterable[str]) -> None:
    """Raise `BadRequest` for a tap that neither the generator has, nor one that it may choose or
    that looks first for it.
    """
    among = [generator(name) for name in list_candidates(spec)]
    looks = [each.first_look.engine for each in among if each.first_look is not None]
    among += [generator_for_first_look(name) for name in looks]
    held = [tap.name for each in among for tap in each.taps]
    for name in names:
        if name not in held:
            if not held:
                raise BadRequest("inspection.engine_without_maps", engine=spec.id, name=name)
            raise BadRequest("inspection.engine_has_no_map", engine=spec.id, name=name, known=held)


def network_of(net: Any) -> Any:
    """The network that taps refer to: what ``build`` returned, or its ``network``."""
    return getattr(net, "network", net)


def _available_products(spec: GeneratorSpec) -> frozenset[str]:
    """The by-products that a generator has anyway; for one that chooses, what any choice has."""
    if spec.choose is not None:
        return frozenset({"offsets", "perspective"})
    return frozenset(
        {*spec.products, *(("offsets", "perspective", "coarse") if spec.native_stage else ())}
    )
