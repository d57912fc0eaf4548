from __future__ import annotations

import numpy as np

from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.progress import Progress, ReadPicture


def test_a_preview_reaches_the_listener_from_every_part() -> None:
    heard: list[tuple[FloatImage, float, float]] = []

    def listen(read: ReadPicture, scale: float, white: float) -> None:
        heard.append((read(), scale, white))

    picture = np.zeros((3, 4, 3), np.float32)
    shown = Progress().with_previews(listen)
    for progress in (shown, shown.part(0, 0.5), shown.part(0.5, 1).part(0, 1)):
        progress.preview(lambda: picture, 0.25, 255)
    assert [(found is picture, scale, white) for found, scale, white in heard] == [
        (True, 0.25, 255)
    ] * 3


def test_without_a_listener_no_picture_is_made() -> None:
    def make() -> FloatImage:
        raise AssertionError("made")

    Progress().preview(make, 1)
    shown = Progress().with_previews(lambda read, scale, white: None)
    shown.part(0, 1).with_previews(None).part(0, 1).preview(make, 1)


def test_where_previews_go_changes_nothing_else() -> None:
    said: list[float] = []
    progress = Progress(lambda fraction, text: said.append(fraction)).part(0.5, 1)
    other = progress.with_previews(lambda read, scale, white: None)
    other.report(0.5)
    progress.report(0)
    assert said == [0.75, 0.75]
    progress.cancel()
    assert other.is_cancelled
