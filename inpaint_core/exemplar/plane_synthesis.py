"""Planes in perspective: filled as seen from straight ahead, carried back to the photo.

A patch that is moved in the photo keeps its size and its angles, and the texture of a plane in
perspective does not. So the hole is filled in a rectified view of the plane, and what was found
there, from where each pixel is copied, is carried back through the homography (after Huang, Kang,
Ahuja, Kopf, "Image Completion using Planar Structure Guidance", 2014). The photo is read once,
between its pixels: warping the rectified fill back would blur it twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress, ReadPicture
from inpaint_core.contract.request import View
from inpaint_core.exemplar.coarse_to_fine import CoarseToFineFill
from inpaint_core.exemplar.pyramid import build_pyramid, find_whole_patches
from inpaint_core.exemplar.seam_levelling import level_seams
from inpaint_core.exemplar.thread_team import ThreadTeam
from inpaint_core.perspective.plane_parts import PlanePart, find_plane_parts
from inpaint_core.perspective.rectification import (
    STRETCH,
    Rectification,
    find_clean,
    place_view,
    read_between,
)
from inpaint_core.perspective.vanishing_points import Floats

RADIUS = 3
LEAST_PATCHES = 200  # to copy from in a rectified view

BLUR_STEP = 1.5
"""What is seen smaller in the hole than where it is copied from is read from a blurred photo; each
of these is for places this much smaller than the one before."""
_MOST_BLURRED = 3
_STRIP = 256  # rows
_MARGIN = 16  # pixels around places that are read from a blurred photo
_PREVIEW_SIDE = 512  # pixels of a preview of the view

FINDING = 0.05  # share of the work of a fill

CONTINUED = Message("engine.planes_continued")
WITHOUT_SOURCES = Message("engine.plane_without_sources")
UNSURE = Message("engine.planes_unsure")
MISSED = Message("engine.planes_miss_hole")

_Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class PlaneFill:
    """``image`` (h, w, 3) in [0, 1] with the pixels ``filled`` (h, w) put in; ``offsets``
    (h, w, 2) int32, order dy, dx, lead from these to the pixels nearest to where they were read.
    ``done``: the share of the work of filling the whole hole.
    """

    image: FloatImage
    filled: BoolMask
    offsets: NDArray[np.int32]
    notes: tuple[Message, ...]
    done: float


def fill_planes(view: View, progress: Progress) -> PlaneFill:
    """Fill the parts of the hole of ``view`` that lie on its planes: those given, or those found in
    the photo that are sure enough. Raises `Cancelled`.
    """
    shape = view.hole.shape
    image, filled, done = view.image, np.zeros(shape, bool), 0
    size = max(int(np.count_nonzero(view.hole)), 1)
    offsets, notes = np.zeros((*shape, 2), np.int32), list[Message]()
    if view.planes or view.perspective != "off":
        progress.report(0, Message("engine.finding_planes"))
        found = find_plane_parts(view, progress)
        notes += [UNSURE] * found.is_unsure + [MISSED] * bool(view.planes and not found.is_reached)
        for part in found.parts:
            begin, done = done, done + int(np.count_nonzero(part.hole))
            own = progress.part(*(FINDING + (1 - FINDING) * n / size for n in (begin, done)))
            made = _fill_part(view, part, own)
            if made is None:
                notes += [WITHOUT_SOURCES] if part.plane.is_given else []
                continue
            if not filled.any():
                image = image.copy()
            at = made.rows, made.columns
            image[at], offsets[at], filled[at] = made.colours, made.offsets, True
            notes.append(CONTINUED)
    share = FINDING + (1 - FINDING) * done / size
    return PlaneFill(image, filled, offsets, tuple(dict.fromkeys(notes)), share)


@dataclass(frozen=True, eq=False)
class _PartFill:
    """The ``rows`` and ``columns`` (n,) of the pixels of a part, their ``colours`` (n, 3) and
    ``offsets`` (n, 2), order dy, dx, to the pixels nearest to where they were read.
    """

    rows: _Indices
    columns: _Indices
    colours: FloatImage
    offsets: _Indices


def _fill_part(view: View, part: PlanePart, progress: Progress) -> _PartFill | None:
    """Fill a part of the hole of ``view``; None where there is too little to copy from. Raises
    `Cancelled`.
    """
    source = view.source & part.plane.find_pixels(view.hole.shape) & _find_unstretched(part)
    source = find_clean(source)
    if not source.any():
        return None
    placed = place_view(part.scales, part.hole, source)
    flat, outside = _rectify(view, part, placed, source)
    if np.count_nonzero(find_whole_patches(flat.source, RADIUS)) < LEAST_PATCHES:
        return None
    levels = build_pyramid(flat, RADIUS, progress)
    shown = progress.with_previews(partial(_preview_from_ahead, part, placed, progress))
    with ThreadTeam(progress) as team:
        fill = CoarseToFineFill(levels, RADIUS, view.seed, team)
        fill.fill_to(0, shown)
        offsets = fill.pick_offsets()
    return _carry_back(view, part, placed, source, flat, outside, offsets, progress)


def _preview_from_ahead(
    part: PlanePart,
    placed: Rectification,
    progress: Progress,
    read: ReadPicture,
    scale: float,
    white: float,
) -> None:
    """Pass on a preview of the rectified view as one of the view itself, of this ``part`` only."""
    height, width = part.hole.shape
    reduced = min(1.0, _PREVIEW_SIDE / max(height, width))

    def carry_back() -> FloatImage:
        size = max(round(height * reduced), 1), max(round(width * reduced), 1)
        rows, columns = (np.indices(size) + 0.5) / reduced - 0.5
        inside = part.hole[
            np.minimum(np.rint(rows).astype(int), height - 1),
            np.minimum(np.rint(columns).astype(int), width - 1),
        ]
        u, v = placed.to_plane(columns[inside], rows[inside])
        out = np.full((*size, 3), np.nan, np.float32)
        x, y = ((each + 0.5) * scale - 0.5 for each in (u, v))
        out[inside] = read_between(np.ascontiguousarray(read()), x, y, cv2.INTER_LINEAR)
        return out

    progress.preview(carry_back, reduced, white)


def _find_unstretched(part: PlanePart) -> BoolMask:
    """The pixels (h, w) of the plane that are not seen from too far away to be copied from."""
    height, width = part.hole.shape
    out = np.zeros((height, width), bool)
    line, x = part.plane.horizon, np.arange(width, dtype=float)[None]
    for top in range(0, height, _STRIP):  # a large view has no room for all figures at once
        y = np.arange(top, min(top + _STRIP, height), dtype=float)[:, None]
        seen = line[0] * x + line[1] * y + line[2] > 0
        stretch = np.maximum(*part.scales.measure(x, y))
        out[top : top + _STRIP] = seen & (stretch < STRETCH)
    return out


def _rectify(
    view: View, part: PlanePart, placed: Rectification, source: BoolMask
) -> tuple[View, BoolMask]:
    """The plane from straight ahead, and where that is outside of the photo. Such places near the
    hole count as hole, so that patches there can lie wholly in the view.
    """
    height, width = view.hole.shape
    v, u = np.mgrid[: placed.shape[0], : placed.shape[1]].astype(float)
    x, y, seen = placed.to_view(u, v)
    inside = seen & (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    x, y = np.where(inside, x, 0), np.where(inside, y, 0)
    column, row = np.rint(x).astype(int), np.rint(y).astype(int)
    # What is read between a known pixel and one of the hole is not known.
    box = np.ones((3, 3), np.uint8)
    unknown, own = (cv2.dilate(m.astype(np.uint8), box) > 0 for m in (view.hole, part.hole))
    hole, own = inside & unknown[row, column], inside & own[row, column]
    reach = 4 * RADIUS + math.sqrt(np.count_nonzero(own)) / 4
    away = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    hole |= ~inside & (away <= reach)
    image = read_between(view.image, x, y, cv2.INTER_LINEAR)
    image[hole | ~inside] = 0
    allowed = inside & source[row, column] & ~hole
    return View(image=image, hole=hole, source=allowed, seed=view.seed), ~inside


def _carry_back(
    view: View,
    part: PlanePart,
    placed: Rectification,
    source: BoolMask,
    flat: View,
    outside: BoolMask,
    offsets: NDArray[np.int32],
    progress: Progress,
) -> _PartFill:
    rows, columns = np.nonzero(part.hole)
    u, v = placed.to_plane(columns.astype(float), rows.astype(float))
    at = np.rint(v).astype(int), np.rint(u).astype(int)
    made = flat.hole[at]  # not where the view was reduced so much that the hole's edge is known
    rows, columns, u, v, at = (
        rows[made],
        columns[made],
        u[made],
        v[made],
        (at[0][made], at[1][made]),
    )
    dv, du = offsets[at].T
    x, y = _find_places(placed, source, (u + du, v + dv), (at[1] + du, at[0] + dv))
    colours = _read_sources(view.image, source, x, y, _measure_reduction(part, columns, rows, x, y))
    change = _measure_levelling(flat, outside, offsets, progress)
    colours = np.clip(colours + read_between(change, u, v, cv2.INTER_LINEAR), 0, 1)
    moves = np.stack([np.rint(y).astype(int) - rows, np.rint(x).astype(int) - columns], axis=1)
    return _PartFill(rows, columns, np.asarray(colours, np.float32), moves)


def _measure_levelling(
    flat: View, outside: BoolMask, offsets: NDArray[np.int32], progress: Progress
) -> FloatImage:
    """What levelling the seams changes in the rectified fill, (h, w, 3). What lies ``outside`` of
    the photo stays as it was copied, so that colours cannot drift where nothing else holds them.
    """
    copied = flat.image.copy()
    y, x = np.nonzero(flat.hole)
    copied[y, x] = flat.image[y + offsets[y, x, 0], x + offsets[y, x, 1]]
    levelled = level_seams(copied, flat.hole & ~outside, offsets, progress)
    return np.asarray(levelled - copied, np.float32)


def _find_places(
    placed: Rectification,
    source: BoolMask,
    exact: tuple[Floats, Floats],
    whole: tuple[_Indices, _Indices],
) -> tuple[Floats, Floats]:
    """Where the photo is read: at the ``exact`` places of the rectified view where only sources are
    read there, otherwise at its ``whole`` pixels, where that is so by construction.
    """
    x, y, _ = placed.to_view(*exact)
    other_x, other_y, _ = placed.to_view(whole[0].astype(float), whole[1].astype(float))
    column, row = np.rint(x).astype(int), np.rint(y).astype(int)
    inside = (column >= 0) & (row >= 0) & (column < source.shape[1]) & (row < source.shape[0])
    allowed = inside & source[np.where(inside, row, 0), np.where(inside, column, 0)]
    return np.where(allowed, x, other_x), np.where(allowed, y, other_y)


def _measure_reduction(
    part: PlanePart, columns: _Indices, rows: _Indices, x: Floats, y: Floats
) -> Floats:
    """How many times smaller the plane is seen at the pixels than at the places ``x``, ``y``."""
    here, there = (
        np.sqrt(np.multiply(*part.scales.measure(*at)))
        for at in ((columns.astype(float), rows.astype(float)), (x, y))
    )
    return np.asarray(here / np.maximum(there, 1e-9))


def _read_sources(
    image: FloatImage, source: BoolMask, x: Floats, y: Floats, reduction: Floats
) -> FloatImage:
    """The colours (n, 3) at the places, of sources only, without detail finer than their pixels
    can show.
    """
    level = np.rint(np.log(np.maximum(reduction, 1)) / math.log(BLUR_STEP)).astype(int)
    level = np.minimum(level, _MOST_BLURRED)
    colours = np.zeros((x.size, image.shape[2]), np.float32)
    for number in range(_MOST_BLURRED + 1):
        own = level == number
        if own.any():
            left, top = (max(int(at[own].min()) - _MARGIN, 0) for at in (x, y))
            right, bottom = (int(at[own].max()) + _MARGIN + 1 for at in (x, y))
            near = image[top:bottom, left:right]
            if number > 0:
                near = _blur_sources(near, source[top:bottom, left:right], BLUR_STEP**number)
            colours[own] = read_between(near, x[own] - left, y[own] - top)
    return colours


def _blur_sources(image: FloatImage, source: BoolMask, reduction: float) -> FloatImage:
    """``image`` as blurred as one that is ``reduction`` times smaller, of ``source`` only."""
    weight = source.astype(np.float32)
    sigma = 0.5 * math.sqrt(reduction**2 - 1)
    planes = np.dstack([image * weight[..., None], weight])
    soft = cv2.GaussianBlur(planes, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(soft[..., :3] / np.maximum(soft[..., 3:], 1e-6), np.float32)
