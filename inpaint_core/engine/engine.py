"""From a request to a result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import Pixels, Precision
from inpaint_core.contract.errors import InpaintError, OutOfMemory, WeightsUnavailable
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.contract.view import Fill, View
from inpaint_core.engine.by_products import refused, with_priors
from inpaint_core.engine.context_crops import Crop, context_crops
from inpaint_core.engine.request_validation import validate
from inpaint_core.engine.tile_plan import Tile, TilePlan, fill_tiled
from inpaint_core.engine.views import plan_of, seen_by, view_of
from inpaint_core.generators.registry import generator
from inpaint_core.networks import device as devices
from inpaint_core.networks.cancellation import cancellable
from inpaint_core.networks.store.manifest import entry
from inpaint_core.networks.taps import Pass, Watch
from inpaint_core.priors.registry import priors
from inpaint_core.raster.composition import compose, levelled
from inpaint_core.raster.scaling import padded
from inpaint_core.raster.soft_masks import soften


@dataclass
class _Account:
    """What there will be to tell about a request, and what was learnt on the way."""

    devices: dict[str, str] = field(default_factory=dict)  # by the id of a generator used
    side: int | None = None  # of the tiles, once the longest did not fit into memory
    weights: str | None = None
    notes: list[str] = field(default_factory=list)
    aside: str = ""  # of the device: the last thing that a person wants to hear
    plan: list[Mapping[str, Any]] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    watch: Watch | None = None  # who looks on
    precision: Precision = "auto"  # of networks

    @property
    def device(self) -> str:
        """The one that networks ran on, if any did."""
        return next((name for name in self.devices.values() if name != "cpu"), "cpu")

    def note(self, *notes: str) -> None:
        """Remember sentences for a person, each once."""
        self.notes += [note for note in notes if note and note not in self.notes]

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds of the block to a stage."""
        start = time.perf_counter()
        yield
        self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start


