"""The session: an open photo and everything that belongs to its tab, such as a running fill."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal

from app.configuration.text import t
from app.session.frozen_request import FrozenRequest
from app.session.notice import Notice
from app.session.recovery.journal_file import read_stat
from app.workers.engine_lane import FillJob
from inpaint_core.contract.file_names import is_same_file, show_name
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.document.document import Document
    from app.document.layer_tiles import LayerChange
    from app.session.variations import Attempt, Variations
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.choices import Layer
    from inpaint_core.contract.options import FillOptions
    from inpaint_core.contract.preview import FillPreview
    from inpaint_core.contract.request import InpaintResult
    from inpaint_core.photo.file_version import FileVersion
    from inpaint_core.photo.photo import Photo
    from inpaint_core.project.model import Part, Recipe


class OpenedFile(Protocol):
    """The result of reading a photo: the photo, and what the screen needs of it."""

    @property
    def path(self) -> Path | None:
        """The file; None for a pasted picture."""

    @property
    def photo(self) -> Photo:
        """The photo."""

    @property
    def picture(self) -> Any:
        """The picture that the canvas draws."""

    @property
    def profile(self) -> str:
        """The name of its colour profile."""

    @property
    def notes(self) -> tuple[Message, ...]:
        """What there is to say about the file."""


class Session(QObject):
    """An open photo. ``changed(LayerChange)`` forwards the changes of its document."""

    changed = Signal(object)

    def __init__(self, opened_file: OpenedFile, document: Document) -> None:
        super().__init__()
        self.opened_file = opened_file
        self.document = document
        self.running_fill: RunningFill | None = None
        self.variations: Variations | None = None
        self.notice: Notice | None = None  # waits for an answer
        self.fill_summary = ""  # of the last fill
        self.closes_when_saved = False
        self.is_handed_over = False  # another program waits until it is closed
        self.accepts_losses = False  # of what saving into its file would lose
        self.saved_view: Any = None  # the visible part of the photo, while another tab is shown
        self.project_path: Path | None = None  # the project it was saved to or opened from
        self.project_state: int | None = None  # of the history, that the project holds
        self.file_stat = read_stat(
            opened_file.path
        )  # of the photo's file as it was read or written
        self.file_hash: str | None = None  # of that file, computed when first needed
        # The versions of both files as they were last read or written here.
        self.photo_version: FileVersion | None = opened_file.photo.version
        self.project_version: FileVersion | None = None
        self.completed_edges: tuple[Rect, NDArray[Any]] | None = None  # by a network, in a fill
        self.pixel_revision = 0  # grows with every change of the pixels
        self._unsubscribe = document.subscribe(self._on_change)
        self._painted: tuple[int, dict[Layer, bool]] = (-1, {})  # at a revision of the document

    @property
    def name(self) -> str:
        """The title of its tab: its file's name as it can be shown."""
        path = self.document.path
        return t("window.untitled") if path is None else show_name(path.name)

    def shows(self, path: Path) -> bool:
        """Whether it is the photo in the file ``path``, by whatever name."""
        return self.document.path is not None and is_same_file(self.document.path, path)

    @property
    def has_mask(self) -> bool:
        """True if any pixel of the mask is painted."""
        return self.has_painted("mask")

    def has_painted(self, layer: Layer) -> bool:
        """True if any pixel of a layer of 8 bits, such as the protected area, is painted."""
        if self._painted[0] != self.document.revision:
            self._painted = (self.document.revision, {})
        known = self._painted[1]
        if layer not in known:
            known[layer] = self.document.has_painted(layer)
        return known[layer]

    def close(self) -> None:
        """Stop listening to the document, and free the photo when all listeners have returned."""
        self._unsubscribe()
        self.deleteLater()  # Qt keeps the listeners, and they keep the session

    def _on_change(self, change: LayerChange) -> None:
        self.pixel_revision += change.layer == "pixels"
        self.changed.emit(change)


@dataclass(frozen=True)
class TaskProgress:
    """A task in progress: its text, the ``fraction`` 0 .. 1 that is done, the estimated
    ``seconds_left`` (None: not known yet).
    """

    text: str
    fraction: float = 0.0
    seconds_left: float | None = None


_MIN_SECONDS, _MIN_FRACTION = 1.5, 0.04
_SMOOTHING = 0.2  # weight of a new estimate, so that the number does not jump


class RemainingTime:
    """Estimates the remaining time from the elapsed time and the work done, in seconds."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._end: float | None = None  # smoothed estimate

    def estimate(self, now: float, fraction: float) -> float | None:
        """Seconds left at ``now`` with ``fraction`` 0 .. 1 done, at least 0; None while it is too
        early to tell.
        """
        elapsed = now - self._start
        if elapsed < _MIN_SECONDS or fraction < _MIN_FRACTION:
            return None
        end = self._start + elapsed / min(fraction, 1.0)
        self._end = end if self._end is None else self._end + _SMOOTHING * (end - self._end)
        return max(self._end - now, 0.0)


@dataclass(eq=False)
class RunningFill:
    """A fill in progress; ``frozen_request`` is None for a variation.

    ``parts`` are finished; ``previews``, by their rectangle, show what others look like so far.
    ``variations_left``: how many variations are still wanted, this one counted; ``variation``: how
    it is made.
    ``fill_again``: afterwards, fill what was painted meanwhile. ``pending_result`` waits for the
    end of the current stroke. ``replay_rest``: the fills of a replayed project that follow this
    one; None outside a replay.
    """

    job: FillJob
    frozen_request: FrozenRequest | None
    progress: TaskProgress
    variations_left: int = 0
    variation: tuple[Attempt, FillOptions[Part]] | None = None
    fill_again: bool = False
    parts: list[tuple[Rect, Pixels]] = field(default_factory=list)
    previews: dict[Rect, FillPreview] = field(default_factory=dict)
    pending_result: InpaintResult | None = None
    replay_rest: tuple[Recipe, ...] | None = None
    began: float = field(default_factory=time.perf_counter)  # when it was asked for
    remaining_time: RemainingTime = field(default_factory=lambda: RemainingTime(time.monotonic()))
