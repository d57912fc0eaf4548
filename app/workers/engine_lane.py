"""The engine lane: the thread on which the editor loads and runs the engine."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot

from app.configuration.text import t
from app.workers.device_name import describe_device, list_graphics_cards
from app.workers.freed_memory import return_freed_memory
from app.workers.jobs import Job, Lane
from inpaint_core.contract.choices import DEFAULT_ENGINE
from inpaint_core.contract.progress import Progress
from inpaint_core.local.compiled_record import is_all_compiled
from inpaint_core.local.optional_libraries import has_torch

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.contract.preview import FillPreview, OnPreview
    from inpaint_core.contract.request import InpaintRequest, InpaintResult
    from inpaint_core.contract.specs import GeneratorSpec
    from inpaint_core.engine.engine import Engine
    from inpaint_core.first_run.compile_process import CompileProcess
    from inpaint_core.inspection.capture import InspectedRun
    from inpaint_core.inspection.influence import Influence
    from inpaint_core.inspection.stability import Stability, Vary
    from inpaint_core.networks.store.manifest import WeightsEntry

    Part = Callable[[Rect, Pixels], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineRow:
    """An engine in the list of choices.

    ``is_usable``: its weights and torch, if it needs any, are on this machine; ``lacks_torch``:
    torch is not. ``is_single``: it fills by itself instead of choosing another engine.
    ``is_network``: it computes maps that can be inspected.
    ``is_candidate``: an engine that chooses may choose it.
    ``products``: the by-products that it, or an engine it chooses, offers. ``is_offered``: it is
    used for variations. ``source``: the name of the file that its weights were imported from.
    ``takes_semantic``: it needs a semantic map.
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
    source: str = ""
    takes_semantic: bool = False
    lacks_torch: bool = False


@dataclass(frozen=True)
class LoadedEngines:
    """The ``engines``, which of them is the ``default``, and the ``seconds`` that loading took."""

    engines: tuple[EngineRow, ...]
    default: str
    seconds: float


class FillJob(Job):
    """A fill; its result is an `InpaintResult`.

    ``part_finished(rect, pixels)`` is emitted on the UI thread for every finished part (see
    `Engine.inpaint`) until the job ends or is cancelled, and so is ``preview_made(preview)`` for
    every preview. ``inspected_run`` is set after success if the fill was inspected.
    """

    part_finished = Signal(object, object)
    preview_made = Signal(object)
    _part_made = Signal(object, object)
    _preview_ready = Signal(object)

    def __init__(self, fill: Callable[[Progress, Part, OnPreview], InpaintResult]) -> None:
        super().__init__(
            lambda progress: fill(progress, self._part_made.emit, self._preview_ready.emit)
        )
        self.inspected_run: InspectedRun | None = None
        self._part_made.connect(self._forward_part, Qt.ConnectionType.QueuedConnection)
        self._preview_ready.connect(self._forward_preview, Qt.ConnectionType.QueuedConnection)

    @Slot(object, object)
    def _forward_part(self, rect: Rect, pixels: Pixels) -> None:
        if not self._progress.is_cancelled:
            self.part_finished.emit(rect, pixels)

    @Slot(object)
    def _forward_preview(self, preview: FillPreview) -> None:
        if not self._progress.is_cancelled:
            self.preview_made.emit(preview)


