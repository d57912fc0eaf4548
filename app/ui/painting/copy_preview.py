"""What would be copied, where it would be put."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QTransform

from app.ui.painting import qimage
from app.ui.painting.view_transform import ViewTransform
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.document.retouching.copy_placement import CopyPlacement
    from app.ui.painting.document_picture import DocumentPicture

_OPACITY = 0.9  # so that what lies under it can be guessed


def paint_copy(
    painter: QPainter,
    view: ViewTransform,
    picture: DocumentPicture,
    placement: CopyPlacement,
    outline: QPainterPath,
) -> None:
    """Paint what ``placement`` copies into the ``outline``, which is one of the photo.

    It is read from the level of the picture that the view shows, in screen colours; what lies
    beyond the photo is left out.
    """
    bounds = outline.boundingRect()
    reach = Rect.from_bounds(
        int(bounds.left()) - 1,
        int(bounds.top()) - 1,
        int(bounds.right()) + 2,
        int(bounds.bottom()) + 2,
    )
    level = min(view.level, picture.levels - 1)
    cell = 2**level
    wanted = placement.find_bounds(reach).grow(cell)
    height, width = picture.level_size(level)
    source = Rect.from_bounds(
        wanted.x // cell, wanted.y // cell, -(-wanted.right // cell), -(-wanted.bottom // cell)
    ).intersect(Rect(0, 0, width, height))
    if source.is_empty:
        return
    if picture.has_alpha:
        shown = picture.colours.to_screen(picture.read(level, source))
        image = qimage.from_rgba(shown, picture.read_alpha(level, source))
    else:
        image = picture.colours.to_image(picture.read(level, source))
    (a, b, c), (d, e, f) = placement.matrix
    to_source = QTransform(a, d, b, e, c, f)  # Qt multiplies rows
    from_source, is_possible = to_source.inverted()
    if not is_possible:
        return
    corner, far = view.to_widget(QPointF(0, 0)), view.to_widget(QPointF(1, 1))
    to_widget = QTransform(far.x() - corner.x(), 0, 0, far.y() - corner.y(), corner.x(), corner.y())
    placed = QTransform(cell, 0, 0, cell, source.x * cell, source.y * cell)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, view.zoom < 2)
    painter.setClipPath(view.map_path(outline), Qt.ClipOperation.IntersectClip)
    painter.setOpacity(_OPACITY)
    painter.setTransform(placed * from_source * to_widget, combine=True)
    painter.drawImage(QPointF(0, 0), image)
    painter.restore()
