"""Finds the object that a person points at: first small, then close to it, then at full size."""

from __future__ import annotations

import math
from collections import OrderedDict

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage, Pixels
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.object_selection.network import MULTIPLE, ObjectFeatures, ObjectNetwork, Prompt
from inpaint_core.object_selection.pointing import Click, FoundObject, Pointing
from inpaint_core.photo.photo import as_pixels
from inpaint_core.raster.edge_refinement import refine_edge
from inpaint_core.selection.grey import to_eight_bits

_FIRST_SIDE, _SIDE = 256, 384  # pixels of the longer side of a view, for one click and for more
_CLOSE_SIDE = 320  # and of a view of the object
_AROUND = 0.35  # of the object's longer side: what a close view shows around it
_CLOSE = 0.5  # a close view is worth while if it shows at most this share of the view before
_LARGER = 0.9  # of a view of a part of the photo: an object that covers so much is larger than it
_LEAST_VIEW = 48  # pixels of the photo
_LEAST_LEVEL = 0.2  # the least probability that counts as the object, if a click lies there
_SPLIT = 2  # half the width in samples of what may divide one object, such as a pole before it
_LEAST_PART = 0.02  # of the largest connected part: smaller ones are left out
_LEAST_HOLE = 0.002  # of what lies around the object: smaller holes in it are closed
_DOUBTFUL = 0.2  # probabilities up to this, and from one minus this, are hardly in doubt
_DOUBTFUL_DRAWN = 0.1  # the same of what lies in an outline
_FAINT = 2.0  # a border whose steps are this high on average, in 8-bit levels, is none
_KEPT = 24  # regions of earlier clicks
_KEPT_VIEWS = 6
_REFINED = 160_000  # pixels that the border is fitted at