class EngineLane(Lane):
    """Runs fills one after the other. numba is imported on its thread.

    The first time that the program runs, a process compiles what fills need; the lane waits for it.
    """

    def __init__(self) -> None:
        super().__init__("engine")
        self.inspects_fills = False  # applies to fills that start from now on
        self.is_first_time = False  # while fills wait for what is being compiled
        self._engine: Engine | None = None
        self._compiling: CompileProcess | None = None
        self._networks = Lane("networks")
        self._is_closing = False

    def warm_up(self, engine: str, device: str) -> Job:
        """Import, compile and load what the first fill with ``engine`` ("default": the default
        engine) will need; torch only where every fill needs it. The job's result is
        `LoadedEngines`.
        """
        return self.start(lambda progress: self._load(engine, device, progress))

    def import_torch(self, device: str) -> Job:
        """Import torch beside this lane, so that fills without a network need not wait for it. The
        job's result is the display name of the device that networks run on; it fails with
        `DeviceUnavailable` where there is no such device.
        """
        return self._networks.start(lambda progress: _find_device(device))

    def list_graphics_cards(self) -> Job:
        """List the graphics cards, beside this lane; the job's result is that of
        `list_graphics_cards`.
        """
        return self._networks.start(lambda progress: list_graphics_cards())

    def warm_up_networks(self, engine: str, device: str) -> Job:
        """Load the networks of ``engine`` ("default": the default engine) on a device and run each
        once; what other devices hold is freed.
        """
        return self.start(lambda progress: self._warm_up_networks(engine, device, progress))

    def list_engines(self) -> Job:
        """List the engines anew, beside this lane; the job's result is a tuple of `EngineRow`."""
        return self._networks.start(lambda progress: _list_rows())

    def compile_exports(self, progress: Progress) -> None:
        """Have what exports run compiled, and load it; on any thread but the lane's."""
        from inpaint_core.first_run.compile_ahead import compile_exports

        if self._compiling is not None:
            self._compiling.wait(progress)
        if not self._is_closing:
            compile_exports()

    def close(self) -> None:
        """End the process that compiles too."""
        self._is_closing = True
        self._networks.close()
        super().close()
        if self._compiling is not None:
            self._compiling.stop()

    def fill(
        self,
        request: Callable[[], InpaintRequest],
        inspect: bool = True,
        *,
        to_photo_tone: Callable[[Rect, Pixels], Pixels],
        preview_to_photo_tone: Callable[[FillPreview], FillPreview] | None = None,
    ) -> FillJob:
        """Queue a fill. ``request`` makes the request from frozen data, on this lane's thread.

        ``inspect``: inspect the fill if `inspects_fills`; the result is the same, bit by bit.
        ``to_photo_tone(rect, pixels)`` converts the engine's numbers to the photo's, and
        ``preview_to_photo_tone`` those of a preview; without it no previews are made.
        """
        inspects = inspect and self.inspects_fills

        def run(progress: Progress, part: Part, on_preview: OnPreview) -> InpaintResult:
            try:
                result = inpaint(
                    progress,
                    lambda rect, pixels: part(rect, to_photo_tone(rect, pixels)),
                    None
                    if preview_to_photo_tone is None
                    else lambda preview: on_preview(preview_to_photo_tone(preview)),
                )
            finally:
                return_freed_memory()
            return replace(result, pixels=to_photo_tone(result.rect, result.pixels))

        def inpaint(progress: Progress, part: Part, on_preview: OnPreview | None) -> InpaintResult:
            self._compile_fills(progress)
            if not inspects:
                return self._get_engine().inpaint(request(), progress, part, on_preview=on_preview)
            from inpaint_core.inspection.capture import look_inside

            job.inspected_run = look_inside(
                request(),
                self._get_engine(),
                progress=progress,
                on_part=part,
                on_preview=on_preview,
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

    def run_with_engine(self, work: Callable[[Engine, Progress], object]) -> Job:
        """Queue other work that needs the engine; its result is the job's."""

        def run(progress: Progress) -> object:
            self._compile_fills(progress)
            try:
                return work(self._get_engine(), progress)
            finally:
                return_freed_memory()

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

    def _compile_fills(self, progress: Progress) -> None:
        """Wait until what fills run is compiled. Raises `Cancelled`."""
        if self._compiling is None and is_all_compiled():
            return
        self.is_first_time = True
        try:
            if self._compiling is None:
                from inpaint_core.first_run.compile_process import CompileProcess

                self._compiling = CompileProcess(in_background=True)
            self._compiling.wait_for_fills(progress)
        except OSError as error:
            _log.warning("nothing is compiled in advance: %s", error)
        finally:
            self.is_first_time = False

    def _load(self, engine: str, device: str, progress: Progress) -> LoadedEngines:
        from inpaint_core.contract.errors import InpaintError
        from inpaint_core.first_run.compile_ahead import compile_fills

        start = time.perf_counter()
        rows = _list_rows()
        progress.check()
        self._compile_fills(progress)
        compile_fills(progress)
        wanted = DEFAULT_ENGINE if engine == "default" else engine
        try:
            if any(row.id == wanted for row in rows):
                self._get_engine().load(wanted, device)
        except InpaintError as error:
            # A fill that needs it will report the error; this is only a warm-up.
            _log.warning("“%s” was not loaded in advance: %s", wanted, error)
        return LoadedEngines(rows, DEFAULT_ENGINE, time.perf_counter() - start)

    def _warm_up_networks(self, engine: str, device: str, progress: Progress) -> None:
        from inpaint_core.contract.errors import InpaintError

        try:
            wanted = DEFAULT_ENGINE if engine == "default" else engine
            self._get_engine().warm_up(wanted, device, progress)
        except InpaintError as error:
            # A fill that needs it will report the error; this is only a warm-up.
            _log.warning("“%s” was not warmed up on “%s”: %s", engine, device, error)


def _list_rows() -> tuple[EngineRow, ...]:
    """Every engine, with one for each set of imported weights that none uses by itself."""
    from inpaint_core.generators.registry import candidates, generators, list_imported

    specs = {**generators(), **{spec.id: spec for spec in list_imported()}}
    chosen = {spec.id for spec in candidates()}
    return _add_chosen_products(
        tuple(_make_row(spec, spec.id in chosen) for spec in specs.values())
    )


def _find_weights(spec: GeneratorSpec) -> WeightsEntry | None:
    """The entry of its weights; None where it needs or has none."""
    from inpaint_core.contract.errors import WeightsUnavailable
    from inpaint_core.networks.store.entries import find_entry

    try:
        return None if spec.weights is None else find_entry(spec.weights)
    except WeightsUnavailable:
        return None


def _is_usable(spec: GeneratorSpec) -> bool:
    """Whether its weights and torch, if it needs any, are on this machine."""
    entry = _find_weights(spec)
    is_complete = spec.weights is None or (entry is not None and entry.is_present)
    return is_complete and not _lacks_torch(spec)


def _lacks_torch(spec: GeneratorSpec) -> bool:
    """Whether it runs a network itself and torch is not installed."""
    return spec.uses_torch and spec.choose is None and not has_torch()


def _make_row(spec: GeneratorSpec, is_candidate: bool) -> EngineRow:
    # A third-party engine has no translated texts and uses its own.
    family, _, name = spec.id.partition(":")
    title = t.get(f"engines.{family}", "")
    summary = t.get(f"engines.{family}.summary", spec.summary)
    products = frozenset(spec.products)
    entry = _find_weights(spec)
    return EngineRow(
        spec.id,
        (f"{title}: {name}" if name else title) if title else spec.title,
        summary,
        _is_usable(spec),
        is_single=spec.choose is None,
        is_network=bool(spec.taps),
        products=products,
        is_offered=spec.choose is None and spec.textured and not spec.takes_semantic,
        is_candidate=is_candidate,
        source="" if entry is None else entry.source,
        takes_semantic=spec.takes_semantic,
        lacks_torch=_lacks_torch(spec),
    )


def _add_chosen_products(rows: tuple[EngineRow, ...]) -> tuple[EngineRow, ...]:
    """The rows, with those that choose an engine offering the by-products of those they may."""
    singles = [row for row in rows if row.is_usable and row.is_candidate]
    products = frozenset(name for row in singles for name in row.products)
    return tuple(row if row.is_single else replace(row, products=products) for row in rows)


def _find_device(wanted: str) -> str:
    """The display name of the device that a network would run on; "CPU" where there is none.
    Imports torch. Raises `DeviceUnavailable`.
    """
    import torch  # noqa: F401  networks will need it

    from inpaint_core.generators.registry import generators
    from inpaint_core.networks.device import resolve_device

    network = next((s for s in generators().values() if s.uses_torch and _is_usable(s)), None)
    return describe_device("cpu" if network is None else resolve_device(wanted, network).name)
