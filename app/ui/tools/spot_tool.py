"""The tool that finds dust on the sensor and blemishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

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
    from inpaint_core.selection.spots import Spot

_REACH = 14.0  # logical pixels around a click in which a spot is looked for
_STEADY = 6.0  # logical pixels: a shorter drag is a click with a shaky hand
_LEAST_RADIUS = 0.5  # pixels
_OWN_RADIUS = 6.0  # logical pixels: of a spot where nothing is found


class SpotTool(FindingTool):
    """Finds spots when it is picked; the setting “spots.sensitivity” says how faint ones count.

    A click beside all marks adds one. A drag moves the mark that it begins on; with Shift, it sets
    how large the mark is. ``list_others``: the pixels of other photos of the same
    shoot; a spot that they have at the same place is surer.
    """

    id = "spots"
    history_key = "history.spots"

    def __init__(
        self,
        document: Document,
        settings: Settings,
        lane: Lane,
        list_others: Callable[[], list[Pixels]],
    ) -> None:
        super().__init__(document, settings, lane)
        self._list_others = list_others
        self._spots: list[Spot] = []
        self._shown: dict[Spot, Proposal] = {}  # by their spot, to keep what was ticked off
        self._own: list[Proposal] = []  # added by a click
        self._drawn: dict[Proposal, Spot] = {}  # where each of them was put
        self._held: tuple[Proposal, Spot, PointerState] | None = None  # as a press began
        self._is_dragging = False
        settings.changed.connect(self._on_setting)

    def begin(self) -> None:
        """Search at once."""
        self.find()

    def find(self) -> None:
        """Search the photo, and others of the same size that are open."""
        pixels, others = self.document.pixels, self._list_others()
        self.run_search(
            lambda progress: find_confirmed_spots(pixels, others, progress),
            self._on_spots,
            t("tools.spots.searching"),
        )
        self.proposal_changed.emit()

    def click_beside(self, pointer: PointerState) -> None:
        """Search for the spot under the click and add it; where there is none, a round mark."""
        from inpaint_core.selection.spots import find_spot_at

        height, width = self.document.shape
        if self.is_searching or not (0 <= pointer.x < width and 0 <= pointer.y < height):
            return
        scale = 1.0 if self.canvas is None else self.canvas.view_at(pointer.at).scale
        pixels, x, y, reach = self.document.pixels, pointer.x, pointer.y, _REACH / scale
        radius = max(_OWN_RADIUS / scale, 2.0)
        self.run_search(
            lambda progress: find_spot_at(pixels, x, y, reach, progress),
            partial(self._on_clicked, x, y, radius),
        )

    def _on_clicked(self, x: float, y: float, radius: float, found: Spot | None) -> None:
        from inpaint_core.selection.spots import Spot

        spot = Spot(x, y, radius, 0.0, 1.0) if found is None else found
        mark = spot.draw(self.document.shape)
        if mark is not None:
            self._own.append(self._make_proposal(spot, mark))
            self._show()

    def show_proposals(self, proposals: list[Proposal]) -> None:
        """Show ``proposals``; without any, the spots are forgotten."""
        if not proposals:
            self._spots, self._shown, self._own, self._drawn = [], {}, [], {}
        super().show_proposals(proposals)

    def _on_spots(self, spots: list[Spot]) -> None:
        self._spots, self._shown, self._own, self._drawn = spots, {}, [], {}
        self._show()
        if not self.proposals:
            self._spots = spots  # the slider may still bring some up
            self.tell_nothing_found()

    def _show(self) -> None:
        """Show the spots that are sure enough, and those added by hand."""
        from inpaint_core.selection.spots import least_certainty

        least = least_certainty(float(self.settings.get("spots.sensitivity")))
        found = []
        for spot in self._spots:
            if spot.certainty < least:
                break  # they are sorted
            if spot not in self._shown:
                mark = spot.draw(self.document.shape)
                if mark is None:
                    continue
                self._shown[spot] = self._make_proposal(spot, mark)
            found.append(self._shown[spot])
        spots, shown, own, drawn = self._spots, self._shown, self._own, self._drawn
        self.show_proposals([*found, *own])
        self._spots, self._shown, self._own, self._drawn = spots, shown, own, drawn

    def _make_proposal(self, spot: Spot, mark: Mark) -> Proposal:
        proposal = Proposal(mark, make_path(mark))
        self._drawn[proposal] = spot
        return proposal

    # -- moving marks --------------------------------------------------------------------------

    @property
    def hint(self) -> str:
        """As of other marks, and how they are moved."""
        if self.is_searching or not self.proposals:
            return super().hint
        ticked = sum(proposal.is_ticked for proposal in self.proposals)
        return t("tools.spots.found", ticked=ticked, count=len(self.proposals))

    def press(self, pointer: PointerState) -> None:
        """A click, a box, or a drag of a mark begins."""
        super().press(pointer)
        hit = self.find_mark(pointer)
        self._held = None if hit is None else (hit, self._drawn[hit], pointer)
        self._is_dragging = False

    def move(self, pointer: PointerState) -> None:
        """Drag the mark, or the box."""
        if self._held is None:
            super().move(pointer)
            return
        proposal, spot, start = self._held
        way = pointer.at - start.at
        self._is_dragging = self._is_dragging or max(abs(way.x()), abs(way.y())) >= _STEADY
        if not self._is_dragging:
            return
        if pointer.is_straight:
            radius = max(spot.measure_away((pointer.x, pointer.y)), _LEAST_RADIUS)
            self._put(proposal, replace(spot, radius=radius))
        else:
            x, y = spot.x + pointer.x - start.x, spot.y + pointer.y - start.y
            self._put(proposal, replace(spot, x=x, y=y))

    def finish(self) -> None:
        """Keep the mark where it was dragged to; else as a click or a box."""
        was_dragging, self._held, self._is_dragging = self._is_dragging, None, False
        if was_dragging:
            self.drop_box()
        else:
            super().finish()

    def cancel(self) -> bool:
        """Put a dragged mark back; else as with other marks."""
        held, was_dragging = self._held, self._is_dragging
        self._held, self._is_dragging = None, False
        if held is None or not was_dragging:
            return super().cancel()
        self.drop_box()
        self._put(held[0], held[1])
        return True

    def _put(self, proposal: Proposal, spot: Spot) -> None:
        """Draw a mark elsewhere or larger, if that is in the photo."""
        mark = spot.draw(self.document.shape)
        if mark is not None:
            self.request_repaint([proposal.path.boundingRect().center()], proposal.mark.rect.w)
            proposal.mark, proposal.path = mark, make_path(mark)
            self._drawn[proposal] = spot
            self.request_repaint([proposal.path.boundingRect().center()], mark.rect.w)

    @Slot(str, object)
    def _on_setting(self, setting: str, _value: object) -> None:
        if setting == "spots.sensitivity" and (self._spots or self._own):
            self._show()


def find_confirmed_spots(pixels: Pixels, others: list[Pixels], progress: Progress) -> list[Spot]:
    """The spots of ``pixels`` (H, W, 3), surer where ``others`` of its shape have them too."""
    from inpaint_core.selection.spots import confirm_spots, find_spots

    share = 1 / (1 + len(others))
    own = find_spots(pixels, progress.part(0, share))
    found = [
        find_spots(other, progress.part(share * (k + 1), share * (k + 2)))
        for k, other in enumerate(others)
    ]
    return confirm_spots(own, found, max(pixels.shape[:2]))
