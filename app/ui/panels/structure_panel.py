"""The Structure panel: the priors that a structure network reads, and the edges it completed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QIcon, QPixmap, QShowEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from app.configuration.settings import Settings
from app.configuration.text import strip_access_key, t
from app.inspection.prior_maps import PRIOR_KINDS, THUMBNAIL_SIZE, PriorKind, PriorMap, map_semantic
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.overlays.prior_preview import PriorOverlay, PriorPreview
from app.ui.panels.panel_docks import NARROWEST
from app.ui.widgets.layouts import lay_out_column, make_label, make_scroll_area
from app.ui.widgets.panel_parts import WrappedLabel
from app.ui.widgets.setting_fields import follow_setting, make_choice_field
from app.ui.widgets.setting_slider import SettingSlider
from app.ui.widgets.thumbnails import make_untinted_icon, to_pixmap
from app.workers.jobs import Lane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.document.layer_tiles import LayerChange
    from inpaint_core.contract.geometry import Rect

_SIZE = QSize(*THUMBNAIL_SIZE)
_COLUMNS = 3


class StructurePanel(QWidget):
    """The Structure panel, which computes nothing while hidden. ``watched(bool)``: it was shown or
    hidden. ``look_asked()``: inspect the last fill with a network.

    ``plan`` is the action that shows on the photo what the fill sees; ``guides`` are those that
    load and remove a semantic map, for which there are buttons as long as they can be triggered.
    """

    watched = Signal(bool)
    look_asked = Signal()

    def __init__(
        self,
        canvas: Canvas,
        settings: Settings,
        lane: Lane,
        plan: QAction,
        guides: Sequence[QAction],
    ) -> None:
        super().__init__()
        self._canvas, self._settings = canvas, settings
        self._session: Session | None = None
        self._chosen: PriorKind | None = None
        self._is_map_stale = False
        self.maps: dict[PriorKind, PriorMap] = {}
        self.preview = PriorPreview(canvas, settings, lane)
        self.overlay = PriorOverlay(settings)
        canvas.add_overlay(self.overlay)
        self.tiles = {kind: self._tile(kind) for kind in PRIOR_KINDS}
        self.dials: list[SettingSlider] = []
        self._lambdas = {
            "l0": self._dial("l0", 3, logarithmic=True),
            "rtv": self._dial("rtv", 4, logarithmic=True),
        }
        self._guides = guides
        self._build(plan, guides)
        for guide in guides:
            guide.changed.connect(self._show_semantic_tile)
        self._show_semantic_tile()
        self.preview.map_ready.connect(self._on_look)
        self.preview.map_failed.connect(self._on_lost)
        follow_setting(self, "structure.smoother", settings, self._show_smoother)

    def event(self, event: QEvent) -> bool:
        """Be as wide as what is in it needs, which is more with larger letters."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._align_dials()
            self.setMinimumWidth(max(NARROWEST, self.area.minimumSizeHint().width()))
        return super().event(event)

    def _align_dials(self) -> None:
        widest = max(dial.label.sizeHint().width() for dial in self.dials)
        for dial in self.dials:
            dial.label.setFixedWidth(widest)

    # -- layout --------------------------------------------------------------------------------

    def _build(self, plan: QAction, guides: Sequence[QAction]) -> None:
        grid = QGridLayout()
        grid.setSpacing(2)
        for index, kind in enumerate(PRIOR_KINDS):
            grid.addWidget(self.tiles[kind], index // _COLUMNS, index % _COLUMNS)
        self.why = WrappedLabel()
        self.why.hide()
        self.look = QPushButton(t("structure.look"))
        self.look.setToolTip(_tip("structure.look"))
        self.look.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Its text must not widen the panel.
        self.look.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.look.clicked.connect(self.look_asked)
        self.look.hide()
        self.scale = make_label(wraps=True)
        self.smoothers = make_choice_field("structure.smoother", self._settings, "")
        self.smoothers.setAccessibleName(t("structure.smooth"))
        self.smoothers.setToolTip(_tip("structure.smoother"))
        button = self._action_button(plan)
        self.guide_buttons = [_make_guide_button(action) for action in guides]
        inner = QWidget()
        column = lay_out_column(
            inner,
            grid,
            *self.guide_buttons,
            self.why,
            self.look,
            self.scale,
            self._dial("opacity", 0, "%"),
            make_label(t("structure.edges"), "heading"),
            self._dial("sigma", 1, "px"),
            self._dial("low", 2, logarithmic=True),
            self._dial("high", 2, logarithmic=True),
            make_label(t("structure.smooth"), "heading"),
            self.smoothers,
            *self._lambdas.values(),
            4,
            button,
            None,
            margins=(6, 6, 6, 8),
            spacing=6,
        )
        column.setAlignment(button, Qt.AlignmentFlag.AlignHCenter)
        field = max(dial.field.width() for dial in self.dials)
        for dial in self.dials:
            dial.field.setFixedWidth(field)
        self._align_dials()
        self.area = make_scroll_area(inner)
        lay_out_column(self, self.area)
        self.setFocusProxy(self.tiles["edges"])

    def _tile(self, kind: PriorKind) -> QToolButton:
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

    def _dial(
        self, name: str, decimals: int, unit: str = "", logarithmic: bool = False
    ) -> SettingSlider:
        key = f"structure.{name}"
        look: dict[str, Any] = {"unit": unit, "logarithmic": logarithmic, "decimals": decimals}
        dial = SettingSlider(self._settings, key, t(key), _tip(key), slider=84, **look)
        dial.left.connect(self._canvas.setFocus)
        self.dials.append(dial)
        return dial

    def _action_button(self, action: QAction) -> QToolButton:
        """A button that triggers ``action``, with a tip of its own."""
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

    # -- showing maps --------------------------------------------------------------------------

    def show_photo(self, session: Session | None) -> None:
        """Show the maps of another photo."""
        if self._session is not None:
            self._session.changed.disconnect(self._on_change)
        self._session = session
        self.maps.clear()
        self.overlay.show_map(None)
        for tile in self.tiles.values():
            tile.setIcon(_icon(None))
            tile.setEnabled(False)
        self.preview.show_photo(session)
        self.show_reason("", False)
        self.show_completed(None if session is None else session.completed_edges)
        self._show_semantic()
        if session is not None:
            session.changed.connect(self._on_change)

    def _on_change(self, change: LayerChange) -> None:
        self._is_map_stale |= change.layer == "semantic"
        if change.layer == "history" and self._is_map_stale:
            was_there = "semantic" in self.maps
            self._show_semantic()
            if not was_there and "semantic" in self.maps and self.isVisible():
                self.choose("semantic")

    def _show_semantic_tile(self) -> None:
        """Show the tile only where there is a map, or an engine that needs one."""
        self.tiles["semantic"].setVisible(any(guide.isEnabled() for guide in self._guides))

    def _show_semantic(self) -> None:
        """Show the semantic map of the photo, if it has one."""
        self._is_map_stale = False
        session = self._session
        if session is not None and session.document.has_semantic:
            self._on_look(map_semantic(session.document.semantic))
        else:
            self._on_lost("semantic")

    def show_completed(self, edges: tuple[Rect, NDArray[Any]] | None) -> None:
        """Show the edges (h, w) that a network completed in a rectangle of the photo; None if no
        network made the last fill.
        """
        if edges is not None:
            self.preview.map_completed_edges(*edges)
        else:
            self.preview.cancel_map("completed")
            self._on_lost("completed")

    def show_reason(self, reason: str, can_look: bool) -> None:
        """Say why no edges were completed, "" = nothing; ``can_look``: offer to use a network."""
        self.why.show_text(reason)
        self.why.setVisible(bool(reason))
        self.look.setVisible(bool(reason) and can_look)

    def choose(self, kind: PriorKind | None, previous: PriorKind | None = None) -> None:
        """Lay a map over the photo; None removes ``previous``, if that is the one shown."""
        if kind is None and previous != self._chosen:
            return
        self._chosen = kind
        for name, tile in self.tiles.items():
            tile.setChecked(name == kind)
        self.preview.enlarge(kind)
        self.overlay.show_map(None if kind is None else self.maps.get(kind))

    def _on_look(self, look: PriorMap) -> None:
        self.maps[look.kind] = look
        tile = self.tiles[look.kind]
        tile.setIcon(_icon(look))
        tile.setEnabled(True)
        if look.kind == self._chosen and self.isVisible():
            self.overlay.show_map(look)
        if look.kind == "edges":
            left, _, right, _ = look.extent
            share = look.values.shape[1] / (right - left)
            key = "structure.scale.full" if share == 1 else "structure.scale"
            self.scale.setText(t(key, percent=f"{share:.1%}".replace(".0%", "%")[:-1]))

    def _on_lost(self, kind: PriorKind) -> None:
        self.maps.pop(kind, None)
        tile = self.tiles[kind]
        tile.setIcon(_icon(None))
        tile.setEnabled(False)
        if kind == self._chosen:
            self.overlay.show_map(None)

    def _show_smoother(self, chosen: str) -> None:
        for name, dial in self._lambdas.items():
            dial.setVisible(name == chosen)

    # -- visibility ----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Bring everything up to date."""
        super().showEvent(event)
        self.preview.watch(True)
        self.overlay.show_map(None if self._chosen is None else self.maps.get(self._chosen))
        self.watched.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Compute nothing and remove the overlay while hidden."""
        super().hideEvent(event)
        self.preview.watch(False)
        self.overlay.show_map(None)
        self.watched.emit(False)


def _make_guide_button(action: QAction) -> QPushButton:
    """A button that triggers ``action``, and is there as long as it can be triggered."""
    button = QPushButton()
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def follow() -> None:
        button.setText(strip_access_key(action.text()))  # its access key is a menu's
        button.setIcon(action.icon())
        science = t("structure.semantic.science")
        button.setToolTip(f"{action.toolTip()}<p><i>{science}</i></p>")
        if button.parent() is not None or not action.isEnabled():  # else it would be a window
            button.setVisible(action.isEnabled())

    follow()
    action.changed.connect(follow)
    button.clicked.connect(action.trigger)
    return button


def _tip(words: str) -> str:
    """A sentence for photographers, then one for researchers."""
    return f"<p>{t(f'{words}.tip')}</p><p><i>{t(f'{words}.science')}</i></p>"


def _icon(look: PriorMap | None) -> QIcon:
    """A thumbnail of a map; an empty one for None."""
    if look is not None:
        return make_untinted_icon(to_pixmap(look.small))
    picture = QPixmap(_SIZE)
    picture.fill(Qt.GlobalColor.transparent)
    return QIcon(picture)
