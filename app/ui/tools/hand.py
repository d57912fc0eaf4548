"""Hand: moves the photo; a double click changes between the whole photo and 100 %."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.ui.tools.tool import Pointer, Tool

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document


class Hand(Tool):
    """Takes hold of the photo."""

    id = "hand"

    def __init__(self, document: Document, settings: Settings) -> None:
        super().__init__(document, settings)
        self._held: QPointF | None = None

    def cursor(self) -> Qt.CursorShape:
        """A hand, closed while it holds the photo."""
        held = self._held is not None
        return Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.OpenHandCursor

    def press(self, pointer: Pointer) -> None:
        """Take hold."""
        self._held = pointer.at

    def move(self, pointer: Pointer) -> None:
        """Move the photo."""
        if self._held is not None and self.stage is not None:
            self.stage.pan(pointer.at - self._held)
            self._held = pointer.at

    def release(self, pointer: Pointer) -> None:
        """Let go."""
        self.finish()

    def finish(self) -> None:
        """Let go."""
        self._held = None

    def double(self, pointer: Pointer) -> None:
        """Show the whole photo, or 100 % at the click."""
        if self.stage is not None:
            self.stage.toggle_fit(pointer.at)
