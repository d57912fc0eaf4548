"""One photo that is open, with everything that goes on with it: what a tab stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal

from app.configuration.text import t
from app.session.journal import stat_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.document.change import Change
    from app.document.document import Document
    from app.session.filling import Filling
    from app.session.variations import Variations
    from inpaint_core.contract.errors import InpaintError
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.photo.photo import Photo


class Opened(Protocol):
    """What reading a photo gives: the photo, and what the screen needs of it."""

    @property
    def path(self) -> Path | None:
        """Where it is from; None for a pasted picture."""

    @property
    def photo(self) -> Photo:
        """The photo."""

    @property
    def picture(self) -> Any:
        """What the canvas draws."""

    @property
    def profile(self) -> str:
        """The name of its colour profile."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for a person."""


@dataclass(frozen=True)
class Message:
    """One sentence and one hint for a person, and what can be done about it: pairs of words and
    what they do. ``calm``: nothing is wrong.
    """

    text: str
    hint: str = ""
    choices: tuple[tuple[str, Callable[[], None]], ...] = ()
    calm: bool = False

    @classmethod
    def of(cls, error: InpaintError) -> Message:
        """What to tell of an error, in the chosen language."""
        return cls(t.said(error.message), t.said(error.hint))


class Session(QObject):
    """An open photo. ``changed(Change)`` passes on what its document tells."""

    changed = Signal(object)

    def __init__(self, opened: Opened, document: Document) -> None:
        super().__init__()
        self.opened = opened
        self.document = document
        self.filling: Filling | None = None
        self.variations: Variations | None = None
        self.message: Message | None = None  # waits to be answered
        self.last = ""  # what the last fill has to tell
        self.closes = False  # as soon as it is saved
        self.place: Any = None  # what of the photo is in sight
        self.project: Path | None = None  # where it was saved as a project or opened from
        self.stat = stat_of(opened.path)  # what was opened is the file as it was then
        self.digest: str | None = None  # of that file, once somebody needed it
        self.completed: tuple[Rect, NDArray[Any]] | None = None  # edges that a network completed
        self.drawn = 0  # counts up whenever the pixels change
        self._unsubscribe = document.subscribe(self._hear)
        self._painted: tuple[int, bool] = (-1, False)

    @property
    def name(self) -> str:
        """As the tab shows it."""
        path = self.document.path
        return t("window.untitled") if path is None else path.name

    @property
    def painted(self) -> bool:
        """True when something is in the mask."""
        if self._painted[0] != self.document.revision:
            self._painted = (self.document.revision, bool(self.document.mask.any()))
        return self._painted[1]

    def leave(self) -> None:
        """It was closed: listen no more, and let go of the photo when all have heard of it."""
        self._unsubscribe()
        self.deleteLater()  # Qt keeps those who listen, and they keep the session

    def _hear(self, change: Change) -> None:
        self.drawn += change.layer == "pixels"
        self.changed.emit(change)
