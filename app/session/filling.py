"""Fills and their variations: from a person's wish to an edit of the document."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.frozen_request import Asked
from app.session.recipes import asking, planned
from app.session.remaining_time import Remaining
from app.session.session import Message, Session
from app.session.variations import Variations
from app.system import log
from app.workers.engine_lane import EngineLane, EngineRow, FillJob
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.request import InpaintResult
    from inpaint_core.project.model import Recipe

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """What is going on: ``fraction`` 0..1 of it is done, ``left`` seconds are (None: not known)."""

    text: str
    fraction: float = 0.0
    left: float | None = None


@dataclass(eq=False)
class Filling:
    """A fill that is under way. ``asked`` is None for a variation, ``more`` how many follow it.

    ``again``: fill once more when it is done, what was painted meanwhile. ``result`` waits until
    the stroke that is being painted ends. ``rest`` are the fills of a project that follow this
    one; None where none is being made again.
    """

    job: FillJob
    asked: Asked | None
    remaining: Remaining
    task: Task
    more: int = 0
    again: bool = False
    parts: list[tuple[Rect, Pixels]] = field(default_factory=list)
    result: InpaintResult | None = None
    rest: tuple[Recipe, ...] | None = None


class Filler(QObject):
    """Runs fills on the engine's lane, at the most one for each session.

    ``moved(session)``: its fill began, got further or ended. ``parted(session, rect, pixels)``:
    a part is finished. ``applied(session)``: a fill is in the document. ``varied(session)``: it
    has other variations. ``told(session, Message)``.
    """

    moved = Signal(object)
    parted = Signal(object, object, object)
    applied = Signal(object)
    varied = Signal(object)
    told = Signal(object, object)

    def __init__(self, lane: EngineLane, settings: Settings) -> None:
        super().__init__()
        self._lane = lane
        self._settings = settings
        self.engines: tuple[EngineRow, ...] = ()
        self.default = ""  # the engine that is used when none is named
        self.device = ""  # what the last fill ran on
        self.want: frozenset[str] = frozenset()  # by-products that somebody is looking at

    # -- filling -------------------------------------------------------------------------------

    def run(self, session: Session) -> None:
        """Fill what is painted; what is painted while a fill runs comes after it."""
        if session.document.editing:
            return  # a stroke is being painted; what it will be is not known yet
        running = session.filling
        if running is not None and running.asked is not None:
            running.again = True
            return
        if not session.painted:
            self.told.emit(session, Message(t("fill.empty"), t("fill.empty.hint"), calm=True))
            return
        self.cancel(session)  # variations wait for nobody, so nobody waits for them
        session.message = None
        asked = Asked.of(session.document, self._settings, self._given())
        job = self._lane.fill(asked.request, given=asked.given, opaque=asked.opaque)
        self._start(session, job, asked, t("fill.waiting"))

    def _given(self) -> frozenset[str]:
        """What is wanted and the engine may give."""
        engine = str(self._settings.get("fill.engine"))
        wanted = self.default if engine == "default" else engine
        row = next((row for row in self.engines if row.id == wanted), None)
        return frozenset() if row is None else self.want & row.products

    def cancel(self, session: Session) -> bool:
        """Stop at once; False when there was nothing to stop. The document is as it was."""
        filling = session.filling
        if filling is None:
            return False
        filling.job.cancel()
        self._end(session)
        return True

    def _start(
        self,
        session: Session,
        job: FillJob,
        asked: Asked | None,
        text: str,
        more: int = 0,
        rest: tuple[Recipe, ...] | None = None,
    ) -> None:
        filling = Filling(job, asked, Remaining(time.monotonic()), Task(text), more, rest=rest)
        session.filling = filling
        job.progressed.connect(partial(self._on_progress, session, filling))
        job.parted.connect(partial(self._on_part, session, filling))
        job.succeeded.connect(partial(self._on_result, session, filling))
        job.failed.connect(partial(self._on_failed, session, filling))
        self.moved.emit(session)

    def _end(self, session: Session) -> None:
        session.filling = None
        self.moved.emit(session)

    # What a fill still has to say that was stopped meanwhile is not heard.

    def _on_progress(self, session: Session, filling: Filling, fraction: float, text: str) -> None:
        if session.filling is filling:
            left = filling.remaining.at(time.monotonic(), fraction)
            filling.task = Task(t.said(text), fraction, left)
            self.moved.emit(session)

    def _on_part(self, session: Session, filling: Filling, rect: Rect, pixels: Pixels) -> None:
        if session.filling is filling and filling.asked is not None:
            filling.parts.append((rect, pixels))
            self.parted.emit(session, rect, pixels)

    def _on_failed(self, session: Session, filling: Filling, error: Exception) -> None:
        if session.filling is not filling:
            return
        self._end(session)
        self.told.emit(session, failure(error, "fill.mistake"))
        if filling.asked is None and session.variations is not None:
            self._vary(session, session.variations, filling.more)  # another engine may do better

    def _on_result(self, session: Session, filling: Filling, result: InpaintResult) -> None:
        if session.filling is not filling:
            return
        if session.document.editing:
            filling.result = result  # `settle` goes on when the stroke has ended
            return
        self._end(session)
        self.device = result.device
        if filling.asked is None:
            self._on_variation(session, filling, result)
        elif filling.rest is not None:
            self._on_replayed(session, filling, filling.asked, filling.rest, result)
        elif filling.asked.stale(session.document, result.rect):
            self._offer(session, filling.asked, result)
        else:
            recipe = planned(filling.asked).made(result)
            session.document.apply_fill(
                result.rect, result.pixels, recipe=recipe, alpha=result.products.get("alpha")
            )
            self._after(session, filling.asked, result)
            if filling.again and session.painted:
                self.run(session)

    def settle(self, session: Session) -> None:
        """A stroke has ended: go on with a result that came meanwhile."""
        filling = session.filling
        if filling is not None and filling.result is not None:
            # Later, as the document is still telling everybody that the stroke has ended.
            QTimer.singleShot(0, partial(self._settled, session, filling))

    def _settled(self, session: Session, filling: Filling) -> None:
        if session.filling is filling and filling.result is not None:
            self._on_result(session, filling, filling.result)

    def _after(self, session: Session, asked: Asked, result: InpaintResult) -> None:
        seconds = sum(result.timings.values())
        title = next((row.title for row in self.engines if row.id == result.engine), result.engine)
        done = t("fill.done", seconds=f"{seconds:.1f}", engine=title)
        session.last = " ".join((done, *map(t.said, result.notes)))
        session.variations = Variations.of(asked, result)
        self.applied.emit(session)
        session.completed = None
        if "edges" in result.products:
            session.completed = (result.rect, result.products["edges"])
        self.varied.emit(session)

    # -- the fills of a project ------------------------------------------------------------------

    def replay(self, session: Session, recipes: tuple[Recipe, ...]) -> bool:
        """Make fills again that were made on another photo of this size, one after the other.

        False while another fill or a stroke is under way; variations are stopped for it.
        """
        running = session.filling
        if session.document.editing or (running is not None and running.asked is not None):
            return False
        self.cancel(session)
        device = str(self._settings.get("fill.device"))
        asked = asking(recipes[0], session.document, device)
        text = t("project.replaying", left=len(recipes))
        job = self._lane.fill(asked.request, given=asked.given, opaque=asked.opaque)
        self._start(session, job, asked, text, rest=recipes[1:])
        return True

    def _on_replayed(
        self,
        session: Session,
        filling: Filling,
        asked: Asked,
        rest: tuple[Recipe, ...],
        result: InpaintResult,
    ) -> None:
        self._put(session, asked, result)
        self._after(session, asked, result)
        if rest:
            self.replay(session, rest)
            if session.filling is not None:
                session.filling.again = filling.again
            return
        self.told.emit(session, Message(t("project.replayed"), calm=True))
        if filling.again and session.painted:
            self.run(session)

    def _put(self, session: Session, asked: Asked, result: InpaintResult) -> None:
        """Only what the fill changed, as the document is no longer what it was asked for."""
        document = session.document
        document.apply_fill(
            result.rect,
            asked.merged(document, result),
            filled=asked.mask_in(Rect.whole(document.shape)),
            recipe=planned(asked).made(result),
            alpha=asked.merged_alpha(document, result),
        )

    # -- a fill of what is no longer there -------------------------------------------------------

    def _offer(self, session: Session, asked: Asked, result: InpaintResult) -> None:
        """Never applied in silence: the person says whether it is still wanted."""
        choices = (
            (t("fill.again"), partial(self.run, session)),
            (t("fill.anyway"), partial(self._apply_stale, session, asked, result)),
        )
        self.told.emit(session, Message(t("fill.stale"), t("fill.stale.hint"), choices))

    def _apply_stale(self, session: Session, asked: Asked, result: InpaintResult) -> None:
        document = session.document
        if document.editing:
            return
        session.message = None
        self._put(session, asked, result)
        session.last = t("fill.done.stale")
        self.applied.emit(session)

    # -- variations ------------------------------------------------------------------------------

    def vary(self, session: Session, count: int) -> None:
        """Fill the place of the last fill ``count`` more times in other ways, one by one."""
        variations = session.variations
        if variations is None:
            self.told.emit(session, Message(t("fill.nothing"), t("fill.nothing.hint"), calm=True))
            return
        if session.filling is not None or session.document.editing:
            return
        self._vary(session, variations, count)

    def _vary(self, session: Session, variations: Variations, count: int) -> None:
        coming = variations.next(self.engines)
        if coming is None or count < 1:
            return
        asked = variations.asking(session.document, *coming)
        job = self._lane.fill(asked.request, look=False, given=asked.given)
        self._start(session, job, None, t("fill.variation"), count - 1)

    def _on_variation(self, session: Session, filling: Filling, result: InpaintResult) -> None:
        variations = session.variations
        if variations is None:
            return
        if not variations.add(result):
            session.last = t("fill.same")
        self.varied.emit(session)
        self._vary(session, variations, filling.more)

    def choose(self, session: Session, index: int) -> None:
        """Put a variation into the document, as an edit that can be undone."""
        variations, document = session.variations, session.document
        if variations is None or document.editing or variations.chosen(document) == index:
            return
        pixels, recipe = variations.takes[index].pixels, variations.takes[index].recipe
        number: dict[str, Any] = {"number": index + 1}
        if variations.chosen(document) is not None:
            document.apply_fill(
                variations.rect,
                pixels,
                "history.variation",
                clear=None,
                values=number,
                recipe=recipe,
            )
        elif variations.undone(document):
            document.apply_fill(
                variations.rect,
                pixels,
                "history.variation",
                filled=variations.whole_mask(document),
                values=number,
                recipe=recipe,
                alpha=variations.alpha,
            )
        else:
            self.told.emit(session, Message(t("fill.moved"), t("fill.moved.hint")))
        self.varied.emit(session)


def failure(error: Exception, mistake: str) -> Message:
    """What to tell of an error; one that nobody foresaw is written to the log."""
    if isinstance(error, InpaintError):
        return Message.of(error)
    _log.error("a job failed", exc_info=error)
    return Message(t(mistake), t("fill.mistake.hint", path=log.path()))
