"""Runs one fill request from mask to result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import FloatImage, Pixels
from inpaint_core.contract.errors import InpaintError, OutOfMemory, WeightsUnavailable
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.preview import OnPreview
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import Fill, InpaintRequest, InpaintResult, View
from inpaint_core.contract.specs import GeneratorPass, GeneratorSpec, PassObserver
from inpaint_core.engine.context_crops import (
    Crop,
    build_view,
    find_backdrop,
    find_context_crops,
    read_opacity,
    widen_for,
)
from inpaint_core.engine.effective_mask import find_effective_mask
from inpaint_core.engine.fill_opacity import fill_opacity
from inpaint_core.engine.network_details import add_details, find_detail
from inpaint_core.engine.outline_guide import build_outline_guide
from inpaint_core.engine.preview_maker import PreviewMaker
from inpaint_core.engine.tile_plan import TilePlan, fill_tiles, iterate_tiles, plan_tiles
from inpaint_core.engine.unheeded_wishes import (
    list_missing_products,
    list_not_copied,
    list_prior_maps,
    list_unheeded,
)
from inpaint_core.generators.registry import generator, generator_for_first_look
from inpaint_core.networks.device import free_memory, is_out_of_memory, resolve_device
from inpaint_core.networks.hooks import cancellable
from inpaint_core.networks.store.entries import find_entry
from inpaint_core.priors.registry import priors
from inpaint_core.raster.backdrop import Backdrop
from inpaint_core.raster.composition import compose, compose_transparent, level_colours
from inpaint_core.raster.scaling import pad_view
from inpaint_core.raster.soft_mask import SoftMask

OnPart = Callable[[Rect, Pixels], None]
GetNetwork = Callable[[GeneratorSpec, str, Progress], Any]
"""Loads the network of a generator on a device, or returns it if it is loaded."""


class FillRun:
    """Fills one request with the generator ``spec``, and collects what the result reports.

    ``on_part``, ``watch`` and ``on_preview`` as in `Engine.inpaint`.
    """

    def __init__(
        self,
        request: InpaintRequest,
        spec: GeneratorSpec,
        get_network: GetNetwork,
        on_part: OnPart | None = None,
        watch: PassObserver | None = None,
        on_preview: OnPreview | None = None,
    ) -> None:
        self._request, self._spec = request, spec
        self._get_network, self._on_part, self._watch = get_network, on_part, watch
        self._on_preview = on_preview
        self._devices: dict[str, str] = {}  # by the id of the generator
        self._tile_side: int | None = None  # set once the longest side did not fit into memory
        self._weights_sha256: str | None = None
        self._notes: list[Message] = []
        self._warnings: list[Message] = []
        self._backdrop: Backdrop | None = None  # of a transparent photo
        self._device_note: Message | None = None  # shown last: it matters least
        self._plan: list[Mapping[str, Any]] = []
        self._timings: dict[str, float] = {}
        self._products: dict[str, NDArray[Any]] = {}

    @property
    def device(self) -> str:
        """The device that networks ran on; "cpu" when none did."""
        return next((name for name in self._devices.values() if name != "cpu"), "cpu")

    def run(self, progress: Progress) -> InpaintResult:
        """Fill every hole. Raises an `InpaintError` or `Cancelled`."""
        request, options = self._request, self._request.options
        progress.report(0.0, Message("engine.reading_mask"))
        with self._timed("mask"):
            effective = find_effective_mask(request)
            self._add(self._notes, effective.notes)
            self._add(self._warnings, effective.warnings)
        mask = effective.mask
        pixels = request.image[mask.rect.slices].copy()
        alpha = None if request.alpha is None else request.alpha[mask.rect.slices].copy()
        if not mask.rect.is_empty:
            if self._spec.choose is None:
                self._assign_device(self._spec)
            with self._timed("crops"):
                crops = find_context_crops(request, mask)
                self._backdrop = find_backdrop(request, mask)
            with self._timed("preview"):
                self._previews = PreviewMaker(request, mask, self._backdrop, self._on_preview)
                self._previews.sketch(crops)
            for crop, part in zip(crops, _split_progress(crops, progress), strict=True):
                part = self._previews.attach(part, crop, crop.rect)
                view = self._build_view(mask, crop.rect)
                fill = _add_priors(self._fill_crop(crop, view, mask, part), view)
                self._add(self._notes, fill.notes)
                self._add(self._warnings, fill.warnings)
                with self._timed("compose"):
                    self._compose(fill, view, crop, mask, pixels, alpha)
        progress.report(1.0)
        return InpaintResult(
            rect=mask.rect,
            pixels=pixels,
            strength=mask.strength,
            engine=self._spec.id,
            seed=options.seed,
            device=self.device,
            weights_sha256=self._weights_sha256,
            timings=self._timings,
            plan=tuple(self._plan),
            notes=tuple(filter(None, (*self._notes, self._device_note))),
            products=self._products,
            warnings=tuple(self._warnings),
            alpha=self._changed_alpha(alpha, mask),
        )

    def _build_view(self, mask: SoftMask, rect: Rect) -> View:
        return build_view(self._request, mask, rect, self._backdrop)

    def _find_outline(self, view: View, rect: Rect) -> FloatImage | None:
        """A guide along the outline of what is visible, where the hole interrupts it."""
        opacity = read_opacity(self._request, rect)
        if self._backdrop is None or opacity is None:
            return None
        return build_outline_guide(view, opacity, self._backdrop)

    def _changed_alpha(self, alpha: Pixels | None, mask: SoftMask) -> Pixels | None:
        """``alpha`` (h, w) in the mask's rectangle, or None where it is as it was."""
        before = self._request.alpha
        if alpha is None or before is None or np.array_equal(alpha, before[mask.rect.slices]):
            return None
        return alpha

    def _fill_crop(self, crop: Crop, view: View, mask: SoftMask, progress: Progress) -> Fill:
        spec = self._choose_generator(crop, view, progress)
        outline = self._find_outline(view, crop.rect)
        if outline is not None and not spec.native_stage:
            view = replace(view, guide=outline)
        rect = widen_for(spec, crop.rect, Rect.whole(self._request.mask.shape))
        wide_view = view if rect == crop.rect else self._build_view(mask, rect)
        coarse_part = progress.part(0.0, 0.5) if spec.native_stage else progress
        coarse_part = self._previews.attach(coarse_part, crop, rect, spec.native_stage)
        fill, scale = self._run_within_memory(spec, wide_view, Crop(rect, crop.own), coarse_part)
        fill = _cut(fill, crop.rect.translate(-rect.x, -rect.y))
        is_whole = scale == 1 and spec.trust == 1 and outline is None
        if not spec.native_stage or is_whole:
            if spec.native_stage:
                self._add(self._notes, list_not_copied(self._request, spec))
            return fill
        with self._timed("native"):
            return _add_native_texture(spec, view, fill, scale, outline, progress.part(0.5, 1.0))

    def _choose_generator(self, crop: Crop, view: View, progress: Progress) -> GeneratorSpec:
        if self._spec.choose is None:
            return self._spec
        with self._timed("choose"):
            choice = self._spec.choose(view, crop.find_own_hole(view.hole), progress)
        spec, reason = generator(choice.engine), choice.reason
        if choice.otherwise is not None:
            try:
                self._assign_device(spec)
                with self._timed("load"):
                    self._get_network(spec, self._devices[spec.id], Progress())
            except WeightsUnavailable as error:
                del self._devices[spec.id]
                spec, reason = generator(choice.otherwise), error.message
        self._assign_device(spec)
        self._add(self._notes, [reason])
        return spec

    def _run_within_memory(
        self, spec: GeneratorSpec, view: View, crop: Crop, progress: Progress
    ) -> tuple[Fill, float]:
        """The fill, and the scale that it was made at before it was enlarged."""
        spec, plan = self._plan_tiles(spec, view)
        rect = crop.rect
        while True:
            try:
                fill = self._run_generator(spec, view, plan, rect, progress)
                break
            except Exception as error:
                if isinstance(error, InpaintError) or not is_out_of_memory(error):
                    raise
            # The failed attempt's memory is freed only after the except block ends.
            plan = self._plan_with_less_memory(spec, view, plan)
        self._plan.append(
            {
                "engine": spec.id,
                "crop": [rect.x, rect.y, rect.w, rect.h],
                "holes": len(crop.own),
                "hole_pixels": int(np.count_nonzero(view.hole)),
                "levels": list(plan.describe()) if plan else [],
                **({"first_look": plan.first_look} if plan and plan.first_look else {}),
            }
        )
        if spec.weights is not None:
            self._weights_sha256 = find_entry(spec.weights).sha256
        return fill, 1.0 if plan is None else plan.levels[-1].scale

    def _plan_tiles(self, spec: GeneratorSpec, view: View) -> tuple[GeneratorSpec, TilePlan | None]:
        """The plan of a view, and the generator, without another one's first look if there are no
        weights for that.
        """
        plan = plan_tiles(spec, view.hole, self._tile_side)
        try:
            with self._timed("load"):
                self._get_first_look(plan, self._devices[spec.id], Progress())
        except WeightsUnavailable as error:
            self._add(self._notes, [error.message])
            spec = replace(spec, first_look=None)
            plan = plan_tiles(spec, view.hole, self._tile_side)
        return spec, plan

    def _get_first_look(
        self, plan: TilePlan | None, device: str, progress: Progress
    ) -> tuple[GeneratorSpec, Any] | None:
        """The other generator that takes the plan's first look, and its network."""
        if plan is None or plan.first_look is None:
            return None
        spec = generator_for_first_look(plan.first_look)
        return spec, self._get_network(spec, device, progress)

    def _run_generator(
        self, spec: GeneratorSpec, view: View, plan: TilePlan | None, crop: Rect, progress: Progress
    ) -> Fill:
        with self._timed("load"):
            device = self._devices[spec.id]
            net = self._get_network(spec, device, progress)
            first = self._get_first_look(plan, device, progress)
        self._add(self._notes, list_unheeded(self._request, spec, net))
        tiles = enumerate(iterate_tiles(plan, view))

        def run(tile_view: View, part: Progress) -> Fill:
            h, w = tile_view.hole.shape
            number, (size, tile) = next(tiles)
            by, used = first if first is not None and number == 0 else (spec, net)
            padded = pad_view(tile_view, by.size.multiple)
            computed = {name: priors()[name].run(padded.image, padded.hole) for name in by.priors}
            padded = replace(padded, priors=computed)
            now = GeneratorPass(by, used, padded, crop, size, tile.rect, tile.inner, number)
            with nullcontext() if self._watch is None else self._watch(now):
                fill = by.run(used, padded, part)
            return _cut(fill, Rect(0, 0, w, h))

        nets = (net, None if first is None else first[1])
        stoppable = cancellable(nets, progress) if spec.uses_torch else nullcontext()
        with self._timed("fill"), stoppable:
            return run(view, progress) if plan is None else fill_tiles(plan, view, run, progress)

    def _plan_with_less_memory(
        self, spec: GeneratorSpec, view: View, plan: TilePlan | None
    ) -> TilePlan | None:
        """The next plan to try: smaller tiles, then the CPU. Raises `OutOfMemory` after that."""
        device = self._devices[spec.id]
        free_memory(device)
        try:
            if plan is None:
                raise OutOfMemory("engine.out_of_memory")
            refined = plan.refine()
        except OutOfMemory:
            if device == "cpu":
                raise
            self._add(self._notes, [Message("engine.moved_to_cpu", device=device)])
            self._devices[spec.id], self._tile_side = "cpu", None
            return plan_tiles(spec, view.hole)
        self._add(self._notes, [Message("engine.smaller_tiles", side=refined.side)])
        self._tile_side = refined.side
        return refined

    def _compose(
        self,
        fill: Fill,
        view: View,
        crop: Crop,
        mask: SoftMask,
        pixels: Pixels,
        alpha: Pixels | None,
    ) -> None:
        image = level_colours(view.image, view.hole, fill)
        opacity = read_opacity(self._request, crop.rect)
        if self._backdrop is not None and opacity is not None:
            opacity = fill_opacity(opacity, view.hole, fill.products.get("offsets"), Progress())
            image = self._backdrop.take_away(image, opacity)
        for own in crop.own:
            here = own.translate(-crop.rect.x, -crop.rect.y).slices
            there = own.translate(-mask.rect.x, -mask.rect.y).slices
            photo = self._request.image[own.slices]
            if alpha is None or opacity is None:
                pixels[there] = compose(photo, mask.over(own), image[here])
            else:
                pixels[there], alpha[there] = compose_transparent(
                    photo, alpha[there], mask.over(own), image[here], opacity[here]
                )
            if self._on_part is not None:
                self._on_part(own, pixels[there].copy())
            for name in self._request.want & fill.products.keys():
                product = fill.products[name]
                shape = (mask.rect.h, mask.rect.w, *product.shape[2:])
                whole = self._products.setdefault(name, np.zeros(shape, product.dtype))
                whole[there] = product[here]

    def _assign_device(self, spec: GeneratorSpec) -> None:
        """Decide where a generator runs, and note by-products that it cannot give."""
        if spec.id in self._devices:
            return
        device = resolve_device(self._request.options.device, spec)
        self._devices[spec.id] = device.name
        if spec.id == self._request.options.engine:  # "auto" notes its choice instead
            self._add(self._notes, list_missing_products(self._request, spec))
        self._device_note = device.note or self._device_note

    @staticmethod
    def _add(kept: list[Message], messages: Iterable[Message]) -> None:
        """Keep messages for the result, each once."""
        kept += [message for message in messages if message not in kept]

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._timings[stage] = self._timings.get(stage, 0.0) + time.perf_counter() - start


