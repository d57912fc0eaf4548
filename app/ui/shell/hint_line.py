"""The line below the photo that says what to do next, and what the last fill did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from app.configuration.actions import ACTIONS
from app.configuration.text import t
from app.session.session import Session
from app.ui.widgets.commands import shortcut_text

_GAP = "   "
"""Between the outcome of a fill and what to do with it."""

_SENTENCE = re.compile(r".+?(?:[.!?](?=\s|$)|[。！？]|$)\s*")
"""A sentence of an outcome, in all languages."""

_RETOUCHING = ("restore", "clone", "heal", "patch")
"""The tools that change the photo whether there is a mask or not."""

_GUIDING = ("protect", "source")
"""The tools that paint something else than what is filled."""

_FINDING = ("snap", "wires", "spots", "text", "shadow")
"""The tools that find what is filled."""


class HintLine(QLabel):
    """Shows the next step for the current photo, and the outcome of its last fill.

    ``outcome_asked(text)``: an outcome that was cut short was clicked, to be read in full.
    """

    outcome_asked = Signal(str)

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("hint")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._actions = actions
        self._words, self._is_cut = "", False
        self._tool = ""

    def show_tool(self, tool: str, session: Session | None, tool_hint: str = "") -> None:
        """Say what to do with a tool that paints something else than the mask."""
        self._tool = tool
        self.update_hint(session, tool_hint)

    def update_hint(self, session: Session | None, tool_hint: str = "") -> None:
        """Show the hint for the state of ``session``, or that of the tool."""
        fills = session is not None and session.running_fill is not None
        if session is not None and tool_hint and not fills:
            self._words = tool_hint
        else:
            self._words = "" if session is None else self.next_step(session)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide what does not fit, the outcome before the next step: a long line must not widen the
        window.
        """
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        measure, right = self.fontMetrics(), Qt.TextElideMode.ElideRight
        room = self.contentsRect().width()
        outcome, gap, step = self._words.partition(_GAP)
        left = room - measure.horizontalAdvance(gap + step)
        if gap and measure.horizontalAdvance(outcome) > left:
            outcome = self._shorten(outcome, left)
        fitting = measure.elidedText(outcome + gap + step, right, room)
        self.setText(fitting)
        self._is_cut = fitting != self._words
        # Only marked-up text is wrapped in a tooltip.
        self.setToolTip(f"<p>{escape(self._words)}</p>" if self._is_cut else "")
        shape = Qt.CursorShape
        self.setCursor(shape.PointingHandCursor if self._is_cut else shape.ArrowCursor)

    def _shorten(self, outcome: str, room: int) -> str:
        """As many whole sentences of ``outcome`` as there is ``room`` for, and that there are more;
        part of the first one where not even that fits.
        """
        measure, more = self.fontMetrics(), t("window.hint.more")
        ends = [match.end() for match in _SENTENCE.finditer(outcome)]
        for end in reversed(ends[:-1]):
            kept = f"{outcome[:end].rstrip()} {more}"
            if measure.horizontalAdvance(kept) <= room:
                return kept
        return measure.elidedText(outcome, Qt.TextElideMode.ElideRight, room)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the whole outcome to be shown, where it was cut short."""
        if self._is_cut and event.button() == Qt.MouseButton.LeftButton:
            self.outcome_asked.emit(self._words.partition(_GAP)[0])
        super().mousePressEvent(event)

    def next_step(self, session: Session) -> str:
        """What to do next, or what to do with the last fill."""
        fill, stop = self._key("fill.run"), self._key("fill.cancel")
        if session.running_fill is not None:
            return t("window.hint.filling", stop=stop)
        if self._tool in _RETOUCHING:
            return ACTIONS[f"tool.{self._tool}"].tip
        if session.has_mask:
            return t("window.hint.painted", fill=fill, undo=self._key("edit.undo"))
        if self._tool in _GUIDING:
            return ACTIONS[f"tool.{self._tool}"].tip
        if not session.fill_summary or not _shows_fill(session):
            if self._tool in _FINDING:
                return ACTIONS[f"tool.{self._tool}"].tip
            return t("window.hint.paint", fill=fill)
        keys = {
            "original": self._key("view.original"),
            "variations": self._key("fill.variations"),
            "save": self._key("file.quick_export"),
        }
        return f"{session.fill_summary}{_GAP}{t('window.hint.filled', **keys)}"

    def _key(self, action: str) -> str:
        return shortcut_text(self._actions[action])


def _shows_fill(session: Session) -> bool:
    """Whether the last edit was a fill, so that there is one to judge."""
    history = session.document.history
    done = history.entries[: history.position]
    return bool(done) and done[-1].recipe is not None
