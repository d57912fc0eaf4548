"""Runs fills, variations and replays, and applies their results to documents."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, QTimer, Signal

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.engine_list import EngineList
from app.session.frozen_request import FrozenRequest, WorkingCopy
from app.session.notice import Notice, describe_failure
from app.session.session import RunningFill, Session, TaskProgress
from app.session.variations import Variations, describe_attempt
from app.session.weights.weights_use import note_use
from app.workers.device_name import describe_device
from app.workers.engine_lane import EngineLane
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.preview import FillPreview
    from inpaint_core.contract.request import InpaintRequest, InpaintResult
    from inpaint_core.project.model import Recipe


class Filler(QObject):
    """Runs fills on the engine lane, at most one per session.

    ``fill_progressed(session)``: its fill started, advanced or ended. ``part_finished(session,
    rect, pixels)``: a part of the result is available. ``preview_made(session, preview)``: holes
    can be shown as they look so far. ``fill_applied(session)``: a fill was written to the document.
    ``variations_changed(session)``. ``notice_posted(session, Notice)``.
    """

    fill_progressed = Signal(object)
    part_finished = Signal(object, object, object)
    preview_made = Signal(object, object)
    fill_applied = Signal(object)
    variations_changed = Signal(object)
    notice_posted = Signal(object, object)

    def __init__(self, lane: EngineLane, settings: Settings, engines: EngineList) -> None:
        super().__init__()
        self._lane = lane
        self._settings = settings
        self._engines = engines
        self._copy = WorkingCopy()
        self.last_device = ""  # the name of the one that the last fill ran on
        self.wanted_products: frozenset[str] = frozenset()  # by-products that are shown

    # -- fills -----------------------------------------------------------------------------------

    def run(self, session: Session) -> None:
        """Fill the mask; what is painted while a fill runs is filled after it."""
        if session.document.is_editing:
            return  # an unfinished stroke is not filled
        running = session.running_fill
        if running is not None and running.frozen_request is not None:
            running.fill_again = True
            return
        if not session.has_mask:
            self.notice_posted.emit(
                session, Notice(t("fill.empty"), t("fill.empty.hint"), is_calm=True)
            )
            return
        row, has_semantic = self._engines.find(), session.document.has_semantic
        takes_semantic = has_semantic if row is None else row.takes_semantic
        if takes_semantic and not has_semantic:
            lacks = Notice(t("fill.needs_semantic"), t("fill.needs_semantic.hint"), is_calm=True)
            self.notice_posted.emit(session, lacks)
            return
        self.cancel(session)  # a fill replaces running variations
        session.notice, began = None, time.perf_counter()
        products = frozenset() if row is None else self.wanted_products & row.products
        frozen = FrozenRequest.of(
            session.document, self._settings, products, takes_semantic=takes_semantic
        )
        waiting = "engine.first_time" if self._lane.is_first_time else "fill.waiting"
        self._start_fill(session, frozen, t(waiting), began=began)

    def cancel(self, session: Session) -> bool:
        """Stop the fill without changing the document. Returns False if none was running."""
        fill = session.running_fill
        if fill is None:
            return False
        fill.job.cancel()
        self._clear_running(session)
        return True

    def _start_fill(
        self,
        session: Session,
        frozen: FrozenRequest,
        text: str,
        replay_rest: tuple[Recipe, ...] | None = None,
        began: float | None = None,
    ) -> None:
        job = self._lane.fill(
            self._requester(frozen),
            to_photo_tone=frozen.to_photo_tone,
            preview_to_photo_tone=frozen.preview_to_photo_tone,
        )
        fill = RunningFill(job, frozen, TaskProgress(text), replay_rest=replay_rest)
        fill.began = fill.began if began is None else began
        self._track(session, fill)

    def _requester(self, frozen: FrozenRequest) -> Callable[[], InpaintRequest]:
        """What makes the request; a fill that is inspected keeps the request, and so its pixels."""
        return frozen.request if self._lane.inspects_fills else partial(frozen.request, self._copy)

    def _track(self, session: Session, fill: RunningFill) -> None:
        session.running_fill, job = fill, fill.job
        job.progressed.connect(partial(self._forward, session, fill, self._on_progress))
        job.part_finished.connect(partial(self._forward, session, fill, self._on_part))
        job.preview_made.connect(partial(self._forward, session, fill, self._on_preview))
        job.succeeded.connect(partial(self._forward, session, fill, self._on_result))
        job.failed.connect(partial(self._forward, session, fill, self._on_failed))
        self.fill_progressed.emit(session)

    def _forward(
        self, session: Session, fill: RunningFill, handler: Callable[..., None], *values: object
    ) -> None:
        if session.running_fill is fill:  # else it was stopped meanwhile
            handler(session, fill, *values)

    def _clear_running(self, session: Session) -> None:
        session.running_fill = None
        self.fill_progressed.emit(session)

    def _on_progress(
        self, session: Session, fill: RunningFill, fraction: float, text: Message | None
    ) -> None:
        left = fill.remaining_time.estimate(time.monotonic(), fraction)
        words = fill.progress.text if text is None else t.message(text)
        fill.progress = TaskProgress(words, fraction, left)
        self.fill_progressed.emit(session)

    def _on_part(self, session: Session, fill: RunningFill, rect: Rect, pixels: Pixels) -> None:
        if fill.frozen_request is not None:
            fill.parts.append((rect, pixels))
            self.part_finished.emit(session, rect, pixels)

    def _on_preview(self, session: Session, fill: RunningFill, preview: FillPreview) -> None:
        fill.previews[preview.rect] = preview
        self.preview_made.emit(session, preview)

    def _on_failed(self, session: Session, fill: RunningFill, error: Exception) -> None:
        self._clear_running(session)
        self.notice_posted.emit(session, describe_failure(error, "fill.mistake"))
        if fill.frozen_request is None and session.variations is not None:
            # Another engine may succeed.
            self._fill_next_variation(session, session.variations, fill.variations_left - 1)

    def _on_result(self, session: Session, fill: RunningFill, result: InpaintResult) -> None:
        if session.document.is_editing:
            fill.pending_result = result  # applied by `resume` after the stroke
            return
        self._clear_running(session)
        self.last_device = describe_device(result.device)
        if result.weights_sha256 is not None:
            note_use(self._settings.store, result.weights_sha256)
        if fill.frozen_request is None:
            self._on_variation(session, fill, result)
        elif fill.replay_rest is not None:
            self._on_replayed(session, fill, fill.frozen_request, fill.replay_rest, result)
        elif fill.frozen_request.is_stale(session.document, result.rect):
            self._ask_about_stale(session, fill.frozen_request, result)
        else:
            recipe = fill.frozen_request.recipe.with_outcome(result)
            session.document.apply_fill(
                result.rect, result.pixels, recipe=recipe, alpha=result.alpha
            )
            self._finish(session, fill.frozen_request, result)
            if fill.fill_again and session.has_mask:
                self.run(session)

    def resume(self, session: Session) -> None:
        """After a stroke: go on with a result that arrived during it."""
        fill = session.running_fill
        if fill is not None and fill.pending_result is not None:
            # Deferred, as the document is still notifying its listeners of the stroke's end.
            go_on = partial(self._forward, session, fill, self._on_result, fill.pending_result)
            QTimer.singleShot(0, go_on)

    def _finish(self, session: Session, frozen: FrozenRequest, result: InpaintResult) -> None:
        seconds = sum(result.timings.values())
        title = next(
            (row.title for row in self._engines.rows if row.id == result.engine), result.engine
        )
        done = t("fill.done", seconds=QLocale().toString(seconds, "f", 1), engine=title)
        # The status line names the device, so that there was no GPU need not be told each time.
        notes = [note for note in result.notes if note.key != "engine.no_gpu"]
        session.fill_summary = " ".join((done, *map(t.message, (*notes, *result.warnings))))
        if result.warnings:  # the summary's line may have no room for them
            first, *rest = map(t.message, result.warnings)
            self.notice_posted.emit(session, Notice(first, " ".join(rest), is_calm=True))
        session.variations = Variations.of(frozen, result)
        self.fill_applied.emit(session)
        session.completed_edges = None
        if "edges" in result.products:
            session.completed_edges = (result.rect, result.products["edges"])
        self.variations_changed.emit(session)

    # -- the fills of a project ------------------------------------------------------------------

    def replay(self, session: Session, recipes: tuple[Recipe, ...]) -> bool:
        """Repeat fills of another photo of the same size, one after the other.

        Returns False while another fill or a stroke is in progress; variations are stopped.
        """
        running = session.running_fill
        if session.document.is_editing or (
            running is not None and running.frozen_request is not None
        ):
            return False
        self.cancel(session)
        device = str(self._settings.get("fill.device"))
        frozen = FrozenRequest.for_replay(recipes[0], session.document, device)
        text = t("project.replaying", left=len(recipes))
        self._start_fill(session, frozen, text, replay_rest=recipes[1:])
        return True

    def _on_replayed(
        self,
        session: Session,
        fill: RunningFill,
        frozen: FrozenRequest,
        replay_rest: tuple[Recipe, ...],
        result: InpaintResult,
    ) -> None:
        self._apply_merged(session, frozen, result)
        self._finish(session, frozen, result)
        if replay_rest:
            self.replay(session, replay_rest)
            if session.running_fill is not None:
                session.running_fill.fill_again = fill.fill_again
            return
        self.notice_posted.emit(session, Notice(t("project.replayed"), is_calm=True))
        if fill.fill_again and session.has_mask:
            self.run(session)

    def _apply_merged(self, session: Session, frozen: FrozenRequest, result: InpaintResult) -> None:
        """Apply only the pixels that the fill changed, as the document has changed since."""
        document = session.document
        document.apply_fill(
            result.rect,
            frozen.merge_pixels(document, result),
            filled=frozen.mask.spread(document.shape),
            recipe=frozen.recipe.with_outcome(result),
            alpha=frozen.merge_alpha(document, result),
        )

    # -- fills of a document that has changed since ----------------------------------------------

    def _ask_about_stale(
        self, session: Session, frozen: FrozenRequest, result: InpaintResult
    ) -> None:
        """Ask whether a fill of an older state is still wanted; it is never applied silently."""
        choices = (
            (t("fill.again"), partial(self.run, session)),
            (t("fill.anyway"), partial(self._apply_stale, session, frozen, result)),
        )
        self.notice_posted.emit(session, Notice(t("fill.stale"), t("fill.stale.hint"), choices))

    def _apply_stale(self, session: Session, frozen: FrozenRequest, result: InpaintResult) -> None:
        document = session.document
        if document.is_editing:
            return
        session.notice = None
        self._apply_merged(session, frozen, result)
        session.fill_summary = t("fill.done.stale")
        self.fill_applied.emit(session)

    # -- variations ------------------------------------------------------------------------------

    def make_variations(self, session: Session, count: int) -> None:
        """Find ``count`` more fills for the hole of the last fill, each of which differs."""
        variations = session.variations
        if variations is None:
            self.notice_posted.emit(
                session, Notice(t("fill.nothing"), t("fill.nothing.hint"), is_calm=True)
            )
            return
        if session.running_fill is not None or session.document.is_editing:
            return
        self._fill_next_variation(session, variations, count)

    def _fill_next_variation(self, session: Session, variations: Variations, count: int) -> None:
        if count == 0:
            return
        attempt = variations.next(self._engines.rows)
        if attempt is None:
            notice = Notice(t("fill.no_others"), t("fill.no_others.hint"), is_calm=True)
            self.notice_posted.emit(session, notice)
            return
        frozen = variations.freeze_request(session.document, attempt)
        job = self._lane.fill(frozen.request, inspect=False, to_photo_tone=frozen.to_photo_tone)
        word = describe_attempt(attempt, self._engines.rows, len(variations.fills) + 1)
        progress = TaskProgress(t("fill.variation", kind=word))
        variation = (attempt, frozen.options)
        self._track(session, RunningFill(job, None, progress, count, variation=variation))

    def _on_variation(self, session: Session, fill: RunningFill, result: InpaintResult) -> None:
        variations = session.variations
        if variations is None or fill.variation is None:
            return
        is_new = variations.add(result, *fill.variation)
        if not is_new:
            session.fill_summary = t("fill.same")
        self.variations_changed.emit(session)
        self._fill_next_variation(session, variations, fill.variations_left - is_new)

    def choose_variation(self, session: Session, index: int) -> None:
        """Apply a variation to the document as an edit."""
        variations, document = session.variations, session.document
        if variations is None or document.is_editing or variations.find_shown(document) == index:
            return
        variation = variations.fills[index]
        pixels, alpha = variations.show(document, variation)
        apply = partial(
            document.apply_fill,
            variations.rect,
            pixels,
            "history.variation",
            values={"number": index + 1},
            recipe=variation.recipe,
            alpha=alpha,
        )
        if variations.find_shown(document) is not None or variations.is_faded(document):
            apply(clear=None, keep_restored=True)
        elif variations.is_undone(document):
            apply(filled=variations.mask.spread(document.shape))
        else:
            self.notice_posted.emit(session, Notice(t("fill.moved"), t("fill.moved.hint")))
        self.variations_changed.emit(session)