class Engine:
    """Loads generators and fills holes. Used by one thread; changes nothing of its input.

    ``native``: False leaves out the native-resolution stage of generators that have one, to measure
    what a network does alone; it then goes over the photo at its full size.
    """

    def __init__(self, native: bool = True) -> None:
        self.native = native
        self._loaded: dict[tuple[str, str, Precision], Any] = {}

    def load(self, engine_id: str, device: str = "auto") -> None:
        """Build a generator's network now rather than on its first fill; nothing for a generator
        that chooses among others.

        Raises `UnknownEngine`, `DeviceUnavailable` or `WeightsUnavailable`.
        """
        spec = generator(engine_id)
        if spec.choose is None:
            self._net(spec, devices.resolve(device, spec).name)

    def unload(self) -> None:
        """Forget every network that was loaded."""
        self._loaded.clear()

    def inpaint(
        self,
        request: InpaintRequest,
        progress: Progress,
        on_part: Callable[[Rect, Pixels], None] | None = None,
        watch: Watch | None = None,
    ) -> InpaintResult:
        """Fill the painted part of a photo.

        ``on_part(rect, pixels)`` is called with every part as soon as it is final: ``pixels``
        (h, w, 3), a copy in the photo's depth, for ``rect`` of the photo. Every pass of a generator
        is made within the block ``watch(pass)``, which changes nothing of the result.
        An empty mask gives a result with an empty rectangle at once. Raises an `InpaintError`
        whose name says what is wrong, or `Cancelled`; the engine is usable after either.
        """
        validate(request)
        spec = generator(request.engine)
        if not self.native:
            spec = replace(spec, native_stage=False)
        account = _Account(watch=watch, precision=request.precision)
        try:
            return self._inpaint(request, spec, account, progress, on_part)
        except Exception as error:
            if isinstance(error, InpaintError) or not devices.out_of_memory(error):
                raise
        devices.free(account.device)
        raise OutOfMemory(
            "The fill does not fit into this machine's memory.",
            "Close other programs, fill less at once, or choose another engine.",
        )

    def _inpaint(
        self,
        request: InpaintRequest,
        spec: GeneratorSpec,
        account: _Account,
        progress: Progress,
        on_part: Callable[[Rect, Pixels], None] | None,
    ) -> InpaintResult:
        progress.report(0.0, "Reading the mask")
        with account.timed("mask"):
            mask = soften(request.mask, request.grow, request.feather)
        pixels = request.image[mask.rect.slices].copy()
        products: dict[str, NDArray[Any]] = {}
        whole = Rect.whole(request.mask.shape)
        if not mask.rect.empty:
            if spec.choose is None:
                _begin(request, spec, account)
            with account.timed("crops"):
                crops = context_crops(request, mask)
            for crop, part in zip(crops, _parts(crops, progress), strict=True):
                view = view_of(request, mask, crop.rect)
                chosen = self._chosen(spec, request, view, account, part)
                rect = seen_by(chosen, crop.rect, whole)
                seen = view if rect == crop.rect else view_of(request, mask, rect)
                fill = self._fill(chosen, seen, account, Crop(rect, crop.own), part)
                fill = _cut(fill, crop.rect.translate(-rect.x, -rect.y))
                if chosen.native_stage:
                    fill = _native(chosen, view, fill, account, part.part(0.5, 1.0))
                fill = with_priors(fill, view)
                account.note(*fill.notes)
                with account.timed("compose"):
                    image = levelled(view.image, view.hole, fill)
                    for own in crop.own:
                        here = own.translate(-crop.rect.x, -crop.rect.y).slices
                        there = own.translate(-mask.rect.x, -mask.rect.y).slices
                        alpha = mask.over(own)
                        pixels[there] = compose(request.image[own.slices], alpha, image[here])
                        if on_part is not None:
                            on_part(own, pixels[there].copy())
                        for name in request.want & fill.products.keys():
                            product = fill.products[name]
                            shape = (mask.rect.h, mask.rect.w, *product.shape[2:])
                            over = products.setdefault(name, np.zeros(shape, product.dtype))
                            over[there] = product[here]
        progress.report(1.0, "Done")
        return InpaintResult(
            rect=mask.rect,
            pixels=pixels,
            engine=spec.id,
            seed=request.seed,
            device=account.device,
            weights_sha256=account.weights,
            timings=account.timings,
            plan=tuple(account.plan),
            notes=tuple(filter(None, (*account.notes, account.aside))),
            products=products,
        )

    def _chosen(
        self,
        spec: GeneratorSpec,
        request: InpaintRequest,
        view: View,
        account: _Account,
        progress: Progress,
    ) -> GeneratorSpec:
        """The generator for one crop, ready to run: ``spec`` itself unless it leaves the choice."""
        if spec.choose is None:
            return spec
        with account.timed("choose"):
            choice = spec.choose(view, progress)
        chosen, reason = generator(choice.engine), choice.reason
        if choice.otherwise is not None:
            try:
                _begin(request, chosen, account)
                with account.timed("load"):
                    self._net(chosen, account.devices[chosen.id], account.precision)
            except WeightsUnavailable as error:
                del account.devices[chosen.id]
                chosen, reason = generator(choice.otherwise), error.message
        _begin(request, chosen, account)
        account.note(reason)
        return chosen

    def _fill(
        self, spec: GeneratorSpec, view: View, account: _Account, crop: Crop, progress: Progress
    ) -> Fill:
        """One crop by the generator alone: half of the progress where a native stage follows."""
        rect, half = crop.rect, progress.part(0.0, 0.5) if spec.native_stage else progress
        plan = plan_of(spec, view.hole, account.side)
        while True:
            try:
                fill = self._generate(spec, view, plan, account, rect, half)
                break
            except Exception as error:
                if isinstance(error, InpaintError) or not devices.out_of_memory(error):
                    raise
            # Only here has the error let go of what the failed attempt held.
            plan = _after_out_of_memory(spec, view, plan, account)
        account.plan.append(
            {
                "engine": spec.id,
                "crop": [rect.x, rect.y, rect.w, rect.h],
                "holes": len(crop.own),
                "hole_pixels": int(np.count_nonzero(view.hole)),
                "levels": list(plan.described()) if plan else [],
            }
        )
        if spec.weights is not None:
            account.weights = entry(spec.weights).sha256
        return fill

    def _generate(
        self,
        spec: GeneratorSpec,
        view: View,
        plan: TilePlan | None,
        account: _Account,
        rect: Rect,
        progress: Progress,
    ) -> Fill:
        device = account.devices[spec.id]
        if (spec.id, device, account.precision) not in self._loaded:
            progress.report(0.0, f"Loading “{spec.title}”")
        with account.timed("load"):
            net = self._net(spec, device, account.precision)

        seats = _seats(plan, view)

        def run(seen: View, part: Progress) -> Fill:
            h, w = seen.hole.shape
            seen = padded(seen, spec.size.multiple)
            read = {name: priors()[name].run(seen.image, seen.hole) for name in spec.priors}
            seen = replace(seen, priors=read)
            number, (size, tile) = next(seats)
            now = Pass(spec, net, seen, rect, size, tile.rect, tile.inner, number)
            with nullcontext() if account.watch is None else account.watch(now):
                fill = spec.run(net, seen, part)
            products = {name: product[:h, :w] for name, product in fill.products.items()}
            return replace(fill, image=fill.image[:h, :w], products=products)

        watch = cancellable(net, progress) if spec.uses_torch else nullcontext()
        with account.timed("fill"), watch:
            return run(view, progress) if plan is None else fill_tiled(plan, view, run, progress)

    def _net(self, spec: GeneratorSpec, device: str, precision: Precision = "auto") -> Any:
        key = (spec.id, device, precision)
        if key not in self._loaded:
            self._loaded[key] = spec.built(device, precision)
        return self._loaded[key]


