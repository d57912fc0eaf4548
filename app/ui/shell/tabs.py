"""One tab for every open photo; hidden while there is only one."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QTabBar, QToolButton

from app.configuration.text import t
from app.session.session import Session
from app.ui.theme.icons import icon


class Tabs(QTabBar):
    """``asked(session)``: a tab was chosen; ``close_asked(session)``: its cross was pressed."""

    asked = Signal(object)
    close_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._sessions: list[Session] = []
        self.setObjectName("tabs")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMovable(False)
        self.setUsesScrollButtons(True)
        self.setAccessibleName(t("window.tabs"))
        self.currentChanged.connect(self._on_current)
        self.hide()

    def add(self, session: Session) -> None:
        """A photo was opened."""
        self._sessions.append(session)
        self.blockSignals(True)
        at = self.addTab(session.name)
        self.blockSignals(False)
        cross = QToolButton()
        cross.setIcon(icon("ph.x", "muted"))
        cross.setIconSize(QSize(12, 12))
        cross.setToolTip(t("actions.file.close.tip"))
        cross.setAccessibleName(t("actions.file.close.tip"))
        cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the action has a key
        cross.clicked.connect(lambda: self.close_asked.emit(session))
        self.setTabButton(at, QTabBar.ButtonPosition.RightSide, cross)
        self.rename()

    def remove(self, session: Session) -> None:
        """It was closed."""
        at = self._sessions.index(session)
        self._sessions.remove(session)
        self.blockSignals(True)
        self.removeTab(at)
        self.blockSignals(False)
        self.rename()

    def show_photo(self, session: Session | None) -> None:
        """Mark the one in front."""
        if session is not None:
            self.blockSignals(True)
            self.setCurrentIndex(self._sessions.index(session))
            self.blockSignals(False)

    def rename(self) -> None:
        """Say which photos are not saved, and which are being filled."""
        self.setVisible(len(self._sessions) > 1)
        for at, session in enumerate(self._sessions):
            mark = "… " if session.filling is not None else ""
            star = " •" if session.document.modified else ""
            self.setTabText(at, f"{mark}{session.name.replace('&', '&&')}{star}")
            path = session.document.path
            self.setTabToolTip(at, session.name if path is None else str(path))

    def _on_current(self, at: int) -> None:
        if 0 <= at < len(self._sessions):
            self.asked.emit(self._sessions[at])
