"""Beside the filmstrip: its order, and which photos it shows."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

from app.configuration.settings import SETTINGS
from app.configuration.text import t
from app.session.library.folder_walk import FolderWalk
from app.session.library.star_ratings import MOST_STARS
from app.ui.widgets.layouts import lay_out_column
from app.ui.widgets.setting_fields import follow_setting, make_check_box


class FilmstripFilters(QWidget):
    """The order, the least stars and the marks of the photos that ``walk`` shows, and whether those
    of sub-folders are among them.
    """

    def __init__(self, walk: FolderWalk) -> None:
        super().__init__()
        self._walk = walk
        self.order, self.stars, self.marks = QComboBox(), QComboBox(), QComboBox()
        for order in SETTINGS["folder.sort"].choices:
            self.order.addItem(t(f"folder.sort.{order}"), order)
        self.stars.addItem(t("folder.stars.any"), 0)
        for stars in range(1, MOST_STARS + 1):
            least = stars < MOST_STARS
            text = t("folder.stars.least", stars="★" * stars) if least else "★" * stars
            self.stars.addItem(text, stars)
        for marks in ("all", "retouched", "untouched"):
            self.marks.addItem(t(f"folder.marks.{marks}"), marks)
        self.deep = make_check_box("folder.deep", walk.settings, t("folder.deep"))
        self.deep.setToolTip(t("actions.folder.deep.tip"))
        for box, name in ((self.order, "sort"), (self.stars, "stars"), (self.marks, "marks")):
            box.setToolTip(t(f"folder.{name}.tip"))
            box.setAccessibleName(t(f"folder.{name}.tip"))
        follow_setting(self.order, "folder.sort", walk.settings, self._show_order)
        self.order.currentIndexChanged.connect(self._sort)
        for box in (self.stars, self.marks):
            box.currentIndexChanged.connect(self._filter)
        lay_out_column(
            self,
            *(self.order, self.stars, self.marks, self.deep, None),
            margins=(6, 4, 6, 2),
            spacing=3,
        )

    def _show_order(self, order: str) -> None:
        self.order.setCurrentIndex(self.order.findData(order))

    def _sort(self) -> None:
        self._walk.settings.set("folder.sort", self.order.currentData())

    def _filter(self) -> None:
        self._walk.set_filter(self.stars.currentData(), self.marks.currentData())
