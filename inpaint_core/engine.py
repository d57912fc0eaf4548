"""From a request to a result."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core import device as devices
from inpaint_core.compose import compose, levelled, to_float
from inpaint_core.contract import Fill, InpaintRequest, InpaintResult, View
from inpaint_core.crops import Crop, context_crops, sources
from inpaint_core.errors import InpaintError, OutOfMemory
from inpaint_core.hooks import cancellable
from inpaint_core.masks import SoftMask, soften
from inpaint_core.progress import Progress
from inpaint_core.registry import GeneratorSpec, generator
from inpaint_core.scaling import padded
from inpaint_core.tiles import TilePlan, fill_tiled
from inpaint_core.validation import validate

# The native-resolution stage brings the last octave: tiles at native size would cost four times
# as much as all coarser ones together.
_FINEST_BEFORE_NATIVE = 0.5


@dataclass
class _Account:
    """What there will be to tell about a request, and what was learnt on the way."""

    device: str
    side: int | None = None  # of the tiles, once the longest did not fit into memory
    notes: list[str] = field(default_factory=list)
    plan: list[Mapping[str, Any]] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

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
    """Loads generators and fills holes. Used by one thread; changes nothing of its input."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, str], Any] = {}

    def load(self, engine_id: str, device: str = "auto") -> None:
        """Build a generator's network now rather than on its first fill.

        Raises `UnknownEngine`, `DeviceUnavailable` or `WeightsUnavailable`.
        """
        spec = generator(engine_id)
        self._net(spec, devices.resolve(device, spec).name)

    def unload(self) -> None:
        """Forget every network that was loaded."""
        self._loaded.clear()

    def inpaint(self, request: InpaintRequest, progress: Progress) -> InpaintResult:
        """Fill the painted part of a photo.

        An empty mask gives a result with an empty rectangle at once. Raises an `InpaintError`
        whose name says what is wrong, or `Cancelled`; the engine is usable after either.
        """
        validate(request)
        spec = generator(request.engine)
        account = _Account("cpu")
        try:
            return self._inpaint(request, spec, account, progress)
        except Exception as error:
            if isinstance(error, InpaintError) or not devices.out_of_memory(error):
                raise
        devices.free(account.device)
        raise OutOfMemory(
            "The fill does not fit into this machine's memory.",
            "Close other programs, fill less at once, or choose another engine.",
        )

    def _inpaint(
        self, request: InpaintRequest, spec: GeneratorSpec, account: _Account, progress: Progress
    ) -> InpaintResult:
        progress.report(0.0, "Reading the mask")
        with account.timed("mask"):
            mask = soften(request.mask, request.grow, request.feather)
        pixels = request.image[mask.rect.slices].copy()
        products: dict[str, NDArray[Any]] = {}
        if not mask.rect.empty:
            device = devices.resolve(request.device, spec)
            account.device = device.name
            account.note(device.note, *_refused(request, spec))
            with account.timed("crops"):
                crops = context_crops(request, mask, spec.size.max_side or 0)
            for crop, part in zip(crops, _parts(crops, progress), strict=True):
                view = _view(request, mask, crop)
                fill = self._fill(spec, view, account, crop, part)
                account.note(*fill.notes)
                with account.timed("compose"):
                    image = levelled(view.image, view.hole, fill)
                    for own in crop.own:
                        here = own.translate(-crop.rect.x, -crop.rect.y).slices
                        there = own.translate(-mask.rect.x, -mask.rect.y).slices
                        alpha = mask.over(own)
                        pixels[there] = compose(request.image[own.slices], alpha, image[here])
                        for name in request.want & fill.products.keys():
                            product = fill.products[name]
                            shape = (mask.rect.h, mask.rect.w, *product.shape[2:])
                            whole = products.setdefault(name, np.zeros(shape, product.dtype))
                            whole[there] = product[here]
        progress.report(1.0, "Done")
        return InpaintResult(
            rect=mask.rect,
            pixels=pixels,
            engine=spec.id,
            seed=request.seed,
            device=account.device,
            timings=account.timings,
            plan=tuple(account.plan),
            notes=tuple(account.notes),
            products=products,
        )

    def _fill(
        self, spec: GeneratorSpec, view: View, account: _Account, crop: Crop, progress: Progress
    ) -> Fill:
        """One crop: the generator, then the native-resolution stage where it wants one."""
        network = progress.part(0.0, 0.5) if spec.native_stage else progress
        plan = _plan(spec, view, account)
        while True:
            try:
                fill = self._generate(spec, view, plan, account, network)
                break
            except Exception as error:
                if isinstance(error, InpaintError) or not devices.out_of_memory(error):
                    raise
            # Only here has the error let go of what the failed attempt held.
            plan = _after_out_of_memory(spec, view, plan, account)
        rect = crop.rect
        account.plan.append(
            {
                "crop": [rect.x, rect.y, rect.w, rect.h],
                "holes": len(crop.own),
                "hole_pixels": int(np.count_nonzero(view.hole)),
                "levels": list(plan.described()) if plan else [],
            }
        )
        if not spec.native_stage:
            return fill
        from inpaint_core.exemplar.synthesis import synthesise

        with account.timed("native"):
            native = synthesise(replace(view, guide=fill.image), progress.part(0.5, 1.0))
        return replace(native, notes=fill.notes + native.notes)

    def _generate(
        self,
        spec: GeneratorSpec,
        view: View,
        plan: TilePlan | None,
        account: _Account,
        progress: Progress,
    ) -> Fill:
        if (spec.id, account.device) not in self._loaded:
            progress.report(0.0, f"Loading “{spec.title}”")
        with account.timed("load"):
            net = self._net(spec, account.device)

        def run(seen: View, part: Progress) -> Fill:
            h, w = seen.hole.shape
            fill = spec.run(net, padded(seen, spec.size.multiple), part)
            products = {name: product[:h, :w] for name, product in fill.products.items()}
            return replace(fill, image=fill.image[:h, :w], products=products)

        watch = cancellable(net, progress) if spec.uses_torch else nullcontext()
        with account.timed("fill"), watch:
            return run(view, progress) if plan is None else fill_tiled(plan, view, run, progress)

    def _net(self, spec: GeneratorSpec, device: str) -> Any:
        key = (spec.id, device)
        if key not in self._loaded:
            self._loaded[key] = spec.build(device)
        return self._loaded[key]


