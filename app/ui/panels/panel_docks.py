"""The docks at the right of the window: which panels exist, and which are shown."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

NARROWEST = 268
"""The width of any panel in pixels, at least."""
_TALL = 9  # times the height of a normal panel
_LAYOUT_VERSION = 4  # raise it when panels are added or removed: older layouts are not restored


class PanelDocks:
    """Docks panels at the right of ``window``, and remembers in ``store`` which ones to show."""

    def __init__(self, window: QMainWindow, store: QSettings) -> None:
        self._window, self._store = window, store
        self._docks: dict[str, QDockWidget] = {}
        self._shown_by_default: dict[str, bool] = {}
        self._heights: dict[str, int] = {}
        self._has_photo = False
        self._is_tabbed = False
        self._width = 0  # of the panels before they became tabs
        self._default = QByteArray()

    def add(
        self,
        name: str,
        title: str,
        panel: QWidget,
        *,
        shown: bool = True,
        height: int = 1,
        beside: str = "",
        area: Qt.DockWidgetArea = Qt.DockWidgetArea.RightDockWidgetArea,
    ) -> None:
        """Dock a panel below the others, or as a tab ``beside`` one of them; in another ``area``
        than at the right, by itself.

        ``shown``: whether it is shown unless the user decides otherwise. ``height``: how many times
        as high as others.
        """
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"panel.{name}")
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable
            | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        panel.setMinimumWidth(max(NARROWEST, panel.minimumWidth()))
        dock.setWidget(panel)
        dock.hide()
        self._window.addDockWidget(area, dock)
        if beside:
            self._window.tabifyDockWidget(self._docks[beside], dock)
        self._docks[name] = dock
        self._shown_by_default[name] = shown
        if area == Qt.DockWidgetArea.RightDockWidgetArea:
            self._heights[name] = height
        else:
            dock.setTitleBarWidget(QWidget())  # none: it would take a line of the photo

    def is_wanted(self, name: str) -> bool:
        """Whether to show a panel while a photo is open."""
        stored = self._store.value(f"window/panel/{name}")
        return self._shown_by_default[name] if stored is None else stored != "false"

    def show_wanted(self, has_photo: bool) -> None:
        """Show the wanted panels if a photo is open, else none."""
        self._has_photo = has_photo
        for name, dock in self._docks.items():
            dock.setVisible(has_photo and self.is_wanted(name))
        self._arrange()

    def set_shown(self, name: str, shown: bool) -> None:
        """Show or hide a panel from now on."""
        self._store.setValue(f"window/panel/{name}", "true" if shown else "false")
        dock = self._docks[name]
        dock.setVisible(shown and self._has_photo)
        self._arrange()
        if dock.isVisible():
            dock.raise_()
            self.share_heights()

    def _arrange(self) -> None:
        """Turn all panels into tabs of one dock while a tall one is wanted."""
        tall = [name for name, h in self._heights.items() if h >= _TALL and self.is_wanted(name)]
        rest = [self._docks[name] for name, height in self._heights.items() if height < _TALL]
        floating = any(self._docks[name].isFloating() for name in self._heights)
        if bool(tall) == self._is_tabbed or floating:
            return
        self._is_tabbed = bool(tall)
        if tall:
            self._width = rest[0].width()
        for dock in rest:
            visible = dock.isVisible()
            if tall:
                self._window.tabifyDockWidget(self._docks[tall[0]], dock)
            else:
                self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
            dock.setVisible(visible)
        if tall:
            self._docks[tall[0]].raise_()
        elif self._width:  # what a wide panel took is the photo's again
            shown = [dock for dock in rest if dock.isVisible()]
            self._window.resizeDocks(shown, [self._width] * len(shown), Qt.Orientation.Horizontal)

    def reset(self) -> None:
        """Go back to the panels shown by default."""
        for name in self._docks:
            self._store.remove(f"window/panel/{name}")
        self._window.restoreState(self._default, _LAYOUT_VERSION)

    def remember(self, has_photo: bool) -> None:
        """Store where the window is, and with a photo where its panels are."""
        self._store.setValue("window/geometry", self._window.saveGeometry())
        if has_photo:
            self._store.setValue("window/state", self._window.saveState(_LAYOUT_VERSION))

    def restore(self) -> bool:
        """Put the window and its panels where they were last, from where they are by default;
        False if no place of the panels is known.
        """
        self._default = self._window.saveState(_LAYOUT_VERSION)
        geometry = self._store.value("window/geometry")
        if isinstance(geometry, QByteArray):
            self._window.restoreGeometry(geometry)
        state = self._store.value("window/state")
        return isinstance(state, QByteArray) and self._window.restoreState(state, _LAYOUT_VERSION)

    def share_heights(self) -> None:
        """Distribute the height among the visible panels."""
        rows = [
            (self._docks[name], height)
            for name, height in self._heights.items()
            if self._docks[name].isVisible() and not self._docks[name].isFloating()
        ]
        docks, heights = [dock for dock, _ in rows], [100 * height for _, height in rows]
        self._window.resizeDocks(docks, heights, Qt.Orientation.Vertical)
