"""The engine lane: the thread on which the editor loads and runs the engine."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot

from app.configuration.text import t
from app.workers.jobs import Job, Lane
from inpaint_core.contract.choices import DEFAULT_ENGINE
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.contract.request import InpaintRequest, InpaintResult
    from inpaint_core.contract.specs import GeneratorSpec
    from inpaint_core.engine.engine import Engine
    from inpaint_core.inspection.capture import InspectedRun
    from inpaint_core.inspection.influence import Influence
    from inpaint_core.inspection.stability import Stability, Vary

    Part = Callable[[Rect, Pixels], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineRow:
    """An engine in the list of choices.

    ``is_usable``: its weights, if any, are on this machine. ``is_single``: it fills by itself
    instead of choosing another engine. ``is_network``: it computes maps that can be inspected.
    ``is_candidate``: an engine that chooses may choose it.
    ``products``: the by-products that it, or an engine it chooses, offers. ``is_offered``: it is
    used for variations.
    """

    id: str
    title: str
    summary: str
    is_usable: bool
    is_single: bool
    is_network: bool = False
    products: frozenset[str] = frozenset()
    is_offered: bool = True
    is_candidate: bool = False


@dataclass(frozen=True)
class LoadedEngines:
    """The ``engines``, which of them is the ``default``, the display name of the ``device`` that
    networks run on, and the ``seconds`` that loading took.
    """

    engines: tuple[EngineRow, ...]
    default: str
    device: str
    seconds: float


class FillJob(Job):
    """A fill; its result is an `InpaintResult`.

    ``part_finished(rect, pixels)`` is emitted on the UI thread for every finished part (see
    `Engine.inpaint`) until the job ends or is cancelled. ``inspected_run`` is set after success if
    the fill was inspected.
    """

    part_finished = Signal(object, object)
    _part_made = Signal(object, object)

    def __init__(self, fill: Callable[[Progress, Part], InpaintResult]) -> None:
        super().__init__(lambda progress: fill(progress, self._part_made.emit))
        self.inspected_run: InspectedRun | None = None
        self._part_made.connect(self._forward_part, Qt.ConnectionType.QueuedConnection)

    @Slot(object, object)
    def _forward_part(self, rect: Rect, pixels: Pixels) -> None:
        if not self._progress.is_cancelled:
            self.part_finished.emit(rect, pixels)


class EngineLane(Lane):
    """Runs fills one after the other. torch and numba are imported on its thread."""

    def __init__(self) -> None:
        super().__init__("engine")
        self.inspects_fills = False  # applies to fills that start from now on
        self._engine: Engine | None = None

    def warm_up(self, engine: str, device: str) -> Job:
        """Import, compile and load what the first fill with ``engine`` ("default": the default
        engine) will need. The job's result is `LoadedEngines`.
        """
        return self.start(lambda progress: self._load(engine, device, progress))

    def fill(
        self,
        request: Callable[[], InpaintRequest],
        inspect: bool = True,
        *,
        to_photo_tone: Callable[[Rect, Pixels], Pixels],
    ) -> FillJob:
        """Queue a fill. ``request`` makes the request from frozen data, on this lane's thread.

        ``inspect``: inspect the fill if `inspects_fills`; the result is the same, bit by bit.
        ``to_photo_tone(rect, pixels)`` converts the engine's numbers to the photo's.
        """
        inspects = inspect and self.inspects_fills

        def run(progress: Progress, part: Part) -> InpaintResult:
            result = inpaint(progress, lambda rect, pixels: part(rect, to_photo_tone(rect, pixels)))
            return replace(result, pixels=to_photo_tone(result.rect, result.pixels))

        def inpaint(progress: Progress, part: Part) -> InpaintResult:
            if not inspects:
                return self._get_engine().inpaint(request(), progress, part)
            from inpaint_core.inspection.capture import look_inside

            job.inspected_run = look_inside(
                request(), self._get_engine(), progress=progress, on_part=part
            )
            return job.inspected_run.result

        job = FillJob(run)
        return self.add(job)

    def inspect(
        self, request: Callable[[], InpaintRequest], taps: Sequence[str] | None = None
    ) -> Job:
        """Queue a fill only to inspect it; the result is an `InspectedRun`."""

        def run(progress: Progress) -> InspectedRun:
            from inpaint_core.inspection.capture import look_inside

            return look_inside(request(), self._get_engine(), taps, progress)

        return self.start(run)

    def find_influence(self, run: InspectedRun, x: int, y: int) -> Job:
        """Queue the search for what influenced pixel (x, y); the result is an `Influence`."""

        def ask(progress: Progress) -> Influence:
            from inpaint_core.inspection.influence import find_influence

            return find_influence(run, x, y)

        return self.start(ask)

    def measure_stability(
        self, request: Callable[[], InpaintRequest], runs: int, vary: Vary
    ) -> Job:
        """Queue several fills of the same hole to compare them; the result is a `Stability`."""

        def ask(progress: Progress) -> Stability:
            from inpaint_core.inspection.stability import measure_stability

            return measure_stability(request(), self._get_engine(), runs, vary, progress)

        return self.start(ask)

    def _get_engine(self) -> Engine:
        # Called only on this lane's thread, so there is only one engine.
        if self._engine is None:
            from inpaint_core.engine.engine import Engine

            self._engine = Engine()
        return self._engine

    def _load(self, engine: str, device: str, progress: Progress) -> LoadedEngines:
        import numpy as np

        from inpaint_core.contract.errors import InpaintError
        from inpaint_core.contract.options import FillOptions
        from inpaint_core.contract.request import InpaintRequest
        from inpaint_core.generators.registry import candidates, generators, list_imported

        start = time.perf_counter()
        specs = {**generators(), **{spec.id: spec for spec in list_imported()}}
        chosen = {spec.id for spec in candidates()}
        rows = _add_chosen_products(
            tuple(_make_row(spec, spec.id in chosen) for spec in specs.values())
        )
        progress.check()
        # A tiny fill compiles the loops of exemplar synthesis (0.3 s if they are cached on disk).
        pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        mask = np.zeros((64, 64), np.uint8)
        mask[28:36, 28:36] = 255
        self._get_engine().inpaint(
            InpaintRequest(pixels, mask, FillOptions(engine="exemplar")), progress
        )
        wanted = DEFAULT_ENGINE if engine == "default" else engine
        able = [row for row in rows if row.is_usable and specs[row.id].uses_torch]
        networks = [specs[row.id] for row in able if row.is_candidate or row.id == wanted]
        try:
            if wanted in specs and specs[wanted].choose is None:
                self._get_engine().load(wanted, device)
            elif networks:  # the engine may choose one of them
                self._get_engine().load(networks[0].id, device)
            name = _describe_device(networks[0], device) if networks else "CPU"
        except InpaintError as error:
            # A fill that needs it will report the error; this is only a warm-up.
            _log.warning("“%s” was not loaded in advance: %s", wanted, error)
            name = "CPU"
        return LoadedEngines(rows, DEFAULT_ENGINE, name, time.perf_counter() - start)


def _make_row(spec: GeneratorSpec, is_candidate: bool) -> EngineRow:
    from inpaint_core.contract.errors import WeightsUnavailable
    from inpaint_core.networks.store.entries import find_entry

    usable = True
    if spec.weights is not None:
        try:
            usable = find_entry(spec.weights).is_present
        except WeightsUnavailable:
            usable = False
    # A third-party engine has no translated texts and uses its own.
    title = t.get(f"engines.{spec.id}", spec.title)
    summary = t.get(f"engines.{spec.id}.summary", spec.summary)
    products = frozenset(spec.products)
    return EngineRow(
        spec.id,
        title,
        summary,
        usable,
        is_single=spec.choose is None,
        is_network=bool(spec.taps),
        products=products,
        is_offered=spec.choose is None and spec.textured,
        is_candidate=is_candidate,
    )


def _add_chosen_products(rows: tuple[EngineRow, ...]) -> tuple[EngineRow, ...]:
    """The rows, with those that choose an engine offering the by-products of those they may."""
    singles = [row for row in rows if row.is_usable and row.is_candidate]
    products = frozenset(name for row in singles for name in row.products)
    return tuple(row if row.is_single else replace(row, products=products) for row in rows)


def _describe_device(spec: GeneratorSpec, wanted: str) -> str:
    """The display name of the device a network would run on. Raises `DeviceUnavailable`."""
    from inpaint_core.networks import device

    name = device.resolve_device(wanted, spec).name
    if name == "cuda":
        import torch

        return f"GPU: {torch.cuda.get_device_name()}"
    return "GPU: Apple" if name == "mps" else "CPU"
