"""A bar over the top of the photo that says what happened, without stopping anybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.configuration.text import t
from app.session.session import Message
from app.ui.theme.icons import icon


class Notice(QFrame):
    """Shows a message until it is closed, answered or replaced. ``dismissed()``: the person
    closed it.
    """

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.message: Message | None = None
        self._below: QWidget | None = None
        self._icon = QLabel()
        self._message = QLabel()
        self._hint = QLabel()
        font = self._message.font()
        font.setBold(True)
        self._message.setFont(font)
        for label in (self._message, self._hint):
            label.setWordWrap(True)
            # File names may look like mark-up, and must be shown as they are.
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setIcon(icon("ph.x"))
        close.setToolTip(t("window.dismiss"))
        close.setAccessibleName(t("window.dismiss"))
        close.setAutoRaise(True)
        close.clicked.connect(self.dismiss)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._message)
        words.addWidget(self._hint)
        self._choices = QHBoxLayout()
        self._choices.setSpacing(8)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addLayout(self._choices)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def lie_over(self, page: QWidget, below: QWidget) -> None:
        """Lie on ``page`` from now on, at its upper edge or ``below`` a widget of it while that one
        is seen. What is on the page keeps its size, so that the photo does not move.
        """
        self._below = below
        self.setParent(page)
        page.installEventFilter(self)
        below.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the page."""
        if event.type() in (
            QEvent.Type.Resize,
            QEvent.Type.Move,
            QEvent.Type.Show,
            QEvent.Type.Hide,
            QEvent.Type.LayoutRequest,
        ):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        page = self.parentWidget()
        if page is None or self._below is None or self.isHidden():
            return
        top = 0
        if self._below.isVisible():
            top = self._below.mapTo(page, QPoint(0, self._below.height())).y()
        width = page.width()
        layout = self.layout()
        high = layout.totalHeightForWidth(width) if layout is not None else 0
        self.setGeometry(0, top, width, high)
        self.raise_()

    @property
    def text(self) -> str:
        """What is shown, empty when nothing is."""
        if self.isHidden():
            return ""
        return f"{self._message.text()} {self._hint.text()}".strip()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """What there is to choose."""
        return tuple(self.findChildren(QPushButton))

    def tell(self, message: Message) -> None:
        """Show a message."""
        self.message = message
        self._message.setText(message.text)
        self._hint.setText(message.hint)
        self._hint.setVisible(bool(message.hint))
        self._drop_buttons()
        for words, does in message.choices:
            button = QPushButton(words)
            button.clicked.connect(partial(self._answer, does))
            self._choices.addWidget(button)
        self.setAccessibleName(f"{message.text} {message.hint}")
        self._draw()
        self.show()
        self._place()

    def _answer(self, does: Callable[[], None], *_: object) -> None:
        self.clear()
        does()

    def _drop_buttons(self) -> None:
        for button in self.buttons:
            button.hide()
            button.setParent(None)
            button.deleteLater()  # it may be the one that is being pressed

    def _draw(self) -> None:
        if self.message is not None:
            name, colour = (
                ("ph.info", "accent")
                if self.message.calm
                else (
                    "ph.warning-circle",
                    "alert",
                )
            )
            size = QSize(22, 22)
            self._icon.setPixmap(icon(name, colour).pixmap(size, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has other colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    @Slot()
    def dismiss(self) -> None:
        """The person has seen it and wants nothing done."""
        self.clear()
        self.dismissed.emit()

    @Slot()
    def settle(self) -> None:
        """Work goes on: what only told something, and asks nothing, has been seen."""
        if self.message is not None and self.message.calm and not self.message.choices:
            self.clear()

    @Slot()
    def clear(self) -> None:
        """Close the bar."""
        self.message = None
        self.hide()
