"""The tool for wires, cables and poles: a click follows a line both ways."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.configuration.text import t
from app.ui.tools.finding_tool import FindingTool, Proposal, make_path
from app.ui.tools.tool import PointerState

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.workers.jobs import Lane
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.progress import Progress
    from inpaint_core.selection.mark import Mark
    from inpaint_core.selection.wires import Wire

_REACH = 9.0  # logical pixels around a click in which the line may lie


class WireTool(FindingTool):
    """Adds the line under a click to the mask, as wide as it is; with Alt, erases it.

    Shift-click joins it with the last one; without Shift, lines whose ends face each other join by
    themselves. `find_all` proposes all lines before the sky.
    """

    id = "wires"
    history_key = "history.wires"

    def __init__(self, document: Document, settings: Settings, lane: Lane) -> None:
        super().__init__(document, settings, lane)
        self._last: Wire | None = None

    def find_all(self) -> None:
        """Search for all wires before the sky."""
        self.cancel()
        self.show_proposals([])
        pixels = self.document.pixels
        self.run_search(
            lambda progress: _find_all(pixels, progress), self._on_all, t("tools.wires.searching")
        )
        self.proposal_changed.emit()

    def click_beside(self, pointer: PointerState) -> None:
        """Follow the line under the click."""
        if self.is_searching:
            self.cancel()
        height, width = self.document.shape
        if not (0 <= pointer.x < width and 0 <= pointer.y < height):
            return
        scale = 1.0 if self.canvas is None else self.canvas.view_at(pointer.at).scale
        pixels, last, point = self.document.pixels, self._last, (pointer.x, pointer.y)
        reach, joins = max(_REACH / scale, 3.0), pointer.is_straight

        def search(progress: Progress) -> tuple[Wire, list[Mark]] | None:
            from inpaint_core.selection.wire_joints import follow_and_join

            found = follow_and_join(pixels, point, reach, last, joins, progress)
            if found is None:
                return None
            wire, joint = found
            pieces = [wire] if joint is None else [joint, wire]
            marks = [piece.draw((height, width)) for piece in pieces]
            return wire, [mark for mark in marks if mark is not None]

        self.run_search(search, partial(self._on_followed, pointer.erases))

    def _on_followed(self, erases: bool, found: tuple[Wire, list[Mark]] | None) -> None:
        if found is None or not found[1]:
            self.tell_nothing_found()
            return
        self._last, marks = found
        if self.proposals and not erases:
            added = [Proposal(mark, make_path(mark)) for mark in marks]
            self.show_proposals([*self.proposals, *added])
            return
        rect = marks[0].rect
        for mark in marks[1:]:
            rect = rect.union(mark.rect)
        from inpaint_core.selection.mark import draw_marks_in

        self.apply(rect, draw_marks_in(marks, rect), erases)

    def _on_all(self, marks: list[Mark]) -> None:
        if marks:
            self.propose(marks)
        else:
            self.notice_posted.emit(t("tools.wires.none"), t("tools.wires.none_hint"))


def _find_all(pixels: Pixels, progress: Progress) -> list[Mark]:
    """As `find_wires`, which is imported here and not where the window waits."""
    from inpaint_core.selection.sky_wires import find_wires

    return find_wires(pixels, progress)
