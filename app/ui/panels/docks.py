"""The panels beside the photo: which there are, and which of them are shown."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

_WIDTH = 268
_TALL = 9  # times as high as others


class Docks:
    """Puts panels at the right of ``window``, and remembers in ``store`` which are wanted."""

    def __init__(self, window: QMainWindow, store: QSettings) -> None:
        self._window, self._store = window, store
        self._docks: dict[str, QDockWidget] = {}
        self._plain: dict[str, bool] = {}
        self._heights: dict[str, int] = {}
        self._there = False
        self._packed = False

    def add(
        self,
        name: str,
        title: str,
        panel: QWidget,
        *,
        shown: bool = True,
        height: int = 1,
        beside: str = "",
    ) -> None:
        """Put a panel below those that are there, or as a tab ``beside`` another one.

        “window.<name>” switches it. ``shown``: unless a person says otherwise. ``height``: as many
        times as high as others.
        """
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"panel.{name}")
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable
            | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        panel.setMinimumWidth(max(_WIDTH, panel.minimumWidth()))
        dock.setWidget(panel)
        dock.hide()
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        if beside:
            self._window.tabifyDockWidget(self._docks[beside], dock)
        self._docks[name] = dock
        self._plain[name] = shown
        self._heights[name] = height

    @property
    def names(self) -> tuple[str, ...]:
        """The panels, in their order."""
        return tuple(self._docks)

    def wanted(self, name: str) -> bool:
        """Whether a panel is to be shown when there is a photo."""
        plain = "true" if self._plain[name] else "false"
        return bool(self._store.value(f"window/panel/{name}", plain) != "false")

    def show(self, there: bool) -> None:
        """Show what is wanted while there is a photo, and nothing while there is none."""
        self._there = there
        for name, dock in self._docks.items():
            dock.setVisible(there and self.wanted(name))
        self._pack()

    def switch(self, name: str, shown: bool) -> None:
        """Show or hide a panel from now on."""
        self._store.setValue(f"window/panel/{name}", "true" if shown else "false")
        dock = self._docks[name]
        dock.setVisible(shown and self._there)
        self._pack()
        if dock.isVisible():
            dock.raise_()
            self.share_out()

    def _pack(self) -> None:
        """All panels share one place as tabs while a tall one is wanted."""
        tall = [name for name, h in self._heights.items() if h >= _TALL and self.wanted(name)]
        rest = [dock for name, dock in self._docks.items() if self._heights[name] < _TALL]
        if bool(tall) == self._packed or any(dock.isFloating() for dock in self._docks.values()):
            return
        self._packed = bool(tall)
        for dock in rest:
            seen = dock.isVisible()
            if tall:
                self._window.tabifyDockWidget(self._docks[tall[0]], dock)
            else:
                self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
            dock.setVisible(seen)
        if tall:
            self._docks[tall[0]].raise_()

    def reset(self) -> None:
        """Forget what a person wants."""
        for name in self._docks:
            self._store.remove(f"window/panel/{name}")

    def share_out(self) -> None:
        """Give all panels their heights."""
        rows = [
            (dock, self._heights[name])
            for name, dock in self._docks.items()
            if dock.isVisible() and not dock.isFloating()
        ]
        docks, heights = [dock for dock, _ in rows], [100 * height for _, height in rows]
        self._window.resizeDocks(docks, heights, Qt.Orientation.Vertical)
