"""Contact sheets: close-ups of fills side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.file_names import show_name
from inpaint_core.contract.geometry import Rect
from inpaint_core.lab.evaluation.photo_scoring import ScoredPhoto
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.lab.evaluation.scores import Scores

WIDTH = 2400
ROWS = 12
GAP = 6
CAPTION = 34
LARGEST, SMALLEST = 400, 120
WIDEST_PAGE = 1600
HOLE_COLOUR = (255, 0, 200)

_Cell = tuple[Composite | None, str, str]
"""Picture (None where there is none), title and note."""


def cell_side(columns: int) -> int:
    """The side in pixels of a square cell with which ``columns`` cells fit the sheet."""
    return min(max((WIDTH - GAP) // columns - GAP, SMALLEST), LARGEST)


def find_close_up(hole: BoolMask) -> Rect:
    """The rectangle of a close-up: the hole's box with a margin, square if the photo allows it."""
    whole = Rect.whole(hole.shape)
    box = Rect.bounding(hole)
    box = box.grow(max(16, max(box.w, box.h) // 5))
    side = max(box.w, box.h)
    width, height = min(side, whole.w), min(side, whole.h)
    x = min(max(box.x + (box.w - width) // 2, 0), whole.w - width)
    y = min(max(box.y + (box.h - height) // 2, 0), whole.h - height)
    return Rect(x, y, width, height)


def fit_to_side(image: Composite, side: int) -> Composite:
    """The picture scaled so that its longer side is ``side``."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)


def draw_row(trial: ScoredPhoto, names: Sequence[str]) -> Image.Image:
    """One photo's row: the close-up of the original, the photo with the hole painted and the
    close-up framed, and each candidate's close-up with its main scores.
    """
    side = cell_side(len(names) + 2)
    cells = [
        (None if image is None else fit_to_side(image, side), title, note)
        for image, title, note in _make_cells(trial, names)
    ]
    height = max((p.shape[0] for p, _, _ in cells if p is not None), default=side)
    return _lay_out(cells, len(cells), side, height, 12, 17)


def draw_at_full_size(trial: ScoredPhoto) -> Image.Image | None:
    """Close-ups of one photo at 100 %: the truth, the hole painted and each candidate's fill, in
    rows of at most `WIDEST_PAGE` pixels; None if the photo could not be read.
    """
    if trial.sample is None:
        return None
    truth, hole = trial.sample.truth, trial.sample.hole
    view = find_close_up(hole)
    masked = np.where(hole[..., None], np.array(HOLE_COLOUR, np.uint8), truth)
    cells = [(truth[view.slices], trial.case.name, ""), (masked[view.slices], "hole", "")]
    for name, scores in trial.scores.items():
        note = f"{scores.psnr_hole:.1f} dB, edges {scores.edges:.2f}"  # a cell may be narrow
        cells.append((trial.composites[name][view.slices], name, note))
    columns = max(min((WIDEST_PAGE - GAP) // (view.w + GAP), len(cells)), 1)
    return _lay_out(cells, columns, view.w, view.h, 11, 18)


def _lay_out(
    cells: Sequence[_Cell], columns: int, width: int, height: int, size: int, below: int
) -> Image.Image:
    """Rows of ``columns`` cells for pictures of at most ``width`` x ``height``; notes are written
    in letters of this ``size``, so far ``below`` the top.
    """
    lines = -(-len(cells) // columns)
    page = Image.new(
        "RGB", ((width + GAP) * columns + GAP, (CAPTION + height + GAP) * lines), "white"
    )
    draw = ImageDraw.Draw(page)
    large, small = ImageFont.load_default(15), ImageFont.load_default(size)
    for index, (picture, title, note) in enumerate(cells):
        row, column = divmod(index, columns)
        x, y = GAP + column * (width + GAP), row * (CAPTION + height + GAP)
        draw.text((x, y), show_name(title), "black", large)
        draw.text((x, y + below), note, (90, 90, 90), small)
        if picture is not None:
            page.paste(Image.fromarray(picture), (x, y + CAPTION))
    return page


def _make_cells(trial: ScoredPhoto, names: Sequence[str]) -> list[_Cell]:
    if trial.sample is None:
        return [(None, title, "not scored") for title in (trial.case.name, "mask", *names)]
    truth, hole = trial.sample.truth, trial.sample.hole
    view = find_close_up(hole)
    size = f"{hole.shape[1]}x{hole.shape[0]}, hole {100 * hole.mean():.1f} %"
    cells: list[_Cell] = [
        (truth[view.slices], trial.case.name, size),
        (_paint_hole(truth, hole, view), "mask", "frame = what the others show"),
    ]
    for name in names:
        filled, scores = trial.composites.get(name), trial.scores.get(name)
        if filled is None or scores is None:
            cells.append((None, name, "no fill"))
        else:
            cells.append((filled[view.slices], name, _caption(scores)))
    return cells


def _paint_hole(truth: Composite, hole: BoolMask, view: Rect) -> Composite:
    picture = truth.copy()
    picture[hole] = HOLE_COLOUR
    line = max(1, max(hole.shape) // 200)
    corner = (view.right - 1, view.bottom - 1)
    return np.asarray(cv2.rectangle(picture, (view.x, view.y), corner, (255, 255, 0), line))


def _caption(scores: Scores) -> str:
    seen = "" if scores.features is None else f"  features {scores.features:.2f}"
    return (
        f"patches {scores.patches:.1f}{seen}  sharp {scores.sharpness:.2f}  seam {scores.seam:.2f}"
    )


def stack_pages(strips: Sequence[Image.Image]) -> Iterator[Image.Image]:
    """Stack the rows on pages of `ROWS` photos."""
    for start in range(0, len(strips), ROWS):
        rows = strips[start : start + ROWS]
        page = Image.new("RGB", (max(r.width for r in rows), sum(r.height for r in rows)), "white")
        y = 0
        for row in rows:
            page.paste(row, (0, y))
            y += row.height
        yield page