def _view(request: InpaintRequest, mask: SoftMask, crop: Crop) -> View:
    """The crop as generators see it; what is painted over is black, so nothing of it can leak."""
    image = to_float(request.image[crop.rect.slices])
    hole = mask.over(crop.rect) > 0
    image[hole] = 0
    return View(
        image=image,
        hole=hole,
        source=sources(request, mask, crop.rect),
        lines=tuple(line.moved(-crop.rect.x, -crop.rect.y) for line in request.lines),
        seed=request.seed,
        want=request.want,
    )


def _parts(crops: tuple[Crop, ...], progress: Progress) -> Iterator[Progress]:
    """A part of the progress for each crop, as long as the crop is large."""
    total = sum(crop.rect.area for crop in crops)
    before = 0
    for index, crop in enumerate(crops):
        part = progress.part(before / total, (before + crop.rect.area) / total)
        part.report(0.0, f"Filling part {index + 1} of {len(crops)}")
        before += crop.rect.area
        yield part


def _plan(spec: GeneratorSpec, view: View, account: _Account) -> TilePlan | None:
    """How a generator that sees only so many pixels goes over the view; None = all at once."""
    if spec.size.max_side is None:
        return None
    finest = _FINEST_BEFORE_NATIVE if spec.native_stage else 1.0
    return TilePlan.of(view.hole, spec.size, account.side, finest)


def _after_out_of_memory(
    spec: GeneratorSpec, view: View, plan: TilePlan | None, account: _Account
) -> TilePlan | None:
    """The next thing to try: smaller tiles, then the CPU. Raises `OutOfMemory` after that."""
    devices.free(account.device)
    try:
        if plan is None:
            raise OutOfMemory(
                "The fill does not fit into memory.",
                "Close other programs, fill less at once, or choose another engine.",
            )
        finer = plan.finer()
    except OutOfMemory:
        if account.device == "cpu":
            raise
        account.note(f"Memory ran out on “{account.device}”, so the CPU was used.")
        account.device, account.side = "cpu", None
        return _plan(spec, view, account)
    account.note(f"Memory ran out, so tiles of {finer.side} pixels were used.")
    account.side = finer.side
    return finer


def _refused(request: InpaintRequest, spec: GeneratorSpec) -> list[str]:
    """A sentence for each by-product asked for that this generator does not give."""
    given = {*spec.products, *(("offsets",) if spec.native_stage else ())}
    return [f"“{spec.title}” gives no “{name}”." for name in sorted(request.want - given)]
