"""Shows a variation in the photo while somebody points at it in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from app.configuration.text import t
from app.session.controller import Controller
from app.session.session import Session
from app.ui.canvas.canvas import Canvas
from app.ui.painting.view_transform import ViewPosition

if TYPE_CHECKING:
    from app.document.document import Document
    from app.document.layer_tiles import LayerChange
    from app.session.variations import Variations


class VariationPreview(QObject):
    """Shows variations of the current photo on the canvas, in place and, as the settings say, at
    100 %; the document stays as it is, and so does the view afterwards.
    """

    def __init__(self, controller: Controller, canvas: Canvas) -> None:
        super().__init__()
        self._controller = controller
        self._canvas = canvas
        self._session: Session | None = None  # whose variation is shown
        self._views: tuple[ViewPosition, ViewPosition] | None = None  # before, and now

    @Slot(object)
    def show(self, index: int | None) -> None:
        """Show that variation; None: the photo as it is."""
        session = self._controller.current
        if index is None or session is None or session.variations is None:
            self._end()
            return
        document, variations, fill = session.document, session.variations, session.running_fill
        is_filling = fill is not None and fill.frozen_request is not None
        if document.is_editing or is_filling:
            return  # the canvas shows something that is being made
        if self._session is not session:
            self._end()
            self._session = session
            session.changed.connect(self._on_change)
        self._canvas.clear_preview()
        if variations.find_shown(document) != index:
            self._draw(document, variations, index)
        canvas, rect = self._canvas, variations.rect
        if self._controller.settings.get("fill.variations_full") and canvas.zoom < 1:
            before = canvas.view_position()
            x, y = rect.x + rect.w / 2, rect.y + rect.h / 2
            canvas.restore_view(ViewPosition(1.0, x, y, fitted=False))
            self._views = (before, canvas.view_position())

    def _draw(self, document: Document, variations: Variations, index: int) -> None:
        from app.document.restoration import Colours

        shown, rect = Colours(*variations.show(document, variations.fills[index])), variations.rect
        if variations.find_shown(document) is not None:
            shown = document.show_restored(rect, shown)
        label = t("canvas.variation", number=index + 1)
        self._canvas.hide_mask(rect, variations.mask.over)
        self._canvas.show_variation(rect, shown.pixels, shown.alpha, label)

    def _end(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        session.changed.disconnect(self._on_change)
        views, self._views = self._views, None
        if session is not self._controller.current:
            return  # the canvas shows another photo by now
        self._canvas.clear_preview()
        if views is not None and self._canvas.view_position() == views[1]:
            self._canvas.restore_view(views[0])  # unless somebody has moved on from there

    def _on_change(self, change: LayerChange) -> None:
        if change.layer == "history":
            self._canvas.clear_preview()  # the photo is not what it was any more
