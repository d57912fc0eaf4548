"""What a structure network reads off the photo, and what it made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QIcon, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.configuration.settings import Settings
from app.configuration.text import t
from app.inspection.prior_maps import KINDS, SIDES, Kind, Look
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.overlays.prior_overlay import Structural
from app.ui.overlays.prior_preview import Looker
from app.ui.widgets.dial import Dial
from app.ui.widgets.panel_parts import words
from app.workers.jobs import Lane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inpaint_core.contract.geometry import Rect

_SIZE = QSize(*SIDES)
_COLUMNS = 3


class StructurePanel(QWidget):
    """``watched(bool)``: whether anybody sees it: nothing is computed while nobody does.

    ``sees`` is the action that shows what the model sees. ``look_asked()``: the last fill
    is to be looked into with a network.
    """

    watched = Signal(bool)
    look_asked = Signal()

    def __init__(self, canvas: Canvas, settings: Settings, lane: Lane, sees: QAction) -> None:
        super().__init__()
        self._canvas, self._settings = canvas, settings
        self._session: Session | None = None
        self._chosen: Kind | None = None
        self.found: dict[Kind, Look] = {}
        self.looker = Looker(canvas, settings, lane)
        self.overlay = Structural(settings)
        canvas.add_overlay(self.overlay)
        self.tiles = {kind: self._tile(kind) for kind in KINDS}
        self.dials: list[Dial] = []
        self._build(sees)
        self.looker.looked.connect(self._on_look)
        self.looker.lost.connect(self._on_lost)
        settings.changed.connect(self._on_setting)
        self._on_setting("structure.smoother", None)

    # -- laying out ----------------------------------------------------------------------------

    def _build(self, sees: QAction) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(6, 6, 6, 8)
        column.setSpacing(6)
        grid = QGridLayout()
        grid.setSpacing(2)
        for place, kind in enumerate(KINDS):
            grid.addWidget(self.tiles[kind], place // _COLUMNS, place % _COLUMNS)
        column.addLayout(grid)
        self.why = words()
        self.why.hide()
        self.look = QPushButton(t("structure.look"))
        self.look.setToolTip(_tip("structure.look"))
        self.look.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Its words must not make the panel wider.
        self.look.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.look.clicked.connect(self.look_asked)
        self.look.hide()
        column.addWidget(self.why)
        column.addWidget(self.look)
        self.scale = QLabel()
        self.scale.setObjectName("muted")
        self.scale.setWordWrap(True)
        column.addWidget(self.scale)
        column.addWidget(self._dial("opacity", 0, "%"))
        column.addWidget(_heading(t("structure.edges")))
        for name, decimals, unit in (("sigma", 1, "px"), ("low", 2, ""), ("high", 2, "")):
            column.addWidget(self._dial(name, decimals, unit, name != "sigma"))
        column.addWidget(_heading(t("structure.smooth")))
        column.addWidget(self._smoothers())
        self._lambdas = {
            "l0": self._dial("l0", 3, "", logarithmic=True),
            "rtv": self._dial("rtv", 4, "", logarithmic=True),
        }
        for dial in self._lambdas.values():
            column.addWidget(dial)
        button = self._action_button(sees)
        column.addSpacing(4)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        widest = max(dial.label.sizeHint().width() for dial in self.dials)
        field = max(dial.field.width() for dial in self.dials)
        for dial in self.dials:
            dial.label.setFixedWidth(widest)
            dial.field.setFixedWidth(field)
        self.area = QScrollArea()
        self.area.setWidget(inner)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)
        self.setFocusProxy(self.tiles["edges"])

    def _tile(self, kind: Kind) -> QToolButton:
        tile = QToolButton()
        tile.setText(t(f"structure.{kind}"))
        tile.setToolTip(_tip(f"structure.{kind}"))
        tile.setCheckable(True)
        tile.setEnabled(False)
        tile.setIconSize(_SIZE)
        tile.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        tile.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tile.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        tile.setIcon(_icon(None))
        tile.toggled.connect(lambda on: self.choose(kind if on else None, kind))
        return tile

    def _dial(self, name: str, decimals: int, unit: str = "", logarithmic: bool = False) -> Dial:
        words = f"structure.{name}"
        dial = Dial(
            self._settings,
            words,
            t(words),
            _tip(words),
            unit=unit,
            slider=84,
            logarithmic=logarithmic,
            decimals=decimals,
        )
        dial.left.connect(self._canvas.setFocus)
        self.dials.append(dial)
        return dial

    def _action_button(self, action: QAction) -> QToolButton:
        """A button that does what ``action`` does, with a tip of its own."""
        button = QToolButton()
        button.setText(t("structure.sees"))
        button.setToolTip(_tip("structure.sees"))
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

        def follow() -> None:
            button.setIcon(action.icon())
            button.setChecked(action.isChecked())
            button.setEnabled(action.isEnabled())

        follow()
        action.changed.connect(follow)
        button.clicked.connect(action.trigger)
        return button

    def _smoothers(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(t("structure.smooth"))
        box.setToolTip(_tip("structure.smoother"))
        for name in ("l0", "rtv"):
            box.addItem(t(f"structure.smoother.{name}"), name)
        box.setCurrentIndex(box.findData(self._settings.get("structure.smoother")))
        box.activated.connect(
            lambda index: self._settings.set("structure.smoother", box.itemData(index))
        )
        self.smoothers = box
        return box

    # -- what it shows -------------------------------------------------------------------------

    def show_photo(self, session: Session | None) -> None:
        """Show the maps of another photo."""
        self._session = session
        self.found.clear()
        self.overlay.show_look(None)
        for tile in self.tiles.values():
            tile.setIcon(_icon(None))
            tile.setEnabled(False)
        self.looker.show_photo(session)
        self.explain("", False)
        self.show_completed(None if session is None else session.completed)

    def show_completed(self, held: tuple[Rect, NDArray[Any]] | None) -> None:
        """Show the edges (h, w) that a network completed in a rectangle of the photo; None: no
        network made the last fill.
        """
        if held is not None:
            self.looker.complete(*held)
        else:
            self.looker.give_up("completed")
            self._on_lost("completed")

    def explain(self, words: str, look: bool) -> None:
        """Say why there are no guessed edges, "" = nothing; ``look``: a network could be asked."""
        self.why.say(words)
        self.why.setVisible(bool(words))
        self.look.setVisible(bool(words) and look)

    def choose(self, kind: Kind | None, of: Kind | None = None) -> None:
        """Lay a map over the photo; None takes ``of`` away, where that is the one that lies."""
        if kind is None and of != self._chosen:
            return
        self._chosen = kind
        for name, tile in self.tiles.items():
            tile.setChecked(name == kind)
        self.looker.enlarge(kind)
        self.overlay.show_look(None if kind is None else self.found.get(kind))

    def _on_look(self, look: Look) -> None:
        self.found[look.kind] = look
        tile = self.tiles[look.kind]
        tile.setIcon(_icon(look))
        tile.setEnabled(True)
        if look.kind == self._chosen:
            self.overlay.show_look(look)
        if look.kind == "edges":
            left, _, right, _ = look.extent
            share = look.values.shape[1] / (right - left)
            key = "structure.scale.full" if share == 1 else "structure.scale"
            self.scale.setText(t(key, percent=f"{share:.1%}".replace(".0%", "%")[:-1]))

    def _on_lost(self, kind: Kind) -> None:
        self.found.pop(kind, None)
        tile = self.tiles[kind]
        tile.setIcon(_icon(None))
        tile.setEnabled(False)
        if kind == self._chosen:
            self.overlay.show_look(None)

    def _on_setting(self, setting: str, _value: object) -> None:
        if setting == "structure.smoother":
            chosen = self._settings.get(setting)
            self.smoothers.setCurrentIndex(self.smoothers.findData(chosen))
            for name, dial in self._lambdas.items():
                dial.setVisible(name == chosen)

    # -- whether anybody looks -----------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks: bring everything up to date."""
        super().showEvent(event)
        self.looker.watch(True)
        self.overlay.show_look(None if self._chosen is None else self.found.get(self._chosen))
        self.watched.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is computed, nothing lies over the photo."""
        super().hideEvent(event)
        self.looker.watch(False)
        self.overlay.show_look(None)
        self.watched.emit(False)


def _tip(words: str) -> str:
    """A sentence for photographers, then one for researchers."""
    return f"<p>{t(f'{words}.tip')}</p><p><i>{t(f'{words}.science')}</i></p>"


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName("heading")
    return label


def _icon(look: Look | None) -> QIcon:
    """A small picture of a map on black; an empty one without."""
    picture = QPixmap(_SIZE)
    picture.fill(Qt.GlobalColor.black if look is not None else Qt.GlobalColor.transparent)
    icon = QIcon(picture)
    if look is not None:
        from app.ui.widgets.thumbnails import pixmap

        picture = pixmap(look.small)
        icon = QIcon(picture)
        icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon
