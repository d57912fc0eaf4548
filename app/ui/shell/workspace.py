"""Where the work is done: tabs, the photo with the tool at work, and the line below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session.controller import Controller
from app.session.session import Message, Session
from app.ui.canvas.canvas import Canvas
from app.ui.shell.tabs import Tabs
from app.ui.tools.table import TOOLS
from app.workers.jobs import Lane

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.geometry import Rect


class Desk(QWidget):
    """Shows the photo in front and gives it the tool ``tool``; tools look for things on ``lane``.

    ``told(Message)``: a tool has something to say. ``picked(id)``: another tool is at work.
    """

    told = Signal(object)
    picked = Signal(str)

    def __init__(self, controller: Controller, lane: Lane) -> None:
        super().__init__()
        self._controller = controller
        self._lane = lane
        self._session: Session | None = None
        self.tool = TOOLS[0].id
        self.tabs = Tabs()
        self.canvas = Canvas(controller.settings)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self.tabs)
        self.column.addWidget(self.canvas, 1)
        self.setFocusProxy(self.canvas)
        self.tabs.asked.connect(controller.show)
        self.canvas.stroke_finished.connect(controller.stroke_finished)
        controller.opened.connect(self.tabs.add)
        controller.closed.connect(self._on_closed)
        controller.shown.connect(self._on_shown)
        controller.altered.connect(self.tabs.rename)
        controller.filler.parted.connect(self._on_part)
        controller.filler.moved.connect(self._on_moved)

    def pick(self, tool: str) -> None:
        """Work with the tool ``tool`` from now on."""
        self.tool = tool
        self._build()
        self.picked.emit(tool)

    def _build(self) -> None:
        if self._session is None:
            self.canvas.set_tool(None)
            return
        row = next(row for row in TOOLS if row.id == self.tool)
        tool = row.build(self._session.document, self._controller.settings, self._lane)
        tool.told.connect(lambda text, hint: self.told.emit(Message(text, hint, calm=True)))
        self.canvas.set_tool(tool)

    def _on_shown(self, session: Session | None) -> None:
        if self._session is not None:
            self._session.place = self.canvas.view()
        self._session = session
        self.tabs.show_photo(session)
        self.canvas.set_tool(None)
        if session is None:
            self.canvas.show_document(None, None)
            return
        self.canvas.show_document(session.document, session.opened.picture)
        if session.place is not None:
            self.canvas.restore_view(session.place)
        self._build()
        if session.filling is not None:
            for rect, pixels in session.filling.parts:
                self.canvas.preview(rect, pixels)

    def _on_closed(self, session: Session) -> None:
        self.tabs.remove(session)
        session.opened.picture.unfollow()
        if session is self._session:
            self._session = None  # nobody comes back to where it was looked at

    def _on_part(self, session: Session, rect: Rect, pixels: Pixels) -> None:
        if session is self._session:
            self.canvas.preview(rect, pixels)

    def _on_moved(self, session: Session) -> None:
        if session is self._session and session.filling is None:
            self.canvas.clear_preview()
        self.tabs.rename()
