"""The contact sheet: fills side by side, close enough to see them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inpaint_core.contract import BoolMask
from inpaint_core.evaluation.metrics import Composite
from inpaint_core.evaluation.scores import Scores
from inpaint_core.evaluation.trial import Trial
from inpaint_core.geometry import Rect

WIDTH = 2400
ROWS = 12
GAP = 6
CAPTION = 34
LARGEST, SMALLEST = 400, 120
PAINT = (255, 0, 200)


def cell_side(columns: int) -> int:
    """The side of a square cell in pixels, so that a row of so many fits the sheet."""
    return min(max((WIDTH - GAP) // columns - GAP, SMALLEST), LARGEST)


def window(hole: BoolMask) -> Rect:
    """What a close-up shows: the hole's box and some more, square where the photo allows it."""
    whole = Rect.whole(hole.shape)
    box = Rect.bounding(hole)
    box = box.grow(max(16, max(box.w, box.h) // 5))
    side = max(box.w, box.h)
    width, height = min(side, whole.w), min(side, whole.h)
    x = min(max(box.x + (box.w - width) // 2, 0), whole.w - width)
    y = min(max(box.y + (box.h - height) // 2, 0), whole.h - height)
    return Rect(x, y, width, height)


def fitted(image: Composite, side: int) -> Composite:
    """The picture scaled to fit a square cell, on grey."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    cell = np.full((side, side, 3), 64, np.uint8)
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    cell[top : top + size[1], left : left + size[0]] = cv2.resize(image, size, interpolation=method)
    return cell


def strip(trial: Trial, names: Sequence[str]) -> Image.Image:
    """One photo's row: the close-up of the original, the photo with the hole painted and the
    close-up framed, and each candidate's close-up with its main scores.
    """
    side = cell_side(len(names) + 2)
    row = Image.new("RGB", ((side + GAP) * (len(names) + 2) + GAP, side + CAPTION + GAP), "white")
    draw = ImageDraw.Draw(row)
    large, small = ImageFont.load_default(15), ImageFont.load_default(12)
    scores = {r.candidate: r.scores for r in trial.rows}
    cells: list[tuple[Composite | None, str, str]] = [(None, name, "no fill") for name in names]
    originals: list[tuple[Composite | None, str, str]] = [(None, trial.case.name, "not scored")]
    if trial.sample is not None:
        truth, hole = trial.sample.truth, trial.sample.hole
        view = window(hole)
        height, width = hole.shape
        share = f"{width}x{height}, hole {100 * hole.mean():.1f} %"
        originals = [
            (truth[view.slices], trial.case.name, share),
            (_masked(truth, hole, view), "mask", "frame = what the others show"),
        ]
        for index, name in enumerate(names):
            if name in trial.composites:
                close = trial.composites[name][view.slices]
                cells[index] = (close, name, _caption(scores[name]))
    for index, (image, title, note) in enumerate(originals + cells):
        x = GAP + index * (side + GAP)
        draw.text((x, 0), title, "black", large)
        draw.text((x, 17), note, (90, 90, 90), small)
        if image is not None:
            row.paste(Image.fromarray(fitted(image, side)), (x, CAPTION))
    return row


def _masked(truth: Composite, hole: BoolMask, view: Rect) -> Composite:
    picture = truth.copy()
    picture[hole] = PAINT
    line = max(1, max(hole.shape) // 200)
    corner = (view.right - 1, view.bottom - 1)
    return np.asarray(cv2.rectangle(picture, (view.x, view.y), corner, (255, 255, 0), line))


def _caption(scores: Scores | None) -> str:
    if scores is None:
        return ""
    seen = "" if scores.features is None else f"  features {scores.features:.2f}"
    return (
        f"patches {scores.patches:.1f}{seen}  sharp {scores.sharpness:.2f}  seam {scores.seam:.2f}"
    )


def write_pages(strips: Sequence[Image.Image], folder: Path) -> list[Path]:
    """Write the rows as ``sheet-1.png`` .., `ROWS` photos a page; returns the paths."""
    paths = []
    for start in range(0, len(strips), ROWS):
        rows = strips[start : start + ROWS]
        page = Image.new("RGB", (max(r.width for r in rows), sum(r.height for r in rows)), "white")
        y = 0
        for row in rows:
            page.paste(row, (0, y))
            y += row.height
        paths.append(folder / f"sheet-{start // ROWS + 1}.png")
        page.save(paths[-1])
    return paths
