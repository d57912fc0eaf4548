"""What may be dropped on a window, when something was, and the frame that says so."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from app.configuration.text import t
from app.ui.widgets.layouts import lay_out_column


class DropArea(QObject):
    """Lets files and pictures be dropped on ``widget`` where ``can_open(data)`` allows it.

    ``hovered(bool)``: such a drag came over it, or left or ended. ``dropped(QMimeData)``: something
    was dropped, for a handler that runs at once.
    """

    hovered = Signal(bool)
    dropped = Signal(object)

    def __init__(self, widget: QWidget, can_open: Callable[[QMimeData], bool]) -> None:
        super().__init__(widget)
        self._can_open = can_open
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the drag."""
        kind = event.type()
        if kind == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            if self._can_open(event.mimeData()) and _accept_copy(event):
                self.hovered.emit(True)
            return True
        if kind == QEvent.Type.DragLeave:
            self.hovered.emit(False)
            return True
        if kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self.hovered.emit(False)
            if _accept_copy(event):
                self.dropped.emit(event.mimeData())
            return True
        return super().eventFilter(watched, event)


class DropFrame(QFrame):
    """The frame around an open photo that says that what is dragged over it may be dropped. It lies
    over a widget and takes no part in its layout or in what the pointer does.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dropframe")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words = QLabel(t("window.drop.open"))
        words.setObjectName("dropwords")
        column = lay_out_column(self, None, words, margins=(0, 0, 0, 48))
        column.setAlignment(words, Qt.AlignmentFlag.AlignHCenter)
        self.hide()

    def show_over(self, widget: QWidget) -> None:
        """Cover a widget, unless it is hidden."""
        if widget.isVisible():
            self.setGeometry(widget.rect())
            self.raise_()
            self.show()


def _accept_copy(event: QDropEvent) -> bool:
    """Accept a drop as a copy or a link: of what is moved, the source deletes its own. False if it
    can only be moved.
    """
    for action in (Qt.DropAction.CopyAction, Qt.DropAction.LinkAction):
        if action in event.possibleActions():
            event.setDropAction(action)
            event.accept()
            return True
    return False
