"""The one part of the editor that knows the engine: a thread of its own, on which it also loads."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot

from app.configuration.text import t
from app.workers.jobs import Job, Lane
from inpaint_core.contract.progress import Progress

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.contract.request import InpaintRequest, InpaintResult
    from inpaint_core.contract.specs import GeneratorSpec
    from inpaint_core.engine.engine import Engine
    from inpaint_core.inspection.capture import Run
    from inpaint_core.inspection.influence import Influence
    from inpaint_core.inspection.stability import Stability, Vary

    Part = Callable[[Rect, Pixels], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineRow:
    """An engine to choose. ``single``: it fills by itself, rather than naming another one.

    ``usable`` is False where its weights are not on this machine. ``network``: it computes maps
    that can be looked at. ``products``: the by-products it may give, itself or through an engine
    that it names. ``offered``: it makes variations without having been asked for by name.
    """

    id: str
    title: str
    summary: str
    usable: bool
    single: bool
    network: bool = False
    products: frozenset[str] = frozenset()
    offered: bool = True


@dataclass(frozen=True)
class Ready:
    """What is known once the engine has been loaded: the ``engines``, which of them is the
    ``default``, and the ``device`` that networks run on, as a person calls it.
    """

    engines: tuple[EngineRow, ...]
    default: str
    device: str
    seconds: float


class FillJob(Job):
    """A fill. ``parted(rect, pixels)`` with every finished part, as `Engine.inpaint` says, on the
    UI thread and not after the job has ended or was cancelled. Its result: `InpaintResult`.
    ``inside``: what was inside it, once it has succeeded and somebody looked.
    """

    parted = Signal(object, object)
    _made = Signal(object, object)

    def __init__(self, fill: Callable[[Progress, Part], InpaintResult]) -> None:
        super().__init__(lambda progress: fill(progress, self._made.emit))
        self.inside: Run | None = None
        self._made.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    @Slot(object, object)
    def _pass_on(self, rect: Rect, pixels: Pixels) -> None:
        if not self._progress.cancelled:
            self.parted.emit(rect, pixels)


class EngineLane(Lane):
    """Runs fills one after the other. torch and numba are imported here, on its thread."""

    def __init__(self) -> None:
        super().__init__("engine")
        self.looking = False  # fills that begin while it is True are looked into
        self._engine: Engine | None = None

    def warm_up(self, engine: str, device: str) -> Job:
        """Import, compile and load what the first fill with ``engine`` ("default": the one that
        is used when none is named) will need. The job's result is `Ready`.
        """
        return self.start(lambda progress: self._warm(engine, device, progress))

    def fill(
        self,
        request: Callable[[], InpaintRequest],
        look: bool = True,
        given: Callable[[Rect, Pixels], Pixels] | None = None,
        opaque: Callable[[Rect], Pixels | None] | None = None,
    ) -> FillJob:
        """Queue a fill. ``request`` puts the request together, on this lane's thread, from what
        nobody writes to any more. ``look``: look inside where somebody is `looking`; the result is
        the same, bit by bit. ``given(rect, pixels)`` makes the photo's numbers of the engine's.
        ``opaque(rect)`` says how opaque the filled photo is, for the by-product “alpha”.
        """
        looks = look and self.looking

        def run(progress: Progress, part: Part) -> InpaintResult:
            result = filled(progress, part)
            alpha = None if opaque is None else opaque(result.rect)
            if alpha is None:
                return result
            return replace(result, products={**result.products, "alpha": alpha})

        def filled(progress: Progress, part: Part) -> InpaintResult:
            if given is None:
                return work(progress, part)
            result = work(progress, lambda rect, pixels: part(rect, given(rect, pixels)))
            return replace(result, pixels=given(result.rect, result.pixels))

        def work(progress: Progress, part: Part) -> InpaintResult:
            if not looks:
                return self._get().inpaint(request(), progress, part)
            from inpaint_core.inspection.capture import look_inside

            job.inside = look_inside(request(), self._get(), progress=progress, on_part=part)
            return job.inside.result

        job = FillJob(run)
        return self.add(job)

    def look(self, request: Callable[[], InpaintRequest], taps: Sequence[str] | None = None) -> Job:
        """Queue a fill that nobody wants to have, only what is inside: the result is a `Run`."""

        def run(progress: Progress) -> Run:
            from inpaint_core.inspection.capture import look_inside

            return look_inside(request(), self._get(), taps, progress)

        return self.start(run)

    def influence(self, run: Run, x: int, y: int) -> Job:
        """Queue the question why the filled pixel (x, y) is as it is: the result is an
        `Influence`.
        """

        def ask(progress: Progress) -> Influence:
            from inpaint_core.inspection.influence import influence

            return influence(run, x, y)

        return self.start(ask)

    def stability(self, request: Callable[[], InpaintRequest], runs: int, vary: Vary) -> Job:
        """Queue several fills of the same place, to be compared: the result is a `Stability`."""

        def ask(progress: Progress) -> Stability:
            from inpaint_core.inspection.stability import stability

            return stability(request(), self._get(), runs, vary, progress)

        return self.start(ask)

    def _get(self) -> Engine:
        # Only this lane's thread comes here, so there is only one.
        if self._engine is None:
            from inpaint_core.engine.engine import Engine

            self._engine = Engine()
        return self._engine

    def _warm(self, engine: str, device: str, progress: Progress) -> Ready:
        import numpy as np

        from inpaint_core.contract.errors import InpaintError
        from inpaint_core.contract.request import InpaintRequest
        from inpaint_core.generators.registry import generators

        start = time.perf_counter()
        default = str(InpaintRequest.__dataclass_fields__["engine"].default)
        specs = generators()
        rows = _chosen_too(tuple(_row(spec) for spec in specs.values()))
        progress.check()
        # The loops of exemplar synthesis are compiled on their first call (kept on disk, they
        # take 0.3 s to load), so a very small fill is made.
        pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        mask = np.zeros((64, 64), np.uint8)
        mask[28:36, 28:36] = 255
        self._get().inpaint(InpaintRequest(pixels, mask, engine="exemplar"), progress)
        wanted = default if engine == "default" else engine
        networks = [specs[row.id] for row in rows if row.usable and specs[row.id].uses_torch]
        try:
            if wanted in specs and specs[wanted].choose is None:
                self._get().load(wanted, device)
            elif networks:  # one of them may be what is chosen for a hole
                self._get().load(networks[0].id, device)
            name = _device(networks[0], device) if networks else "CPU"
        except InpaintError as error:
            # The fill that needs it says so to the person; this is only a start in advance.
            _log.warning("“%s” was not loaded in advance: %s", wanted, error)
            name = "CPU"
        return Ready(rows, default, name, time.perf_counter() - start)


def _row(spec: GeneratorSpec) -> EngineRow:
    from inpaint_core.contract.errors import WeightsUnavailable
    from inpaint_core.networks.store.manifest import entry

    usable = True
    if spec.weights is not None:
        try:
            usable = entry(spec.weights).present
        except WeightsUnavailable:
            usable = False
    # An engine that somebody added speaks for itself, in its own words.
    title = t.known(f"engines.{spec.id}", spec.title)
    summary = t.known(f"engines.{spec.id}.summary", spec.summary)
    products = frozenset(spec.products)
    return EngineRow(
        spec.id,
        title,
        summary,
        usable,
        single=spec.choose is None,
        network=bool(spec.taps),
        products=products,
        offered=spec.choose is None and spec.textured,
    )


def _chosen_too(rows: tuple[EngineRow, ...]) -> tuple[EngineRow, ...]:
    """The rows, where those that name another engine give what any usable one gives."""
    given = frozenset(name for row in rows if row.usable and row.single for name in row.products)
    return tuple(row if row.single else replace(row, products=given) for row in rows)


def _device(spec: GeneratorSpec, wanted: str) -> str:
    """The device that a network would run on. Raises `DeviceUnavailable`."""
    from inpaint_core.networks import device

    name = device.resolve(wanted, spec).name
    if name == "cuda":
        import torch

        return f"GPU: {torch.cuda.get_device_name()}"
    return "GPU: Apple" if name == "mps" else "CPU"