class ObjectFinder:
    """Finds objects in a photo. What is computed for one click is kept for the next.

    ``pixels`` (H, W, 3) uint8 or uint16; the finder reads them whenever it looks closer, so make
    another one when they have changed. For one thread.
    """

    def __init__(self, pixels: Pixels, network: ObjectNetwork) -> None:
        self._pixels = pixels
        self._network = network
        self._whole = Rect.whole(pixels.shape)
        self._views: OrderedDict[tuple[Rect, int], ObjectFeatures] = OrderedDict()
        self._known: OrderedDict[tuple[Rect, Pointing], FloatImage] = OrderedDict()

    def prepare(self) -> None:
        """Look at the whole photo, so that the first click need not wait for that."""
        for side in (_FIRST_SIDE, _SIDE):
            self._look(self._whole, side)

    def find(
        self, pointing: Pointing, shown: Rect | None = None, progress: Progress | None = None
    ) -> FoundObject | None:
        """The object that is pointed at; None if nothing was found there.

        ``shown``: the part of the photo that the person looks at, which says how small a thing may
        be meant; None: all of it. Raises `Cancelled`.
        """
        progress = progress or Progress()
        if pointing.outline:
            return self._find_around(pointing, progress)
        view = self._choose_view(pointing, shown)
        share = self._follow(view, pointing, progress)
        if view != self._whole:
            wide = self._follow(self._whole, pointing, progress)
            # Of what goes on beyond the view, or is larger than it, the view shows too little.
            is_larger = (_cut(wide, self._whole, view) > 0.5).mean() > _LARGER
            if is_larger or _touches_inner_side(share, view, self._whole):
                view, share = self._whole, wide
        for _ in range(2):  # of a very small object the first close view is still a wide one
            close = self._find_close_view(FoundObject(view, share))
            if close is None:
                break
            progress.check()
            before = _cut(share, view, close)
            share, view = self._ask(close, pointing, before, _CLOSE_SIDE), close
        return self._decide(view, pointing, share)

    def _find_around(self, pointing: Pointing, progress: Progress) -> FoundObject | None:
        """The object in what was drawn around it; clicks beyond that add to it."""
        widened = pointing.widen()
        view = self._choose_view_around(widened)
        if view.is_empty:
            return None
        share = self._follow(view, widened, progress)
        if widened != pointing:
            rest = tuple(click for click in pointing.clicks if not click.is_wanted)
            first = self._follow(view, Pointing(rest, pointing.outline), progress)
            share = np.maximum(share, first)
            depth = cv2.distanceTransform((first > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
            row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
            x = view.x + (float(column) + 0.5) * view.w / depth.shape[1]
            y = view.y + (float(row) + 0.5) * view.h / depth.shape[0]
            widened = widened.add(Click(x, y))  # it stays, also where it lies apart
        return self._decide(view, widened, share)

    def find_in_view(
        self, view: Rect, pointing: Pointing, before: FloatImage
    ) -> FoundObject | None:
        """The object in ``view`` that is pointed at and whose region is about ``before`` (h, w), a
        probability 0 .. 1; None if nothing was found.
        """
        return self._decide(view, pointing, self._ask(view, pointing, before, _CLOSE_SIDE))

    def _decide(self, view: Rect, pointing: Pointing, share: FloatImage) -> FoundObject | None:
        doubtful = _DOUBTFUL_DRAWN if pointing.outline else _DOUBTFUL
        picture = _resize(self._pixels[view.slices], share.shape[::-1])
        share = _follow_colours(share, picture, doubtful)
        share = _keep_parts(share, _list_places(pointing, view, share.shape))
        if pointing.outline and not pointing.clicks and not _stands_out(share, picture):
            return None
        return FoundObject(view, share) if (share > 0.5).any() else None

    def refine(self, found: FoundObject) -> tuple[Rect, NDArray[np.uint8]]:
        """The rectangle that a found region lies in and its strength (h, w) 0 .. 255 there, with
        its border on the photo's edges.
        """
        margin = max(4, round(0.02 * max(found.view.w, found.view.h)))
        rect = found.bounds.grow(margin).intersect(found.view)
        image = self._pixels[rect.slices]
        scale = min(1.0, math.sqrt(_REFINED / rect.area))
        size = max(round(rect.w * scale), 2), max(round(rect.h * scale), 2)
        small = _resize(image, size)
        share = _cut(found.share, found.view, rect, size)
        region = np.asarray(cv2.blur((share > 0.5).astype(np.float32), (3, 3)), np.float32)
        return rect, refine_edge(region, small, image)

    # -- the network -----------------------------------------------------------------------------

    def _look(self, view: Rect, side: int) -> ObjectFeatures:
        """The features of a part of the photo."""
        known = self._views.get((view, side))
        if known is None:
            size = _choose_size(view, side)
            picture = _resize(self._pixels[view.slices], size)
            tensor = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
            with torch.inference_mode():
                known = self._network.encode(tensor.contiguous(memory_format=torch.channels_last))
            self._views[view, side] = known
            while len(self._views) > _KEPT_VIEWS:
                oldest = next(each for each in self._views if each[0] != self._whole)
                del self._views[oldest]
        else:
            self._views.move_to_end((view, side))
        return known

    def _follow(self, view: Rect, pointing: Pointing, progress: Progress) -> FloatImage:
        """What the clicks mean one after the other in a view: each is seen with what the ones
        before it have come to.
        """
        share: FloatImage | None = None
        is_drawn = bool(pointing.outline)
        first = min(len(pointing.clicks), 0 if is_drawn else 1)
        for count in range(first, len(pointing.clicks) + 1):
            progress.check()
            part = Pointing(pointing.clicks[:count], pointing.outline)
            known = self._known.get((view, part))
            if known is None:
                side = _CLOSE_SIDE if is_drawn else _SIDE if count > 1 else _FIRST_SIDE
                known = _clip(self._ask(view, part, share, side), part, view)
                if is_drawn and not count:  # it gets better when it is seen once more
                    known = _clip(self._ask(view, part, known, side), part, view)
                self._known[view, part] = known
                if len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            share = known
        assert share is not None
        return share

    def _ask(
        self, view: Rect, pointing: Pointing, before: FloatImage | None, side: int
    ) -> FloatImage:
        """The probabilities (h, w) in a view, half the size of the picture of it."""
        features = self._look(view, side)
        height, width = features.half.shape[-2:]
        across, down = 2 * width / view.w, 2 * height / view.h
        points = [((c.x - view.x) * across, (c.y - view.y) * down) for c in pointing.clicks]
        signs = [1.0 if click.is_wanted else -1.0 for click in pointing.clicks]
        around = pointing.list_points_beside(view)
        points += [((x - view.x) * across, (y - view.y) * down) for x, y in around]
        signs += [-1.0] * len(around)
        box = (0.0, 0.0, 0.0, 0.0)
        if pointing.box is not None:
            left, top = pointing.box.x - view.x, pointing.box.y - view.y
            right, bottom = left + pointing.box.w, top + pointing.box.h
            box = (left * across, top * down, right * across, bottom * down)
        if before is None:
            before = np.zeros((height, width), np.float32)
        elif before.shape != (height, width):
            before = _cut(before, view, view, (width, height))
        prompt = Prompt(
            torch.tensor([points or [(0.0, 0.0)]]),
            torch.tensor([signs or [0.0]]),
            torch.tensor([box]),
            torch.from_numpy(np.ascontiguousarray(before))[None, None],
        )
        with torch.inference_mode():
            share = torch.sigmoid(self._network.find(features, prompt)).float()
        found: FloatImage = share[0, 0].numpy().copy()
        return _lower_border(found, _list_places(pointing, view, found.shape))

    # -- what is looked at -----------------------------------------------------------------------

    def _choose_view(self, pointing: Pointing, shown: Rect | None) -> Rect:
        """The part of the photo that is looked at first."""
        if shown is None or shown.is_empty:
            return self._whole
        longest = max(shown.w, shown.h)
        view = shown.grow(longest // 8)
        step = max(longest // 8, 1)  # a photo that is moved a little is not looked at again
        view = Rect.from_bounds(
            view.x // step * step,
            view.y // step * step,
            -(-view.right // step) * step,
            -(-view.bottom // step) * step,
        ).intersect(self._whole)
        inside = all(
            view.x <= click.x < view.right and view.y <= click.y < view.bottom
            for click in pointing.clicks
        )
        return view if inside and view.area < 0.6 * self._whole.area else self._whole

    def _choose_view_around(self, pointing: Pointing) -> Rect:
        """What was drawn around an object, clicks beside it, and a little around both."""
        box = pointing.box
        assert box is not None
        for click in pointing.clicks:
            box = box.union(Rect(math.floor(click.x), math.floor(click.y), 1, 1))
        return box.grow(round(_AROUND * max(box.w, box.h, 8))).intersect(self._whole)

    def _find_close_view(self, found: FoundObject) -> Rect | None:
        """A view of the object and a little around it; None where the view is one already."""
        box = found.bounds
        if box.is_empty:
            return None
        longest = max(box.w, box.h, _LEAST_VIEW // 2)
        step = max(longest // 8, 1)
        around = box.grow(round(_AROUND * longest))
        close = Rect.from_bounds(
            around.x // step * step,
            around.y // step * step,
            -(-around.right // step) * step,
            -(-around.bottom // step) * step,
        ).intersect(self._whole)
        view = found.view
        return close if max(close.w, close.h) <= _CLOSE * max(view.w, view.h) else None


def _choose_size(view: Rect, side: int) -> tuple[int, int]:
    """Width and height at which a view is looked at, multiples of `MULTIPLE`."""
    scale = side / max(view.w, view.h)
    width, height = (
        max(round(length * scale / MULTIPLE), 1) * MULTIPLE for length in (view.w, view.h)
    )
    return width, height


def _resize(image: Pixels, size: tuple[int, ...]) -> NDArray[np.uint8]:
    reduces = image.shape[1] > size[0] or image.shape[0] > size[1]
    method = cv2.INTER_AREA if reduces else cv2.INTER_LINEAR
    return to_eight_bits(as_pixels(cv2.resize(image, size, interpolation=method)))


def _cut(
    share: FloatImage, view: Rect, part: Rect, size: tuple[int, int] | None = None
) -> FloatImage:
    """``share`` of a view in a part of the photo, 0 outside the view, at ``size`` (width, height)
    or with pixels as large as they are.
    """
    across, down = share.shape[1] / view.w, share.shape[0] / view.h
    if size is None:
        size = max(round(part.w * across), 2), max(round(part.h * down), 2)
    sx, sy = part.w / size[0] * across, part.h / size[1] * down
    x0, y0 = (part.x - view.x) * across, (part.y - view.y) * down
    matrix = np.array([[sx, 0, x0 + sx / 2 - 0.5], [0, sy, y0 + sy / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    inside = view.contains(part)
    border = cv2.BORDER_REPLICATE if inside else cv2.BORDER_CONSTANT
    return np.asarray(cv2.warpAffine(share, matrix, size, flags=flags, borderMode=border))


def _list_places(pointing: Pointing, view: Rect, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """The rows and columns of the wanted clicks in a map of ``shape`` of the view."""
    places = []
    for click in pointing.clicks:
        row = math.floor((click.y - view.y) / view.h * shape[0])
        column = math.floor((click.x - view.x) / view.w * shape[1])
        if click.is_wanted and 0 <= row < shape[0] and 0 <= column < shape[1]:
            places.append((row, column))
    return places


def _clip(share: FloatImage, pointing: Pointing, view: Rect) -> FloatImage:
    """``share`` of ``view``, 0 outside of what was drawn around the object, if anything was."""
    if not pointing.outline:
        return share
    inside = pointing.draw_outline(view, (share.shape[0], share.shape[1]))
    return np.where(inside, share, np.float32(0))


def _lower_border(share: FloatImage, places: list[tuple[int, int]]) -> FloatImage:
    """``share`` with the border where a click is just inside, if it is not very improbable."""
    level = min((float(share[place]) for place in places), default=0.5)
    level = max(level * 0.9, _LEAST_LEVEL)
    if level >= 0.5:
        return share
    # Probabilities below the level become 0 .. 0.5, others 0.5 .. 1.
    return np.interp(share, [0, level, 1], [0, 0.5, 1]).astype(np.float32)


def _follow_colours(share: FloatImage, picture: NDArray[np.uint8], doubtful: float) -> FloatImage:
    """``share`` (h, w), decided by colours where it is in doubt, between ``doubtful`` and one minus
    that: one round of GrabCut, with the colours of what is hardly in doubt.
    """
    labels = np.where(share > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[share > 1 - doubtful] = cv2.GC_FGD
    labels[share < doubtful] = cv2.GC_BGD
    if not (share > 0.5).any() or (share > 0.5).all():
        return share
    cv2.setRNGSeed(1)  # its first clusters are random
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, labels, (0, 0, 0, 0), *models, 1, cv2.GC_INIT_WITH_MASK)
    is_object = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
    decided = np.where(is_object, np.maximum(share, 0.6), np.minimum(share, 0.4))
    return np.asarray(decided, np.float32)


def _stands_out(share: FloatImage, picture: NDArray[np.uint8]) -> bool:
    """Whether the region has a border that is seen."""
    nearby = np.ones((3, 3), np.uint8)
    border = cv2.morphologyEx((share > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, nearby) > 0
    smooth = cv2.blur(picture, (5, 5))  # without the grain
    steps = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, nearby).max(axis=2)
    return bool(border.any() and steps[border].mean() > _FAINT)


def _keep_parts(share: FloatImage, places: list[tuple[int, int]]) -> FloatImage:
    """``share`` without what lies apart from all clicks, specks and pinholes."""
    region = share > 0.5
    keep = _drop_small(_drop_apart(region, places), _LEAST_PART, places)
    out = np.where(region & ~keep, np.minimum(share, 0.3), share)
    holes = ~_drop_small(~keep, _LEAST_HOLE) & ~keep
    return np.where(holes, 0.8, out).astype(np.float32)


def _drop_apart(region: BoolMask, places: list[tuple[int, int]]) -> BoolMask:
    """``region`` without the parts that neither lie at one of ``places`` nor join, but for narrow
    gaps, those that do.
    """
    if not places:
        return region
    box = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _SPLIT + 1,) * 2)
    grown = cv2.dilate(region.astype(np.uint8), box)
    labels = cv2.connectedComponents(grown, connectivity=4)[1]
    own = {int(labels[place]) for place in places} - {0}
    return region & np.isin(labels, list(own))


def _drop_small(
    region: BoolMask, least: float, places: list[tuple[int, int]] | None = None
) -> BoolMask:
    """``region`` without the parts that are smaller than that share of the largest one, but with
    those at ``places``.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        region.astype(np.uint8), connectivity=4
    )
    if count <= 2:
        return region
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = np.concatenate([[False], areas >= least * areas.max()])
    for place in places or []:
        if region[place]:
            kept[labels[place]] = True
    return np.asarray(kept[labels], np.bool_)


def _touches_inner_side(share: FloatImage, view: Rect, whole: Rect) -> bool:
    """Whether the region comes near a side of the view that is not the photo's: it may go on."""
    region = share > 0.5
    down, across = (max(2, length // 16) for length in region.shape)
    sides = (
        (view.x > whole.x, region[:, :across]),
        (view.y > whole.y, region[:down]),
        (view.right < whole.right, region[:, -across:]),
        (view.bottom < whole.bottom, region[-down:]),
    )
    return any(is_inner and bool(side.any()) for is_inner, side in sides)
