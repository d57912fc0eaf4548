"""The menu at the pointer: what can be done with the place that was clicked on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QObject, QPoint, QPointF
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.configuration.actions import TOOL_BAR
from app.configuration.text import t
from app.session.controller import Controller
from app.session.session import Session
from app.ui.shell.workspace import Workspace
from inpaint_core.contract.geometry import Rect

_OF_TOOLS: Mapping[str, tuple[str, ...]] = {
    "clone": ("clone.source",),
    "heal": ("clone.source",),
    "wires": ("wires.find",),
    "spots": ("spots.view",),
    "protect": ("protect.clear",),
    "source": ("source.clear",),
    "pencil": ("edges.clear",),
    "plane": ("plane.clear",),
}
"""What belongs to a tool, besides what it has found."""
_FOUND = ("found.add", "found.discard")
_FILL = ("fill.cancel", "fill.run")
_MASK = ("mask.grow", "mask.shrink", "mask.grow_to_object", None, "mask.invert", "mask.clear")
_FILLED = ("mask.again", "fill.variations")
_EDIT = ("edit.undo", "edit.redo")
_VIEW = ("view.fit", "view.actual", "view.mask")


class CanvasMenu(QObject):
    """Opens the menu where the canvas of ``workspace`` asks for it."""

    def __init__(
        self, controller: Controller, workspace: Workspace, actions: Mapping[str, QAction]
    ) -> None:
        super().__init__(workspace)
        self._controller, self._workspace, self._actions = controller, workspace, actions
        workspace.canvas.menu_asked.connect(self._open)

    def _open(self, at: QPointF) -> None:
        session = self._controller.current
        if session is None:
            return
        canvas = self._workspace.canvas
        menu = QMenu(canvas)
        menu.setToolTipsVisible(True)
        point = canvas.to_photo(at)
        place = QPoint(math.floor(point.x()), math.floor(point.y()))
        for group in self._choose(session, place):
            self._add(menu, group)
            menu.addSeparator()
        self._add(menu.addMenu(t("actions.menu.mask")), _MASK)
        self._add(menu.addMenu(t("actions.menu.tool")), TOOL_BAR)
        # The tool gets the place back that it lost to the menu: there “Copy from here” is.
        menu.aboutToHide.connect(partial(canvas.point_at, at))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(canvas.mapToGlobal(at.toPoint()))

    def _add(self, menu: QMenu, names: Iterable[str | None]) -> None:
        """Add those actions that are possible now; None is a separator."""
        for name in names:
            if name is None:
                menu.addSeparator()
            elif self._actions[name].isEnabled() and self._actions[name].isVisible():
                menu.addAction(self._actions[name])

    def _choose(self, session: Session, place: QPoint) -> list[tuple[str, ...]]:
        """The actions that make sense at a pixel of the photo, in groups."""
        tool = _OF_TOOLS.get(self._workspace.tool, ())
        filled = _FILLED if _is_last_fill(session, place) else ()
        fill = _FILL if session.has_mask or session.running_fill is not None else ()
        return [(*_FOUND, *tool), (*fill, *filled), _EDIT, _VIEW]


def _is_last_fill(session: Session, place: QPoint) -> bool:
    """Whether the last fill changed the photo around a pixel."""
    done = session.document.history.entries[: session.document.history.position]
    fill = next((entry for entry in reversed(done) if entry.recipe is not None), None)
    rects = () if fill is None else [rect for layer, rect in fill.rects if layer == "pixels"]
    return any(not rect.intersect(Rect(place.x(), place.y(), 1, 1)).is_empty for rect in rects)
