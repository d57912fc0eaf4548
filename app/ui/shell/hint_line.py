"""A quiet line below the photo: what to do next, until it has been done once."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from app.configuration.text import t
from app.session.session import Session
from app.ui.theme.shortcut_text import shown

_GAP = "   "
"""Between what came of a fill and what to do with it."""


class Hint(QLabel):
    """Says the next step of a session, and after a fill what came of it."""

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("hint")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._actions = actions
        self._words = ""

    def tell(self, session: Session | None) -> None:
        """Look at where ``session`` is."""
        self._words = "" if session is None else self.following(session)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what does not fit: a long line must not make the window wide. What to do next
        stays longer than what was.
        """
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        measure, right = self.fontMetrics(), Qt.TextElideMode.ElideRight
        room = self.contentsRect().width()
        was, gap, then = self._words.partition(_GAP)
        kept = measure.elidedText(was, right, room - measure.horizontalAdvance(gap + then))
        fitting = measure.elidedText(kept + gap + then, right, room)
        self.setText(fitting)
        self.setToolTip("" if fitting == self._words else self._words)

    def following(self, session: Session) -> str:
        """What to do next, or what to do with the fill that was made."""
        fill, stop = self._key("fill.run"), self._key("fill.cancel")
        if session.filling is not None:
            return t("window.hint.filling", stop=stop)
        if session.painted:
            return t("window.hint.painted", fill=fill, undo=self._key("edit.undo"))
        if not session.last or not _filled(session):
            return t("window.hint.paint", fill=fill)
        keys = {
            "original": self._key("view.original"),
            "variations": self._key("fill.variations"),
            "save": self._key("file.quick_export"),
        }
        return f"{session.last}{_GAP}{t('window.hint.filled', **keys)}"

    def _key(self, action: str) -> str:
        return shown(self._actions[action])


def _filled(session: Session) -> bool:
    """True where the last thing that was done changed pixels: a fill is there to be judged."""
    history = session.document.history
    done = history.entries[: history.position]
    return bool(done) and any(layer == "pixels" for layer, _ in done[-1].rects)
