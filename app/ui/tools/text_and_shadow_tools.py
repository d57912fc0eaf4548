"""The tools that find writing, and the shadow of what is masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.configuration.text import t
from app.ui.tools.finding_tool import FindingTool
from app.ui.tools.tool import PointerState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.progress import Progress
    from inpaint_core.selection.mark import Mark


class TextTool(FindingTool):
    """Finds dates, signs and watermarks when it is picked; a click beside all marks, again."""

    id = "text"
    history_key = "history.text"

    def begin(self) -> None:
        """Search at once."""
        self.find()

    def find(self) -> None:
        """Search the photo for writing."""
        from inpaint_core.selection.text_marks import find_text

        pixels = self.document.pixels
        self.run_search(
            lambda progress: find_text(pixels, progress),
            self._on_marks,
            t("tools.text.searching"),
        )
        self.proposal_changed.emit()

    def click_beside(self, pointer: PointerState) -> None:
        """Search again where nothing is shown."""
        if not self.proposals and not self.is_searching:
            self.find()

    def _on_marks(self, marks: list[Mark]) -> None:
        from inpaint_core.selection.text_marks import SURE

        if marks:
            self.propose(marks, SURE)
        else:
            self.tell_nothing_found()


class ShadowTool(FindingTool):
    """Finds the shadow beside what is masked when it is picked; a click beside it, again."""

    id = "shadow"
    history_key = "history.shadow"
    _has_mask = True  # as far as known

    @property
    def hint(self) -> str:
        """To mask something first, where nothing is."""
        if self.is_searching or self.proposals or self._has_mask:
            return super().hint
        return t("tools.shadow.empty_hint")

    def begin(self) -> None:
        """Search at once, if something is masked."""
        self._has_mask = self.document.has_painted("mask")
        if self._has_mask:
            self.find()

    def tell_missing(self) -> None:
        """Say that something must be masked first."""
        if not self._has_mask:
            self.notice_posted.emit(t("tools.shadow.empty"), t("tools.shadow.empty_hint"))

    def find(self) -> None:
        """Search beside the mask as it is now."""
        pixels, mask = self.document.pixels, self.document.mask
        self.run_search(
            lambda progress: _search_beside(pixels, mask, progress),
            self._on_mark,
            t("tools.shadow.searching"),
        )
        self.proposal_changed.emit()

    def click_beside(self, pointer: PointerState) -> None:
        """Search again where nothing is shown."""
        if not self.proposals and not self.is_searching:
            self.begin()
            self.tell_missing()

    def _on_mark(self, mark: Mark | None) -> None:
        if mark is None:
            self.tell_nothing_found()
        else:
            self.propose([mark])


def _search_beside(pixels: Pixels, mask: NDArray[np.uint8], progress: Progress) -> Mark | None:
    """The shadow beside ``mask`` (H, W), which is copied here and not where the window waits: a
    stroke that arrives meanwhile can only change where the search begins.
    """
    from inpaint_core.selection.cast_shadow import find_cast_shadow

    return find_cast_shadow(pixels, mask.copy(), progress)
