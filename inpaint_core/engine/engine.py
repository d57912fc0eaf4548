"""The engine: loads generators and turns requests into results."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from inpaint_core.contract.choices import (
    MAX_REACH,
    MAX_SEED,
    PERSPECTIVES,
    PRECISIONS,
    REGULARITIES,
    Precision,
)
from inpaint_core.contract.errors import (
    BadRequest,
    InpaintError,
    OutOfMemory,
    WeightsUnavailable,
)
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.preview import OnPreview
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest, InpaintResult
from inpaint_core.contract.specs import GeneratorSpec, PassObserver
from inpaint_core.engine.fill_run import FillRun, OnPart
from inpaint_core.generators.registry import generator, list_candidates
from inpaint_core.networks.device import free_memory, is_out_of_memory, resolve_device
from inpaint_core.networks.store.entries import find_entry


class Engine:
    """Loads generators and fills holes. Used by one thread; never changes its input.

    ``native``: False leaves out the native-resolution stage of generators that have one, to measure
    a network alone; the network then works through the photo at its full size. ``own`` are
    additional generators, which take precedence over registered ones.
    """

    def __init__(self, native: bool = True, own: Iterable[GeneratorSpec] = ()) -> None:
        self.native = native
        self._own = {spec.id: spec for spec in own}
        self._networks: dict[tuple[str, str, str, Precision], Any] = {}

    def load(self, engine_id: str, device: str = "auto") -> None:
        """Build a generator's network now instead of at its first fill; does nothing for a
        generator that chooses among others.

        Raises `UnknownEngine`, `DeviceUnavailable` or `WeightsUnavailable`.
        """
        spec = self._find_generator(engine_id)
        if spec.choose is None:
            self._get_network("auto", spec, resolve_device(device, spec).name, Progress())

    def warm_up(
        self, engine_id: str, device: str = "auto", progress: Progress | None = None
    ) -> None:
        """Load the network of a generator and run it once: the first pass on a device takes longer
        than those that follow. Of those among which it chooses, only the first that has its weights
        is loaded, as each takes memory. Networks on other devices are unloaded first.

        Raises `UnknownEngine`, `DeviceUnavailable`, `OutOfMemory` or `WeightsUnavailable`, and
        `Cancelled` by ``progress``.
        """
        progress = Progress() if progress is None else progress
        spec = self._find_generator(engine_id)
        names = list_candidates(spec)
        networks = [each for each in map(self._find_generator, names) if each.uses_torch]
        for each in networks:
            self.unload(keep=resolve_device(device, each).name)
            try:
                self._run_once(each, device, progress)
                return
            except WeightsUnavailable:
                if spec.list_candidates is None:
                    raise

    def _run_once(self, spec: GeneratorSpec, device: str, progress: Progress) -> None:
        side = 2 * max(spec.size.multiple, 32)
        image = np.full((side, side, 3), 128, np.uint8)
        image[side // 2 :] = 64
        mask = np.zeros((side, side), np.uint8)
        mask[side // 3 : side // 2, side // 3 : side // 2] = 255
        request = InpaintRequest(image, mask, FillOptions(spec.id, device))
        self._run(request, replace(spec, native_stage=False), progress)

    def unload(self, keep: str | None = None) -> None:
        """Forget every network that was loaded, except on the device ``keep``, and give back the
        memory that they took.
        """
        others = {key[2] for key in self._networks} - {keep}
        self._networks = {key: net for key, net in self._networks.items() if key[2] == keep}
        for device in sorted(others):
            free_memory(device)

    def inpaint(
        self,
        request: InpaintRequest,
        progress: Progress,
        on_part: OnPart | None = None,
        watch: PassObserver | None = None,
        on_preview: OnPreview | None = None,
    ) -> InpaintResult:
        """Fill the painted part of a photo.

        ``on_part(rect, pixels)`` is called with every part as soon as it is final: ``pixels``
        (h, w, 3), a copy in the photo's depth, for ``rect`` of the photo. Every pass of a generator
        runs inside the context ``watch(pass)``, which must not change the result.
        ``on_preview(preview)`` is called now and then with what some holes look like so far; the
        result is the same with and without. An empty mask
        gives a result with an empty rectangle. Raises the `InpaintError` that says what is wrong,
        or `Cancelled`; the engine is usable after either.
        """
        validate_request(request)
        spec = self._find_generator(request.options.engine)
        if not self.native:
            spec = replace(spec, native_stage=False)
        return self._run(request, spec, progress, on_part, watch, on_preview)

    def _run(
        self,
        request: InpaintRequest,
        spec: GeneratorSpec,
        progress: Progress,
        on_part: OnPart | None = None,
        watch: PassObserver | None = None,
        on_preview: OnPreview | None = None,
    ) -> InpaintResult:
        get_network = partial(self._get_network, request.options.precision)
        run = FillRun(request, spec, get_network, on_part, watch, on_preview)
        try:
            return run.run(progress)
        except Exception as error:
            if isinstance(error, InpaintError) or not is_out_of_memory(error):
                raise
        free_memory(run.device)
        raise OutOfMemory("engine.out_of_memory")

    def _find_generator(self, engine_id: str) -> GeneratorSpec:
        return self._own[engine_id] if engine_id in self._own else generator(engine_id)

    def _get_network(
        self, precision: Precision, spec: GeneratorSpec, device: str, progress: Progress
    ) -> Any:
        key = (spec.id, _find_sha256(spec), device, precision)
        if key not in self._networks:
            progress.report(0.0, Message("engine.loading", engine=spec.title))
            self._networks[key] = spec.build(device, precision)
        return self._networks[key]


def _find_sha256(spec: GeneratorSpec) -> str:
    """Of the weights that the generator uses now: a person may import others at any time."""
    try:
        return "" if spec.weights is None else find_entry(spec.weights).sha256
    except WeightsUnavailable:
        return ""  # the generator will say it


def validate_request(request: InpaintRequest) -> None:
    """Raise `BadRequest` when the request contradicts itself or the photo."""
    image, options = request.image, request.options
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype not in (np.uint8, np.uint16):
        raise BadRequest("command.photo_not_rgb", type=image.dtype, shape=str(image.shape))
    if image.size == 0:
        raise BadRequest("command.photo_without_pixels")
    _check_mask(Message("command.layer.mask"), request.mask, image, np.uint8)
    if request.alpha is not None:
        dtype = request.alpha.dtype if request.alpha.dtype == np.uint16 else np.uint8
        _check_mask(Message("command.layer.alpha"), request.alpha, image, dtype)
    for name in ("protect", "source", "edges"):
        mask = getattr(options, name)
        if mask is not None:
            _check_mask(Message(f"command.layer.{name}"), mask, image, np.bool_)
    if options.semantic is not None:
        _check_picture(Message("command.layer.semantic"), options.semantic, image)
    if not (math.isfinite(options.feather) and 0 <= options.feather <= MAX_REACH):
        raise BadRequest("command.feather_out_of_range", feather=options.feather, most=MAX_REACH)
    if options.grow is not None and abs(options.grow) > MAX_REACH:
        raise BadRequest("command.grow_out_of_range", grow=options.grow, most=MAX_REACH)
    if options.precision not in PRECISIONS:
        raise BadRequest("command.unknown_precision", name=options.precision, known=PRECISIONS)
    if options.perspective not in PERSPECTIVES:
        raise BadRequest(
            "command.unknown_perspective", name=options.perspective, known=PERSPECTIVES
        )
    if options.regularity not in REGULARITIES:
        raise BadRequest("command.unknown_regularity", name=options.regularity, known=REGULARITIES)
    for place, plane in enumerate(options.planes, start=1):
        if not plane.is_valid:
            raise BadRequest("command.plane_not_convex", number=place)
    if not 0 <= options.seed <= MAX_SEED:
        raise BadRequest("command.seed_out_of_range", seed=options.seed)


def _check_mask(layer: Message, mask: NDArray[Any], image: NDArray[Any], dtype: DTypeLike) -> None:
    if mask.shape != image.shape[:2]:
        size, photo_size = _describe_size(mask), _describe_size(image)
        raise BadRequest("command.layer_wrong_size", layer=layer, size=size, photo_size=photo_size)
    if mask.dtype != dtype:
        raise BadRequest(
            "command.layer_wrong_type", layer=layer, type=mask.dtype, wanted=np.dtype(dtype)
        )


def _check_picture(layer: Message, picture: NDArray[Any], image: NDArray[Any]) -> None:
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise BadRequest(
            "command.layer_wrong_type", layer=layer, type=str(picture.shape), wanted="(H, W, 3)"
        )
    _check_mask(layer, picture[..., 0], image, np.uint8)


def _describe_size(array: NDArray[Any]) -> str:
    return " × ".join(str(n) for n in array.shape[1::-1]) if array.ndim > 1 else str(array.shape)
