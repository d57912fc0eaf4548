"""Contact sheets: close-ups of fills side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inpaint_core.contract.arrays import BoolMask
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
    cells = _cells(trial, names)
    pictures = [None if image is None else fit_to_side(image, side) for image, _, _ in cells]
    height = max((p.shape[0] for p in pictures if p is not None), default=side)
    row = Image.new("RGB", ((side + GAP) * len(cells) + GAP, CAPTION + height + GAP), "white")
    draw = ImageDraw.Draw(row)
    large, small = ImageFont.load_default(15), ImageFont.load_default(12)
    for index, ((_, title, note), picture) in enumerate(zip(cells, pictures, strict=True)):
        x = GAP + index * (side + GAP)
        draw.text((x, 0), title, "black", large)
        draw.text((x, 17), note, (90, 90, 90), small)
        if picture is not None:
            row.paste(Image.fromarray(picture), (x, CAPTION))
    return row


def draw_at_full_size(trial: ScoredPhoto, names: Sequence[str]) -> Image.Image | None:
    """Close-ups of one photo at 100 %: the truth, the hole painted and each candidate's fill, in
    rows of at most `WIDEST_PAGE` pixels; None if the photo could not be read.
    """
    if trial.sample is None:
        return None
    truth, hole = trial.sample.truth, trial.sample.hole
    view = find_close_up(hole)
    masked = np.where(hole[..., None], np.array(HOLE_COLOUR, np.uint8), truth)
    shown = {trial.case.name: truth, "hole": masked, **trial.composites}
    scores = {row.candidate: row.scores for row in trial.rows}
    titles = [trial.case.name, "hole", *(name for name in names if name in trial.composites)]
    columns = max(min((WIDEST_PAGE - GAP) // (view.w + GAP), len(titles)), 1)
    lines = -(-len(titles) // columns)
    size = ((view.w + GAP) * columns + GAP, (CAPTION + view.h + GAP) * lines)
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    large, small = ImageFont.load_default(15), ImageFont.load_default(11)
    for index, title in enumerate(titles):
        row, column = divmod(index, columns)
        x, y = GAP + column * (view.w + GAP), row * (CAPTION + view.h + GAP)
        draw.text((x, y), title, "black", large)
        draw.text((x, y + 18), _short_caption(scores.get(title)), (90, 90, 90), small)
        page.paste(Image.fromarray(shown[title][view.slices]), (x, y + CAPTION))
    return page


def _short_caption(scores: Scores | None) -> str:
    """Scores for a possibly narrow cell."""
    return "" if scores is None else f"{scores.psnr_hole:.1f} dB, edges {scores.edges:.2f}"


def _cells(trial: ScoredPhoto, names: Sequence[str]) -> list[tuple[Composite | None, str, str]]:
    """Picture, title and note of every cell; None where there is no picture."""
    if trial.sample is None:
        titles = [trial.case.name, "mask", *names]
        return [(None, title, "not scored") for title in titles]
    truth, hole = trial.sample.truth, trial.sample.hole
    view = find_close_up(hole)
    size = f"{hole.shape[1]}x{hole.shape[0]}, hole {100 * hole.mean():.1f} %"
    cells: list[tuple[Composite | None, str, str]] = [
        (truth[view.slices], trial.case.name, size),
        (_paint_hole(truth, hole, view), "mask", "frame = what the others show"),
    ]
    scores = {row.candidate: row.scores for row in trial.rows}
    for name in names:
        filled = trial.composites.get(name)
        if filled is None:
            cells.append((None, name, "no fill"))
        else:
            cells.append((filled[view.slices], name, _caption(scores[name])))
    return cells


def _paint_hole(truth: Composite, hole: BoolMask, view: Rect) -> Composite:
    picture = truth.copy()
    picture[hole] = HOLE_COLOUR
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
