"""Edge pencil: thin lines that a fill is to have as edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.document.change import Layer
from app.document.edge_line import Trace
from app.ui.tools.brush import Brush
from app.ui.tools.tool import Pointer

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.document.editing import Editing


class Pencil(Brush):
    """Draws edges; rubs them out with Alt, the pen's eraser end, or when that is what is chosen.

    With Shift a press draws a straight line from where the last one ended.
    """

    id = "pencil"
    sized = False
    layer: Layer = "edges"
    shaping: tuple[str, ...] = ("pencil.width", "pencil.eraser", "pencil.mode")

    def __init__(self, document: Document, settings: Settings) -> None:
        self._rubbing = False  # what the ring shows
        self.settings = settings
        super().__init__(document, settings)

    @property
    def erases(self) -> bool:  # type: ignore[override]
        """True where drawing without Alt rubs out."""
        return bool(self.settings.get("pencil.mode") == "erase")

    def _name(self, erases: bool) -> str:
        return "history.unpencil" if erases else "history.pencil"

    def _begun(self, editing: Editing, erases: bool) -> Trace:
        return Trace(editing, self.layer, self._width(erases), erases)

    def _size(self) -> float:
        return self._width(self._rubbing)

    def _hardness(self) -> float:
        return 1.0

    def _width(self, erases: bool) -> float:
        return float(self.settings.get("pencil.eraser" if erases else "pencil.width"))

    def _move_ring(self, pointer: Pointer | None) -> None:
        self._touch_ring()
        if pointer is not None:
            self._rubbing = self.erases != pointer.erases
        super()._move_ring(pointer)
