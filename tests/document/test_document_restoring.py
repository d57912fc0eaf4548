from __future__ import annotations

from collections import Counter

import numpy as np

from app.document.document import Document
from app.document.history_snapshot import restore_edits
from app.document.layer_tiles import LayerChange
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo
from inpaint_core.project.model import Edit, Part

SHAPE = (300, 600)


def opened() -> Document:
    return Document(Photo(np.zeros((*SHAPE, 3), np.uint8)))


def painted(count: int) -> tuple[Edit, ...]:
    """Edits of one pixel each, in rows from the upper left corner."""
    return tuple(
        Edit(
            "history.brush",
            (("mask", Part.of(Rect(at % 600, at // 600, 1, 1), np.full((1, 1), 255, np.uint8))),),
        )
        for at in range(count)
    )


def test_many_edits_are_restored_with_few_announcements() -> None:
    document = opened()
    seen: list[LayerChange] = []
    document.subscribe(seen.append)
    restore_edits(document, painted(1500), 1400)
    assert document.history.position == 1400
    assert len(document.history.entries) == 1500
    assert np.count_nonzero(document.mask) == 1400
    assert len(seen) < 500
    document.go_to(0)
    assert not document.mask.any()


def test_what_is_announced_together_covers_all_that_was_changed() -> None:
    document = opened()
    shown, counts = np.zeros(SHAPE, np.uint8), Counter[str]()

    def show(change: LayerChange) -> None:
        counts[change.layer] += 1
        assert not document.is_editing
        if change.layer == "mask":
            shown[change.rect.slices] = document.mask[change.rect.slices]

    document.subscribe(show)
    with document.announce_together():
        for x, y in ((3, 3), (590, 290), (3, 290), (300, 100), (300, 100)):
            with document.edit("history.brush") as editing:
                editing.write("mask", Rect(x, y, 5, 5), np.full((5, 5), y // 2, np.uint8))
        assert not counts
    assert np.array_equal(shown, document.mask)
    assert counts["history"] == 1


def test_after_an_error_inside_what_was_changed_is_announced() -> None:
    document = opened()
    seen: list[LayerChange] = []
    document.subscribe(seen.append)
    try:
        with document.announce_together():
            with document.edit("history.brush") as editing:
                editing.write("mask", Rect(0, 0, 2, 2), np.full((2, 2), 9, np.uint8))
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert [change.layer for change in seen] == ["mask", "history"]
