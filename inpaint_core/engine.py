"""From a request to a result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core import device as devices
from inpaint_core.compose import compose, levelled, to_float
from inpaint_core.contract import Fill, InpaintRequest, InpaintResult, Pixels, View
from inpaint_core.crops import Crop, context_crops, sources
from inpaint_core.errors import BadRequest
from inpaint_core.masks import SoftMask, soften
from inpaint_core.progress import Progress
from inpaint_core.registry import GeneratorSpec, generator


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

    def _net(self, spec: GeneratorSpec, device: str) -> Any:
        key = (spec.id, device)
        if key not in self._loaded:
            self._loaded[key] = spec.build(device)
        return self._loaded[key]

    def inpaint(self, request: InpaintRequest, progress: Progress) -> InpaintResult:
        """Fill the painted part of a photo.

        An empty mask gives a result with an empty rectangle at once. Raises an `InpaintError`
        whose name says what is wrong, or `Cancelled`; the engine is usable after either.
        """
        validate(request)
        spec = generator(request.engine)
        timings: dict[str, float] = {}
        with _timed(timings, "mask"):
            mask = soften(request.mask, request.grow, request.feather)
        if mask.rect.empty:
            nothing = np.zeros((0, 0, 3), request.image.dtype)
            return InpaintResult(mask.rect, nothing, request.engine, request.seed, "cpu")
        device = devices.resolve(request.device, spec)
        with _timed(timings, "crops"):
            crops = context_crops(request, mask)
        progress.report(0.0, f"Loading {spec.title}")
        with _timed(timings, "load"):
            net = self._net(spec, device.name)
        pixels: Pixels = request.image[mask.rect.slices].copy()
        products: dict[str, NDArray[Any]] = {}
        notes = [device.note] if device.note else []
        for index, crop in enumerate(crops):
            part = progress.part(index / len(crops), (index + 1) / len(crops))
            view = _view(request, mask, crop)
            with _timed(timings, "fill"):
                fill = spec.run(net, view, part)
            with _timed(timings, "compose"):
                _put(pixels, products, request, mask, crop, view, fill)
            notes += [note for note in fill.notes if note not in notes]
        return InpaintResult(
            rect=mask.rect,
            pixels=pixels,
            engine=request.engine,
            seed=request.seed,
            device=device.name,
            timings=timings,
            notes=tuple(notes),
            products=products,
        )


def validate(request: InpaintRequest) -> None:
    """Raise `BadRequest` when the arrays do not fit the photo or each other."""
    image = request.image
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype not in (np.uint8, np.uint16):
        raise BadRequest("The photo is not an 8 or 16 bit RGB image.", "Convert it to RGB first.")


def _view(request: InpaintRequest, mask: SoftMask, crop: Crop) -> View:
    return View(
        image=to_float(request.image[crop.rect.slices]),
        hole=mask.over(crop.rect) > 0,
        source=sources(request, mask, crop.rect),
        lines=tuple(line.moved(-crop.rect.x, -crop.rect.y) for line in request.lines),
        seed=request.seed,
        want=request.want,
    )


def _put(
    pixels: Pixels,
    products: dict[str, NDArray[Any]],
    request: InpaintRequest,
    mask: SoftMask,
    crop: Crop,
    view: View,
    fill: Fill,
) -> None:
    """Compose the crop's own part into ``pixels``, and its by-products into ``products``."""
    inner = crop.own.translate(-crop.rect.x, -crop.rect.y).slices
    outer = crop.own.translate(-mask.rect.x, -mask.rect.y).slices
    image = levelled(view.image, view.hole, fill)
    alpha = mask.over(crop.own)
    pixels[outer] = compose(request.image[crop.own.slices], alpha, image[inner])
    for name, product in fill.products.items():
        if name not in products:
            products[name] = np.zeros((mask.rect.h, mask.rect.w, *product.shape[2:]), product.dtype)
        products[name][outer] = product[inner]


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[stage] = timings.get(stage, 0.0) + time.perf_counter() - start
