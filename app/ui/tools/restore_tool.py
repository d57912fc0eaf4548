"""The tool that paints the original back into fills."""

from __future__ import annotations

from PySide6.QtCore import Slot

from app.configuration.text import t
from app.document.open_edit import OpenEdit
from app.document.retouching.restoring_stroke import RestoringStroke
from app.ui.tools.brush_tools import BrushTool
from inpaint_core.contract.choices import Layer


class RestoreTool(BrushTool):
    """Paints the original back into fills; with Alt, the pen's eraser end, or in the mode "put", it
    paints the fills over it again.
    """

    id = "restore"
    layer: Layer = "restored"

    @property
    def erases(self) -> bool:  # type: ignore[override]
        """True in the mode in which painting without Alt brings the fills back."""
        return bool(self.settings.get("restore.mode") == "put")

    @property
    def hint(self) -> str:
        """What painting does in the mode that is set."""
        return t("tools.restore.put") if self.erases else ""

    @Slot(str, object)
    def _on_setting(self, setting: str, value: object) -> None:
        super()._on_setting(setting, value)
        if setting == "restore.mode":
            self.hint_changed.emit()

    def _history_key(self, erases: bool) -> str:
        return "history.unrestore" if erases else "history.restore"

    def _start_stroke(self, editing: OpenEdit, erases: bool) -> RestoringStroke:
        return RestoringStroke(
            editing, self.document.shape, self._diameter(), self._hardness(), erases
        )
