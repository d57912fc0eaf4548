"""One figure of a paper in the panel: picture or animation, numbers, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QLabel, QScrollArea, QSizePolicy, QWidget

from app.configuration.text import t
from app.ui.panels.features.layers_page import LayerPlot, PlotLine
from app.ui.theme import theme
from app.ui.widgets.layouts import lay_out_column
from app.ui.widgets.panel_parts import WrappedLabel, make_tip
from inpaint_core.contract.message import Message

if TYPE_CHECKING:
    from inpaint_core.inspection.figures.paper_figure import PaperFigure, PaperSpec

_FRAME_TIME = 700  # ms
_ROOM = 0.9  # of the screen for a picture in full size
# Readable on the background of each theme; dashes tell them apart as well.
_DARK = ("#f0a24a", "#5fa8e8", "#9ccf6a", "#d79be8")
_LIGHT = ("#9c4a00", "#12569c", "#3d6b12", "#7a3f94")
_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)


@dataclass(frozen=True, eq=False)
class ShownFigure:
    """A figure as images: its ``title`` and two explanations, or one sentence that says why there
    is none; ``images`` are one picture, the frames of an animation, or none.
    """

    title: str
    plain: str
    exact: str
    images: tuple[QImage, ...]
    figure: PaperFigure


def prepare_figures(spec: PaperSpec, figures: Sequence[PaperFigure]) -> list[ShownFigure]:
    """The figures of a paper as images; run on a lane."""
    import numpy as np

    from app.ui.painting import qimage

    shown = []
    for each, figure in zip(spec.figures, figures, strict=True):
        title = t.message(Message(f"papers.{figure.id}"))
        if each.numbers:
            title += f" · {t.message(Message('figures.page.figure', numbers=each.numbers))}"
        if figure.missing is not None:
            shown.append(ShownFigure(title, t.message(figure.missing), "", (), figure))
            continue
        pictures = figure.frames or (() if figure.sheet is None else (figure.sheet,))
        shown.append(
            ShownFigure(
                title,
                t.message(Message(f"papers.{figure.id}.plain")),
                " ".join(t.message(message) for message in _explain(figure)),
                tuple(qimage.from_rgb(np.asarray(picture)) for picture in pictures),
                figure,
            )
        )
    return shown


def _explain(figure: PaperFigure) -> tuple[Message, ...]:
    """What a figure means exactly, and what is special about this drawing of it."""
    exact = Message(f"papers.{figure.id}.exact")
    return (exact,) if figure.note is None else (exact, figure.note)


class FigureView(QWidget):
    """Shows a figure."""

    def __init__(self, shown: ShownFigure) -> None:
        super().__init__()
        title = WrappedLabel(shown.title)
        title.setObjectName("heading")
        plain, exact = WrappedLabel(shown.plain), WrappedLabel(shown.exact)
        font = exact.font()
        font.setItalic(True)
        exact.setFont(font)
        exact.setVisible(bool(shown.exact))
        self.picture = FigurePicture(shown.title, shown.images)
        self.picture.setVisible(bool(shown.images))
        self.plot = LayerPlot()
        self.plot.setMinimumHeight(200)
        self.plot.setToolTip(f"<p>{shown.plain}</p><p><i>{shown.exact}</i></p>")
        self.plot.setVisible(bool(shown.figure.rows))
        self._title, self._figure = shown.title, shown.figure
        self._draw_plot()
        lay_out_column(self, title, self.picture, self.plot, plain, exact, spacing=5)

    def changeEvent(self, event: QEvent) -> None:
        """Lines in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_plot()

    def _draw_plot(self) -> None:
        if not self._figure.rows:
            return
        colours = _DARK if theme.current_theme().dark else _LIGHT
        looks = zip(colours, _DASHES, strict=True)
        lines = [
            PlotLine(t.message(row.name), *look, row.values)
            for row, look in zip(self._figure.rows, looks, strict=False)
        ]
        self.plot.show_lines("", self._figure.columns, lines)
        self.plot.setAccessibleName(self._title)


class FigurePicture(QWidget):
    """A picture as wide as there is room, or the frames of an animation in turn. A click shows it
    in full size.
    """

    def __init__(self, title: str, images: Sequence[QImage]) -> None:
        super().__init__()
        self._images, self._frame = tuple(images), 0
        self.setAccessibleName(title)
        self.setToolTip(make_tip("figure"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self, interval=_FRAME_TIME)
        self._timer.timeout.connect(self._show_next)
        if len(self._images) > 1:
            self._timer.start()

    @property
    def image(self) -> QImage:
        """The picture, or the frame of the animation, that is shown."""
        return self._images[self._frame] if self._images else QImage()

    def sizeHint(self) -> QSize:
        """As wide as the panel may become, and as high as the picture is then."""
        return QSize(300, self._height(max(self.width(), 1)))

    def _height(self, width: int) -> int:
        size = self.image.size()
        shown = min(width, size.width())
        return 0 if size.isEmpty() else round(shown * size.height() / size.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the picture."""
        super().resizeEvent(event)
        self.setFixedHeight(self._height(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture."""
        image = self.image
        if image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        width = min(self.width(), image.width())
        painter.drawImage(QRectF(0, 0, width, self.height()), image)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the picture in full size."""
        if event.button() == Qt.MouseButton.LeftButton and self._images:
            show_in_full_size(self, self.accessibleName(), self.image)

    def _show_next(self) -> None:
        self._frame = (self._frame + 1) % len(self._images)
        self.update()


def show_in_full_size(parent: QWidget, title: str, image: QImage) -> QDialog:
    """Open a window with a picture pixel by pixel, which scrolls where the screen is too small."""
    dialog = QDialog(parent.window())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    label = QLabel()
    label.setPixmap(QPixmap.fromImage(image))
    label.setAccessibleName(title)
    area = QScrollArea()
    area.setWidget(label)
    lay_out_column(dialog, area)
    room = parent.screen().availableSize() * _ROOM
    dialog.resize((image.size() + QSize(4, 4)).boundedTo(room))
    dialog.show()
    return dialog
