"""How well objects are selected by clicks, by the network and without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.geometry import Rect
from inpaint_core.lab.objects.click_simulation import choose_click, overlap
from inpaint_core.object_selection.network import ObjectNetwork
from inpaint_core.object_selection.object_finder import ObjectFinder
from inpaint_core.object_selection.pointing import Click, Pointing

Picture = NDArray[np.uint8]
Select = Callable[[Pointing], BoolMask]
"""The region (H, W) that is meant by clicks."""

_ITERATIONS = 5
_MARGIN = 0.04  # of the object's sides: between it and a box that is drawn around it
_DISC = 0.02  # of the picture's longer side: what a click surely lies on


def score_clicks(select: Select, truth: BoolMask, clicks: int = 3) -> list[float]:
    """The overlap (intersection over union) with ``truth`` (H, W) after each of ``clicks`` clicks,
    the first into the middle of it, the next ones into the middle of the largest error.
    """
    pointing, found = Pointing(), np.zeros_like(truth)
    scores: list[float] = []
    for _ in range(clicks):
        click = choose_click(found, truth)
        if click is not None:
            pointing = pointing.add(Click(click[0], click[1], click[2] > 0))
            found = select(pointing)
        scores.append(overlap(found, truth))
    return scores


def select_with_network(picture: Picture, network: ObjectNetwork) -> Select:
    """The editor's way."""
    finder = ObjectFinder(picture, network)

    def select(pointing: Pointing) -> BoolMask:
        out = np.zeros(picture.shape[:2], bool)
        found = finder.find(pointing)
        if found is not None:
            rect, strength = finder.refine(found)
            out[rect.slices] = strength > 127
        return out

    return select


def select_with_grabcut(picture: Picture) -> Select:
    """GrabCut from clicks alone: discs around them are known, as is the picture's rim."""

    def select(pointing: Pointing) -> BoolMask:
        height, width = picture.shape[:2]
        labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
        rim = max(2, round(_DISC * max(height, width)))
        radius = round(_DISC * max(height, width))
        for click in pointing.clicks:  # first of all, what is near may be the object
            if click.is_wanted:
                cv2.circle(labels, _at(click), 8 * radius, cv2.GC_PR_FGD, -1)
        for side in (labels[:rim], labels[-rim:], labels[:, :rim], labels[:, -rim:]):
            side[:] = cv2.GC_BGD
        for click in pointing.clicks:
            colour = cv2.GC_FGD if click.is_wanted else cv2.GC_BGD
            cv2.circle(labels, _at(click), radius, colour, -1)
        found = _run_grabcut(picture, labels)
        parts = cv2.connectedComponents(found.astype(np.uint8))[1]
        wanted = {int(parts[_at(c)[::-1]]) for c in pointing.clicks if c.is_wanted} - {0}
        return np.asarray(np.isin(parts, list(wanted)), np.bool_)

    return select


def select_in_box(picture: Picture, truth: BoolMask) -> BoolMask:
    """GrabCut from a box around the object, as its authors propose."""
    box = box_around(truth)
    labels = np.full(truth.shape, cv2.GC_BGD, np.uint8)
    labels[box.slices] = cv2.GC_PR_FGD
    return _run_grabcut(picture, labels)


def box_around(truth: BoolMask) -> Rect:
    """The box that a person would draw around ``truth``."""
    tight = Rect.bounding(truth)
    margin = max(2, round(_MARGIN * max(tight.w, tight.h)))
    return tight.grow(margin).intersect(Rect.whole(truth.shape))


def mean_scores(rows: Sequence[Sequence[float]]) -> list[float]:
    """The mean of each column."""
    return [round(float(value), 4) for value in np.mean(rows, axis=0)]


def _at(click: Click) -> tuple[int, int]:
    return int(click.x), int(click.y)


def _run_grabcut(picture: Picture, labels: NDArray[np.uint8]) -> BoolMask:
    known = [(labels == each).any() for each in (cv2.GC_BGD, cv2.GC_PR_BGD)]
    if not any(known) or not np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).any():
        return np.zeros(labels.shape, bool)
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, labels, (0, 0, 0, 0), *models, _ITERATIONS, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