def _split_progress(crops: tuple[Crop, ...], progress: Progress) -> Iterator[Progress]:
    """A part of the progress for each crop, in proportion to its area."""
    total = sum(crop.rect.area for crop in crops)
    before = 0
    for index, crop in enumerate(crops):
        part = progress.part(before / total, (before + crop.rect.area) / total)
        part.report(0.0, Message("engine.filling_part", number=index + 1, count=len(crops)))
        before += crop.rect.area
        yield part


def _cut(fill: Fill, rect: Rect) -> Fill:
    products = {name: product[rect.slices] for name, product in fill.products.items()}
    return replace(fill, image=fill.image[rect.slices], products=products)


def _add_native_texture(
    spec: GeneratorSpec,
    view: View,
    coarse: Fill,
    scale: float,
    outline: FloatImage | None,
    progress: Progress,
) -> Fill:
    """The native-resolution stage: exemplar synthesis guided by the ``coarse`` fill, or by an
    ``outline`` that has to be continued.

    It works on the same crop that it would fill alone, so that it fills the same where the guide
    is not followed. Of a fill that is fully trusted, made at ``scale``, all is kept, and only the
    details that it lacks are added.
    """
    from inpaint_core.exemplar.synthesis import synthesise

    is_strong = spec.trust == 1 and outline is None
    guide, trust = (coarse.image, spec.trust) if outline is None else (outline, 1.0)
    guided = replace(view, guide=guide, trust=trust, shown=spec.shown, worst_ratio=spec.worst_ratio)
    if is_strong:
        guided = replace(guided, detail=find_detail(view, scale))
    native = synthesise(guided, progress)
    if is_strong:
        image = add_details(view, coarse.image, native.image, scale)
        native = replace(native, image=image)
    products = {**coarse.products, **native.products, "coarse": coarse.image}
    notes, warnings = coarse.notes + native.notes, coarse.warnings + native.warnings
    return replace(native, products=products, notes=notes, warnings=warnings)


def _add_priors(fill: Fill, view: View) -> Fill:
    """The fill with the wanted priors among its by-products, at the crop's own resolution."""
    if not view.want:
        return fill
    wanted = [name for name in list_prior_maps() if name in view.want - fill.products.keys()]
    maps = {name: priors()[name].run(view.image, view.hole) for name in wanted}
    return replace(fill, products={**fill.products, **maps})
