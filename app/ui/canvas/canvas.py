"""The canvas widget: paints the photo, its overlays and the tool, and receives the events."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.configuration.settings import Settings
from app.configuration.text import t
from app.ui.canvas.gestures import Gestures
from app.ui.canvas.split_view import LABELS_HEIGHT
from app.ui.canvas.viewport import Viewport, to_screen_rect, to_widget_rect
from app.ui.painting.overlay import Overlay
from app.ui.theme import theme
from app.ui.tools.tool import Tool
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.document.document import Document
    from app.document.layer_tiles import LayerChange
    from app.ui.canvas.document_scene import DocumentScene
    from app.ui.painting.document_picture import DocumentPicture, PictureState
    from app.ui.painting.pyramid import ByteImage
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.preview import FillPreview

_REACH = 8
"""How far a tool's corners and dots reach around a point, in logical pixels."""


class Canvas(Viewport):
    """Shows a document and passes the pointer to a tool.

    ``hovered(pixel)``: the photo pixel (QPoint) under the pointer, or None.
    ``stroke_finished()``: a tool added something to the mask. ``menu_asked(at)``: the right button
    or the menu key was pressed at a point of the widget (QPointF), while no gesture is under way.
    ``finished()``: what is under way has ended, as something else is about to happen.
    """

    hovered = Signal(object)
    stroke_finished = Signal()
    menu_asked = Signal(object)
    finished = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._scene: DocumentScene | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._previewing = False
        self._variation = ""  # what it is called, while one is shown
        self._percent = 0  # of a running fill
        self._overlays: list[Overlay] = []
        self._gestures = Gestures(self, settings, self.hovered.emit, self.finished.emit)
        settings.changed.connect(self._on_setting)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setAccessibleName(t("canvas.name"))

    # -- what is shown -------------------------------------------------------------------------

    def show_document(self, document: Document | None, picture: DocumentPicture | None) -> None:
        """Show a document, fitted, and follow its changes; None shows nothing.

        A tool for another document is removed.
        """
        if self.tool is not None and self.tool.document is not document:
            self.set_tool(None)
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._scene = self._unsubscribe = None
        self._previewing, self._variation = False, ""
        self.hovered.emit(None)
        if document is not None and picture is not None:
            # Imported here: it loads NumPy and OpenCV.
            from app.ui.canvas.document_scene import DocumentScene

            self._percent = 0
            picture.clear_preview()  # of a fill that ran while another photo was shown
            picture.follow(document)  # before the canvas does, so that it is up to date when drawn
            self._scene = DocumentScene(document, picture)
            self._unsubscribe = document.subscribe(self._on_change)
        self.show_size(QSize() if document is None else QSize(document.shape[1], document.shape[0]))
        self._gestures.show_cursor()

    @property
    def document(self) -> Document | None:
        """The document that is shown."""
        return None if self._scene is None else self._scene.document

    @property
    def scene(self) -> DocumentScene | None:
        """The object that draws the document."""
        return self._scene

    @property
    def picture(self) -> DocumentPicture | None:
        """What is drawn of the document."""
        return None if self._scene is None else self._scene.picture

    def set_tool(self, tool: Tool | None) -> None:
        """Use ``tool`` from now on (None: no tool). What the last one has begun is kept."""
        previous = self.tool
        if previous is tool:
            return
        if previous is not None:
            self._gestures.finish()
            previous.cancel()
            previous.hover(None)
            previous.canvas = None
            previous.repaint_needed.disconnect(self._on_repaint_needed)
            previous.committed.disconnect(self.stroke_finished)
            previous.busy_changed.disconnect(self._on_busy_changed)
        self._gestures.tool = tool
        if tool is not None:
            tool.canvas = self
            tool.repaint_needed.connect(self._on_repaint_needed)
            tool.committed.connect(self.stroke_finished)
            tool.busy_changed.connect(self._on_busy_changed)
            if self.underMouse():
                self._gestures.repeat_hover()
            tool.begin()
        self._gestures.show_cursor()
        self.update()

    @property
    def tool(self) -> Tool | None:
        """The tool in use."""
        return self._gestures.tool

    @property
    def is_busy(self) -> bool:
        """True while a tool is in a gesture; undo has to wait."""
        return self._gestures.current == "tool"

    def point_at(self, at: QPointF) -> None:
        """Tell the tool that the pointer is at a point of the widget."""
        self._gestures.point_at(at)

    def finish(self) -> None:
        """End the gesture and keep what was done: something else is about to happen."""
        self._gestures.finish()
        self.finished.emit()

    def preview(self, rect: Rect, pixels: Pixels) -> None:
        """Show a finished part of a running fill, without changing the document: ``pixels``
        (h, w, 3), at the photo's depth, in ``rect``.
        """
        if self._scene is not None:
            self._scene.picture.preview(rect, pixels)
            self._previewing = True
            self._invalidate(rect)
            self._update_labels()

    def show_variation(self, rect: Rect, pixels: Pixels, alpha: Pixels | None, label: str) -> None:
        """Show another fill in ``rect``, without changing the document, until `clear_preview`:
        ``pixels`` (h, w, 3) and ``alpha`` (h, w), at the photo's depth. ``label`` says what it is.
        """
        if self._scene is not None:
            self._scene.picture.preview(rect, pixels, alpha)
            self._previewing, self._variation = True, label
            self._invalidate(rect)
            self._update_labels()

    @property
    def shows_preview(self) -> bool:
        """Whether parts of a running fill, finished or not, are shown."""
        return self._previewing

    def preview_unfinished(self, preview: FillPreview) -> None:
        """Show what holes look like so far in a running fill, without changing the document."""
        if self._scene is not None and not self._variation:
            self._scene.picture.preview_unfinished(preview)
            if not self._previewing:
                self._previewing = True
                self._update_labels()
            self._invalidate(preview.rect)

    def hide_mask(self, rect: Rect, read: Callable[[Rect], ByteImage]) -> None:
        """Do not draw the mask in ``rect`` where a preview is shown instead, up to the strength
        that ``read(rect)`` returns (h, w): what was painted later is stronger.
        """
        if self._scene is not None and not self._scene.hides_mask(rect):
            self._scene.hide_mask(rect, read(rect))
            self._invalidate(rect)

    def show_mask(self) -> None:
        """Draw all of the mask again."""
        if self._scene is not None:
            self._invalidate(self._scene.show_mask())

    def show_progress(self, fraction: float) -> None:
        """Say with a preview how much of the fill, 0..1, is done."""
        percent = math.floor(fraction * 100)
        if percent != self._percent:
            self._percent = percent
            if self._previewing:
                self._update_labels()

    def _update_labels(self) -> None:
        self.update(0, 0, self.width(), LABELS_HEIGHT)

    def clear_preview(self) -> None:
        """Show the document and its mask again, without what a fill has come to."""
        if self._scene is not None and self._previewing:
            self._previewing, self._variation = False, ""
            self._invalidate(self._scene.picture.clear_preview())
            self.show_mask()
            self._update_labels()
        self._percent = 0

    def add_overlay(self, overlay: Overlay) -> None:
        """Draw ``overlay`` over the photo, above the other overlays and below the tool."""
        self._overlays.append(overlay)
        overlay.changed.connect(self.invalidate_all)
        overlay.repaint_needed.connect(self.update)
        self.invalidate_all()

    # -- drawing -------------------------------------------------------------------------------

    def _on_change(self, change: LayerChange) -> None:
        if self._scene is None:
            return
        if change.layer == "history":
            if self.tool is not None and self.tool.shows_document:
                self.update()
            return
        if self._scene.adopt(change.layer, change.rect):
            self._invalidate(change.rect)

    def _on_busy_changed(self, _busy: bool) -> None:
        self._gestures.show_cursor()

    def _on_setting(self, setting: str, _value: object) -> None:
        if setting.startswith("look."):
            self.invalidate_all()

    def _invalidate(self, rect: Rect) -> None:
        """Redraw ``rect`` of the photo."""
        if rect.is_empty:
            return
        for view in self.views():
            part = view.to_screen(rect)
            self._frame.invalidate(part)
            self.update(to_widget_rect(part, view.ratio))

    def _on_repaint_needed(self, rect: Rect) -> None:
        """Repaint what the tool paints over ``rect`` of the photo, without redrawing the photo."""
        for view in self.views():
            corner = view.to_widget(QPointF(rect.x, rect.y))
            far = view.to_widget(QPointF(rect.right, rect.bottom))
            painted = QRectF(corner, far).toAlignedRect()
            self.update(painted.adjusted(-_REACH, -_REACH, _REACH, _REACH))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the photo from the frame buffer, and over it the overlays and the tool."""
        painter = QPainter(self)
        back = QColor(theme.current_theme().canvas)
        if self._scene is None:
            painter.fillRect(event.rect(), back)
            return
        self.update_layout()
        ratio = self.devicePixelRatioF()
        self._frame.paint(painter, event.region(), ratio, back, self._draw)
        for index, view in enumerate(self.views()):
            painter.save()
            painter.setClipRect(view.pane, Qt.ClipOperation.IntersectClip)
            if not self._shows_original(index):
                for overlay in self._overlays:
                    overlay.paint(painter, view)
            if self.tool is not None:
                self.tool.paint(painter, view)
            painter.restore()
        state = self._variation
        if self._previewing and not state:
            state = t("canvas.preview", percent=self._percent)
        self._split.paint(painter, self.width(), self.height(), state)

    def _draw(self, painter: QPainter, rect: QRect) -> None:
        from app.ui.canvas.document_scene import Pane

        assert self._scene is not None
        colour = QColor(self._settings.get("look.mask_colour"))
        opacity = self._settings.get("look.mask_opacity") / 100
        shows_masks = bool(self._settings.get("look.mask_shown"))
        views = self.views()
        mode, ratio = self._split.mode, views[0].ratio
        parts = [to_screen_rect(view.pane, ratio) for view in views]
        if mode == "split":
            line = round(self._split.line_x(self.width()) * ratio)
            whole = parts[0]
            parts = [
                QRect(QPoint(0, 0), QSize(line, whole.height())),
                QRect(QPoint(line, 0), QSize(whole.width() - line, whole.height())),
            ]
            views = views * 2
        for index, (view, part) in enumerate(zip(views, parts, strict=True)):
            before = self._shows_original(index) or (mode == "split" and index == 0)
            which: PictureState = "before" if before else "preview" if self._previewing else "now"
            pane = Pane(view, part, which, shows_masks and not before)
            self._scene.draw(painter, pane, rect, colour, opacity)
            inside = rect.intersected(part)
            if not before and self._overlays and not inside.isEmpty():
                painter.save()
                painter.setClipRect(inside)
                for overlay in self._overlays:
                    overlay.draw(painter, view, inside)
                painter.restore()
            self._scene.draw_edges(painter, pane, rect)

    def _shows_original(self, index: int) -> bool:
        """True for a pane that shows only the original."""
        mode = self._split.mode
        return mode == "original" or (mode == "side" and index == 0)

    # -- events --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A fitted photo stays fitted."""
        super().resizeEvent(event)
        self.update_layout()

    def event(self, event: QEvent) -> bool:
        """Pass gestures and keys to the tool, and follow a move to another screen."""
        if self._gestures.event(event):
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.update_layout()
            self.invalidate_all()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of theme or language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.invalidate_all()
        elif event.type() == QEvent.Type.LanguageChange:
            self.setAccessibleName(t("canvas.name"))
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor; with Shift, pan sideways."""
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(QPointF((turned.y() + turned.x()) * 0.5, 0))
        elif turned.y():
            self.zoom_step(turned.y() / 120, event.position())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu. With Alt, the right button changes the brush's size."""
        is_sizing = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if self._scene is not None and not self._gestures.current and not is_sizing:
            self.menu_asked.emit(QPointF(event.pos()))
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what the gesture has done."""
        self._gestures.finish()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep what the gesture has done."""
        self._gestures.finish()
        super().hideEvent(event)
