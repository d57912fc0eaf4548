"""The top bar: open, undo, zoom; the engine and the fill button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QPushButton, QSizePolicy, QToolBar, QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.ui.theme.icons import make_icon
from app.ui.widgets.commands import shortcut_text
from app.ui.widgets.setting_fields import follow_setting
from app.workers.engine_lane import EngineRow

_LEFT = (
    "file.open",
    None,
    "edit.undo",
    "edit.redo",
    None,
    "view.zoom_out",
    "view.zoom_in",
    "view.fit",
    "view.actual",
)
_RIGHT = ("fill.look", "view.split", "file.export")
_DEFAULT = "default"
_ENGINE_CHARACTERS = 18
"""Width of the engine's box; longer names are cut short in it, but not in its list."""
_AROUND_NAME = 32  # pixels beside a name in the list


class TopBar(QToolBar):
    """The top bar. ``fill_asked()``: the button was pressed, to fill or to stop a running fill."""

    fill_asked = Signal()

    def __init__(self, settings: Settings, actions: Mapping[str, QAction]) -> None:
        super().__init__(t("window.topbar"))
        self.setObjectName("topbar")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._settings = settings
        self._run, self._stop = actions["fill.run"], actions["fill.cancel"]
        for name in _LEFT:
            if name is None:
                self.addSeparator()
            else:
                self.addAction(actions[name])
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        self.addAction(actions["fill.after_stroke"])
        self.engines = QComboBox()
        self.engines.setAccessibleName(t("window.engine"))
        # Its width must not change when the engines are known, or the button beside it moves.
        self.engines.setMinimumContentsLength(_ENGINE_CHARACTERS)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.engines.setSizeAdjustPolicy(policy)
        self.engines.activated.connect(
            lambda index: settings.set("fill.engine", self.engines.itemData(index))
        )
        self.addWidget(self.engines)
        self.button = QPushButton()
        self.button.setObjectName("primary")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.fill_asked)
        self.addWidget(self.button)
        self.addSeparator()
        for name in _RIGHT:
            self.addAction(actions[name])
        self._save, self._export = actions["file.save"], actions["file.export"]
        for action in (self._run, self._stop):
            action.changed.connect(self._label_button)
        self.show_engines((), _DEFAULT)
        follow_setting(self, "fill.engine", settings, lambda _: self._select_engine())
        self._label_button()

    def show_save(self, shown: bool) -> None:
        """Show Save beside Export, or not."""
        if shown and self._save not in self.actions():
            self.insertAction(self._export, self._save)
        elif not shown:
            self.removeAction(self._save)

    def show_engines(self, rows: Sequence[EngineRow], default: str) -> None:
        """List the engines once they are known; ``default`` is the id of the usual one.

        Those that can fill come first.
        """
        self.engines.clear()
        usual = next((row for row in rows if row.id == default), None)
        name = t("window.engine.default") if usual is None else usual.title
        self._add(_DEFAULT, name, t("window.engine.tip") if usual is None else usual.summary)
        for row in sorted(rows, key=lambda each: not each.is_usable):
            if row.id != default:
                more = "" if row.is_usable else f" {t('window.engine.missing')}"
                if row.lacks_torch:
                    more = f" {t('window.engine.torch')}"
                if row.source:
                    more = f" {t('window.engine.source', file=row.source)}"
                title = t("window.engine.imported", name=row.title) if row.source else row.title
                if row.lacks_torch:
                    title = t("window.engine.no_torch", name=title)
                elif not row.is_usable:
                    title = t("window.engine.no_weights", name=title)
                self._add(row.id, title, row.summary + more)
                if not row.is_usable:
                    index = self.engines.count() - 1
                    self.engines.setItemData(index, 0, Qt.ItemDataRole.UserRole - 1)
        lines = self.engines.view()
        measure = lines.fontMetrics().horizontalAdvance
        widest = max(measure(self.engines.itemText(at)) for at in range(self.engines.count()))
        lines.setMinimumWidth(widest + _AROUND_NAME + lines.verticalScrollBar().sizeHint().width())
        self._select_engine()

    def _add(self, engine: str, title: str, tip: str) -> None:
        self.engines.addItem(title, engine)
        marked_up = f"<p>{escape(tip)}</p>"  # files' names may look like markup
        self.engines.setItemData(self.engines.count() - 1, marked_up, Qt.ItemDataRole.ToolTipRole)

    def _select_engine(self) -> None:
        index = self.engines.findData(self._settings.get("fill.engine"))
        self.engines.setCurrentIndex(max(index, 0))
        tip = self.engines.itemData(self.engines.currentIndex(), Qt.ItemDataRole.ToolTipRole)
        name = escape(self.engines.currentText())  # it may be cut short
        self.engines.setToolTip(f"<p><b>{t('window.engine')}: {name}</b></p>{tip}")

    def _label_button(self) -> None:
        """Label the button with what it does now, and its key."""
        stops = self._stop.isEnabled()
        action = self._stop if stops else self._run
        words = t("window.stop") if stops else t("window.fill")
        self.button.setText(f"{words}   {shortcut_text(action)}")
        self.button.setIcon(make_icon("ph.stop-circle" if stops else "ph.sparkle", "on_accent"))
        self.button.setEnabled(action.isEnabled())
        self.button.setToolTip(action.toolTip())
