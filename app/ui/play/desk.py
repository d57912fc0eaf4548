"""What playing and recording need of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from PySide6.QtCore import QSize
    from PySide6.QtGui import QAction, QPixmap
    from PySide6.QtWidgets import QWidget

    from app.controller import Controller
    from app.settings import Settings
    from app.ui.canvas import Canvas
    from app.ui.exporting import Order


class Desk(Protocol):
    """The window, as a script sees it."""

    @property
    def canvas(self) -> Canvas:
        """Where the photo is."""

    @property
    def controller(self) -> Controller:
        """What is done with it."""

    @property
    def settings(self) -> Settings:
        """What is set."""

    @property
    def actions_by_id(self) -> Mapping[str, QAction]:
        """Every row of `app.actions.ACTIONS` as it is in the menus."""

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open photos, as if they had been dropped."""

    def export(self, order: Order) -> None:
        """Write the photo in front as the order says."""

    def window(self) -> QWidget:
        """The window itself."""

    def grab(self) -> QPixmap:
        """The whole window as a picture."""

    def resize(self, width: int, height: int) -> None:
        """Make it so large."""

    def size(self) -> QSize:
        """How large it is."""