def _begin(request: InpaintRequest, spec: GeneratorSpec, account: _Account) -> None:
    """Decide where a generator runs, and say what of the request it cannot give."""
    if spec.id not in account.devices:
        device = devices.resolve(request.device, spec)
        account.devices[spec.id] = device.name
        if spec.id == request.engine:  # who leaves the choice open is told what was chosen
            account.note(*refused(request, spec))
        account.aside = device.note or account.aside


def _parts(crops: tuple[Crop, ...], progress: Progress) -> Iterator[Progress]:
    """A part of the progress for each crop, as long as the crop is large."""
    total = sum(crop.rect.area for crop in crops)
    before = 0
    for index, crop in enumerate(crops):
        part = progress.part(before / total, (before + crop.rect.area) / total)
        part.report(0.0, f"Filling part {index + 1} of {len(crops)}")
        before += crop.rect.area
        yield part


def _native(
    spec: GeneratorSpec, view: View, coarse: Fill, account: _Account, progress: Progress
) -> Fill:
    """The native-resolution stage: exemplar synthesis of the very crop that it would fill alone,
    so that it fills the same where the network's ``coarse`` fill of it is not followed.
    """
    from inpaint_core.exemplar.synthesis import synthesise

    with account.timed("native"):
        native = synthesise(replace(view, guide=coarse.image, trust=spec.trust), progress)
    products = {**coarse.products, **native.products, "coarse": coarse.image}
    return replace(native, products=products, notes=coarse.notes + native.notes)


def _cut(fill: Fill, rect: Rect) -> Fill:
    """The part ``rect`` of a fill and of its by-products."""
    products = {name: product[rect.slices] for name, product in fill.products.items()}
    return replace(fill, image=fill.image[rect.slices], products=products)


def _seats(plan: TilePlan | None, view: View) -> Iterator[tuple[int, tuple[tuple[int, int], Tile]]]:
    """The level's size (width, height) and the tile of each pass, numbered, in their order."""
    whole = Rect.whole(view.hole.shape)
    if plan is None:
        return iter([(0, ((whole.w, whole.h), Tile(whole, whole)))])
    return enumerate(
        ((level.width, level.height), tile) for level in plan.levels for tile in level.tiles
    )


def _after_out_of_memory(
    spec: GeneratorSpec, view: View, plan: TilePlan | None, account: _Account
) -> TilePlan | None:
    """The next thing to try: smaller tiles, then the CPU. Raises `OutOfMemory` after that."""
    device = account.devices[spec.id]
    devices.free(device)
    try:
        if plan is None:
            raise OutOfMemory(
                "The fill does not fit into memory.",
                "Close other programs, fill less at once, or choose another engine.",
            )
        finer = plan.finer()
    except OutOfMemory:
        if device == "cpu":
            raise
        account.note(f"Memory ran out on “{device}”, so the CPU was used.")
        account.devices[spec.id], account.side = "cpu", None
        return plan_of(spec, view.hole)
    account.note(f"Memory ran out, so tiles of {finer.side} pixels were used.")
    account.side = finer.side
    return finer
