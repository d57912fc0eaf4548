"""The edge pencil: thin lines that a fill continues as edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.document.stroke import EdgeStroke
from app.ui.tools.brush_tool import BrushTool
from app.ui.tools.tool import PointerState
from inpaint_core.contract.choices import Layer

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.document.open_edit import OpenEdit


class PencilTool(BrushTool):
    """Draws edges; erases them with Alt, the pen's eraser end, or in the mode "erase".

    With Shift, a press draws a straight line from the end of the last one.
    """

    id = "pencil"
    uses_brush_size = False
    layer: Layer = "edges"
    ring_settings: tuple[str, ...] = ("pencil.width", "pencil.eraser", "pencil.mode")

    def __init__(self, document: Document, settings: Settings) -> None:
        self._ring_erases = False  # the ring shows the eraser's size
        self.settings = settings
        super().__init__(document, settings)

    @property
    def erases(self) -> bool:  # type: ignore[override]
        """True in the mode in which drawing without Alt erases."""
        return bool(self.settings.get("pencil.mode") == "erase")

    def _history_key(self, erases: bool) -> str:
        return "history.unpencil" if erases else "history.pencil"

    def _start_stroke(self, editing: OpenEdit, erases: bool) -> EdgeStroke:
        return EdgeStroke(editing, self.layer, self._width(erases), erases)

    def _diameter(self) -> float:
        return self._width(self._ring_erases)

    def _hardness(self) -> float:
        return 1.0

    def _width(self, erases: bool) -> float:
        return float(self.settings.get("pencil.eraser" if erases else "pencil.width"))

    def _move_ring(self, pointer: PointerState | None) -> None:
        self._repaint_ring()
        if pointer is not None:
            self._ring_erases = self.erases != pointer.erases
        super()._move_ring(pointer)
